from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from math import inf, isnan, nan
from typing import Any

import pandas as pd
import pytest

from finances.yahoo.faults import EmptyAnswer, Garbage
from finances.yahoo.frames import bars_of, dividends_of, read_history, splits_of
from finances.yahoo.types import Bars, DividendEvent, History, SplitEvent

ZONE = "America/New_York"
FETCHED_AT = datetime(2024, 1, 5, tzinfo=UTC)


def seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def frame(rows: Mapping[str, list[float]]) -> pd.DataFrame:
    """Local times to [open, high, low, close, volume]."""
    index = pd.DatetimeIndex([pd.Timestamp(time, tz=ZONE) for time in rows])
    return pd.DataFrame(list(rows.values()), index=index, columns=["Open", "High", "Low", "Close", "Volume"])


def series(values: Mapping[str, float]) -> "pd.Series[float]":
    return pd.Series(list(values.values()), index=pd.DatetimeIndex([pd.Timestamp(t, tz=ZONE) for t in values]))


class Prices:
    def __init__(self, splits: Any, dividends: Any, gains: Any) -> None:
        self._splits, self._dividends, self._capital_gains = splits, dividends, gains


class Ticker:
    """As much of yfinance.Ticker as is read."""

    ticker = "ACME"

    def __init__(self, answer: pd.DataFrame, *, currency: Any = "GBp", **events: Any) -> None:
        self.answer, self.currency = answer, currency
        self.prices = Prices(*(events.get(name, pd.Series()) for name in ("splits", "dividends", "gains")))

    def history(self, **options: Any) -> pd.DataFrame:
        self.options = options
        return self.answer

    def get_history_metadata(self) -> dict[str, Any]:
        return {"currency": self.currency, "exchangeTimezoneName": ZONE}

    def _lazy_load_price_history(self) -> Prices:
        return self.prices


def read(ticker: Ticker) -> History:
    return read_history(ticker, interval="1d", window={"period": "max"}, fetched_at=FETCHED_AT)


def test_daily_bars_carry_the_exchange_date() -> None:
    answer = frame({"2024-01-02": [1, 3, 0.5, 2, 100], "2024-01-03": [2, 4, 1, 3, nan]})
    expected = Bars(
        timestamps=(seconds(date(2024, 1, 2)), seconds(date(2024, 1, 3))),
        opens=(1.0, 2.0), highs=(3.0, 4.0), lows=(0.5, 1.0), closes=(2.0, 3.0), volumes=(100, -1),
    )  # fmt: skip
    assert bars_of(answer, "1d") == (expected, ())


def test_adjusted_closes_go_along() -> None:
    answer = frame({"2024-01-02": [1, 3, 0.5, 2, 100]}).assign(**{"Adj Close": [1.9]})
    assert bars_of(answer, "1d")[0].adjusted == (1.9,)


def test_intraday_bars_carry_utc_seconds() -> None:
    answer = frame({"2024-01-02 09:30": [1, 1, 1, 1, 5]})
    assert bars_of(answer, "1h")[0].timestamps == (int(datetime(2024, 1, 2, 14, 30, tzinfo=UTC).timestamp()),)


def test_rows_without_a_close_are_dropped_and_the_last_duplicate_counts() -> None:
    rows = frame({"2024-01-03": [1, 1, 1, 1, 1], "2024-01-02": [nan, nan, nan, 7, 1], "2024-01-04": [1, 1, 1, nan, 1]})
    bars, duplicates = bars_of(pd.concat([rows, frame({"2024-01-03": [2, 2, 2, 2, 2]})]), "1d")
    assert duplicates == (seconds(date(2024, 1, 3)),)
    assert (bars.closes, bars.volumes) == ((7.0, 2.0), (1, 2))
    assert isnan(bars.opens[0])


@pytest.mark.parametrize("row", [[1, inf, 1, 1, 1], [1, 1, 1, inf, 1], [1, 1, 1, 1, 1e30]])
def test_impossible_figures(row: list[float]) -> None:
    with pytest.raises(Garbage):
        bars_of(frame({"2024-01-02": row}), "1d")


def test_splits() -> None:
    ratios = series({"2020-08-31 09:30": 4.0, "2019-03-04 09:30": 1.0027455, "2018-01-05 09:30": 1 / 15})
    assert splits_of(ratios) == (
        SplitEvent(date(2018, 1, 5), 1, 15),
        SplitEvent(date(2019, 3, 4), 2005491, 2000000),
        SplitEvent(date(2020, 8, 31), 4, 1),
    )


def test_two_splits_on_one_day_count_as_one() -> None:
    assert splits_of(series({"2020-08-31 09:30": 2.0, "2020-08-31 10:30": 3.0})) == (
        SplitEvent(date(2020, 8, 31), 6, 1),
    )


@pytest.mark.parametrize("ratio", [0.0, -2.0, nan, inf])
def test_impossible_splits(ratio: float) -> None:
    with pytest.raises(Garbage):
        splits_of(series({"2020-08-31": ratio}))


def test_dividends_have_six_decimals_and_no_zeros() -> None:
    amounts = series({"2024-01-02 09:30": 0.1234565001, "2024-01-03 09:30": 0.0})
    assert dividends_of(amounts, "ordinary", "USD") == (DividendEvent(date(2024, 1, 2), Decimal("0.123457")),)


def test_dividends_in_another_unit_say_so() -> None:
    index = pd.DatetimeIndex([pd.Timestamp("2024-01-02 08:00", tz=ZONE), pd.Timestamp("2024-01-03 08:00", tz=ZONE)])
    payments = pd.DataFrame({"Dividends": [1.5, 2.0], "currency": ["USD", "GBp"]}, index=index)
    assert dividends_of(payments, "ordinary", "GBp") == (
        DividendEvent(date(2024, 1, 2), Decimal("1.5"), "ordinary", "USD"),
        DividendEvent(date(2024, 1, 3), Decimal("2"), "ordinary", ""),
    )


def test_an_event_dated_just_before_midnight_belongs_to_the_next_day() -> None:
    assert splits_of(series({"2024-01-02 23:00": 2.0})) == (SplitEvent(date(2024, 1, 3), 2, 1),)


def test_history_keeps_events_on_bars_without_a_close() -> None:
    answer = frame({"2024-01-02": [1, 1, 1, 1, 1], "2024-01-03": [nan, nan, nan, nan, 0]})
    ticker = Ticker(
        answer,
        splits=series({"2024-01-03 09:30": 2.0}),
        dividends=series({"2024-01-03 09:30": 0.5}),
        gains=series({"2024-01-03 09:30": 0.25}),
    )
    history = read(ticker)
    assert ticker.options == {"auto_adjust": False, "actions": True, "interval": "1d", "period": "max"}
    assert (history.symbol, history.quote_unit, history.time_zone) == ("ACME", "GBp", ZONE)
    assert (len(history.bars), history.fetched_at) == (1, FETCHED_AT)
    assert history.splits == (SplitEvent(date(2024, 1, 3), 2, 1),)
    assert history.dividends == (
        DividendEvent(date(2024, 1, 3), Decimal("0.5"), "ordinary"),
        DividendEvent(date(2024, 1, 3), Decimal("0.25"), "capital_gain"),
    )


def test_history_without_a_close_is_empty() -> None:
    with pytest.raises(EmptyAnswer):
        read(Ticker(frame({"2024-01-02": [nan, nan, nan, nan, 0]})))


def test_history_from_the_future_is_the_callers_to_judge() -> None:
    history = read(Ticker(frame({"2024-01-02": [1, 1, 1, 1, 1], "2031-01-02": [1, 1, 1, 1, 1]})))
    assert len(history.bars) == 2


@pytest.mark.parametrize("currency", [None, "", 840])
def test_history_without_a_currency(currency: object) -> None:
    with pytest.raises(Garbage):
        read(Ticker(frame({"2024-01-02": [1, 1, 1, 1, 1]}), currency=currency))
