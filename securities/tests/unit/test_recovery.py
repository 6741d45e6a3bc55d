from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from finances.errors import YahooBadResponse
from finances.yahoo.types import Bars, DividendEvent, SplitEvent
from securities.recovery import RawDividend, recover, united
from securities.tests.histories import answer

BEFORE, EX_DATE = date(2020, 8, 28), date(2020, 8, 31)
FOUR_FOR_ONE = SplitEvent(EX_DATE, 4, 1)


def test_recover_undoes_splits_after_the_bar() -> None:
    history = answer({BEFORE: 124.807503, EX_DATE: 129.039993}, splits=(FOUR_FOR_ONE,))

    bars = recover(history).bars

    assert bars.closes.tolist() == [499.23001, 129.03999]
    assert bars.volumes.tolist() == [250, 1000]


def test_recover_undoes_splits_known_from_earlier_answers() -> None:
    assert recover(answer({BEFORE: 124.8075}), [FOUR_FOR_ONE]).bars.closes.tolist() == [499.23]


def test_recover_ignores_a_split_that_is_only_announced() -> None:
    announced = SplitEvent(date(2023, 1, 10), 2, 1)

    assert recover(answer({EX_DATE: 129.04}, splits=(announced,))).bars.closes.tolist() == [129.04]


def test_recover_converts_pence_to_pounds() -> None:
    paid = DividendEvent(EX_DATE, Decimal("4.5"))
    raw = recover(answer({EX_DATE: 115.75}, quote_unit="GBp", dividends=(paid,)))

    assert raw.currency_code == "GBP"
    assert raw.bars.closes.tolist() == [1.1575]
    assert raw.dividends == (RawDividend(EX_DATE, Decimal("0.045"), "ordinary", "GBP", 1.0),)


def test_recover_takes_a_dividends_own_unit() -> None:
    in_pounds = DividendEvent(EX_DATE, Decimal("0.045"), unit="GBP")
    in_dollars = DividendEvent(EX_DATE, Decimal("0.06"), unit="USD")

    raw = recover(answer({EX_DATE: 115.75}, quote_unit="GBp", dividends=(in_pounds, in_dollars)))

    assert [(dividend.amount, dividend.currency_code) for dividend in raw.dividends] == [
        (Decimal("0.045"), "GBP"), (Decimal("0.06"), "USD"),
    ]  # fmt: skip


def test_recover_gives_dividends_per_share_of_their_day() -> None:
    before = DividendEvent(date(2020, 8, 7), Decimal("0.205"))
    on_the_day = DividendEvent(EX_DATE, Decimal("0.205"))

    raw = recover(answer({EX_DATE: 129.04}, splits=(FOUR_FOR_ONE,), dividends=(before, on_the_day)))

    assert [dividend.amount for dividend in raw.dividends] == [Decimal("0.8200"), Decimal("0.2050")]


@pytest.mark.parametrize(
    ("shown", "amount"), [("0.123449", "0.1234"), ("0.12345", "0.1235"), ("0.00004", "0.00004"), ("0.00005", "0.0001")]
)
def test_recover_rounds_dividends_to_four_decimals_and_none_away(shown: str, amount: str) -> None:
    raw = recover(answer({EX_DATE: 1.0}, dividends=(DividendEvent(EX_DATE, Decimal(shown)),)))

    assert [dividend.amount for dividend in raw.dividends] == [Decimal(amount)]


def test_recover_keeps_what_later_dividends_left_of_each_bar() -> None:
    """Adjusted close over close as shown, in the order of the bars, however the splits change them."""
    shown = answer({EX_DATE: 129.04, BEFORE: 124.8075}, splits=(FOUR_FOR_ONE,))
    shown = replace(shown, bars=replace(shown.bars, adjusted=(129.04, 62.40375)))

    payouts = recover(shown).payouts

    assert payouts is not None
    assert payouts.tolist() == [0.5, 1.0]


def test_recover_takes_the_last_of_equal_times_and_names_those_that_differ() -> None:
    column = (5.0, 3.0, 4.0, 5.0)
    bars = Bars((2, 1, 1, 2), column, column, column, column, (7, 8, 9, 7))

    raw = recover(answer({}, bars=bars))

    assert (raw.bars.times.tolist(), raw.bars.closes.tolist(), raw.bars.volumes.tolist()) == (
        [1, 2], [4.0, 5.0], [9, 7],
    )  # fmt: skip
    assert raw.duplicates == (1,)


def test_recover_leaves_void_splits_alone() -> None:
    history = answer({BEFORE: 500.0}, splits=(FOUR_FOR_ONE,))

    raw = recover(history, void_days={EX_DATE})

    assert (raw.splits, raw.bars.closes.tolist()) == ((), [500.0])


def test_the_providers_split_counts_before_the_stored_one_of_the_day() -> None:
    first, second = SplitEvent(EX_DATE, 5, 1), SplitEvent(BEFORE, 2, 1)

    assert united([first], [FOUR_FOR_ONE, second]) == (second, FOUR_FOR_ONE)


def test_recover_marks_the_exchanges_today_as_provisional() -> None:
    # 22:00 UTC on the 28th is still the 28th in New York.
    raw = recover(answer({date(2022, 12, 27): 1.0, date(2022, 12, 28): 2.0}))

    assert [row[-1] for row in raw.rows()] == [False, True]


def test_recover_marks_an_unfinished_hour_as_provisional() -> None:
    hours = [datetime(2022, 12, 28, hour, 30, tzinfo=UTC) for hour in (20, 21)]
    column = (1.0, 2.0)
    bars = Bars(tuple(int(hour.timestamp()) for hour in hours), column, column, column, column, (5, -1))

    raw = recover(answer({}, interval="1h", bars=bars))

    assert [(row[0], row[-2], row[-1]) for row in raw.rows()] == [(hours[0], 5, False), (hours[1], None, True)]


def test_an_intraday_split_stands_at_local_midnight() -> None:
    """19:30 UTC on the eve is before the split, 13:30 UTC on the day after it."""
    hours = [datetime(2020, 8, 28, 19, 30, tzinfo=UTC), datetime(2020, 8, 31, 13, 30, tzinfo=UTC)]
    column = (125.0, 127.5)
    bars = Bars(tuple(int(hour.timestamp()) for hour in hours), column, column, column, column, (4, 4))

    raw = recover(answer({}, interval="1h", bars=bars, splits=(FOUR_FOR_ONE,)))

    assert raw.bars.closes.tolist() == [500.0, 127.5]


def test_recover_takes_a_zero_open_for_a_missing_one() -> None:
    bars = Bars((1,), (0.0,), (0.0,), (0.0,), (1.5,), (1,))

    assert recover(answer({}, bars=bars)).rows()[0][1:6] == (None, None, None, 1.5, 1)


@pytest.mark.parametrize("unit", ["USDT", "CHf", ""])
def test_recover_refuses_what_is_no_currency(unit: str) -> None:
    with pytest.raises(YahooBadResponse, match="which is no currency"):
        recover(answer({EX_DATE: 1.0}, quote_unit=unit))
