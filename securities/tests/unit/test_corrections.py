"""Proposed corrections applied to an answer. March 1 is the first day."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from finances.yahoo.types import SplitEvent
from securities import corrections
from securities.bars import BarColumns
from securities.recovery import RawDividend, RawHistory
from securities.tests.histories import raw

FIRST = date(2022, 3, 1)
EX = date(2022, 3, 3)
NAN = float("nan")
NOTHING = raw({}).bars


def history(*closes: float, **changes: Any) -> RawHistory:
    return replace(raw({FIRST + timedelta(days=number): close for number, close in enumerate(closes)}), **changes)


def ranged(*prices: float) -> RawHistory:
    """One bar: open, high, low, close."""
    one = history(prices[3])
    return replace(one, bars=BarColumns(one.bars.times, np.array([prices]).T, one.bars.volumes))


def dividend(amount: str, on: date = FIRST) -> RawDividend:
    return RawDividend(on, Decimal(amount), "ordinary", "USD")


def told(answer: RawHistory) -> tuple[list[float], list[int]]:
    return answer.bars.closes.tolist(), answer.bars.volumes.tolist()


def scale(factor: float, first: str | None, last: str | None, *, volumes: bool = False) -> dict[str, Any]:
    return {"kind": "scale_bars", "factor": factor, "from": first, "to": last, "volumes": volumes}


def test_bars_left_out_take_their_payouts_along() -> None:
    answer = history(1.0, 2.0, 3.0, payouts=np.array([0.1, 0.2, 0.3]))

    left = corrections.without_bars(answer, [int(answer.bars.times[1])])

    assert left.bars.closes.tolist() == [1.0, 3.0]
    assert left.payouts is not None
    assert left.payouts.tolist() == [0.1, 0.3]


@pytest.mark.parametrize(
    ("prices", "stored"),
    [
        ((1.0, 2.0, 0.5, 1.5), [1.0, 2.0, 0.5, 1.5]),
        ((1.0, 0.5, 2.0, 1.5), [1.0, 2.0, 0.5, 1.5]),  # exchanged
        ((-1.0, -1.0, -1.0, -37.63), [-1.0, -1.0, -1.0, -37.63]),
    ],
)
def test_what_is_storable(prices: tuple[float, ...], stored: list[float]) -> None:
    assert corrections.storable(ranged(*prices)).bars.prices[:, 0].tolist() == stored


@pytest.mark.parametrize("close", [NAN, float("inf")])
def test_a_bar_without_a_finite_close_is_not_storable(close: float) -> None:
    assert len(corrections.storable(ranged(1.0, 2.0, 0.5, close)).bars) == 0


def test_an_infinite_figure_is_stored_as_a_missing_one() -> None:
    stored = corrections.storable(ranged(float("inf"), 2.0, 0.5, 1.0))

    assert stored.rows()[0][1:5] == (None, 2.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("prices", "fitted"),
    [
        ((10.0, 9.0, 11.0, 10.5), [10.0, 11.0, 9.0, 10.5]),
        ((10.0, 11.0, 9.0, 12.0), [10.0, 12.0, 9.0, 12.0]),
        ((8.0, 11.0, 9.0, 10.0), [8.0, 11.0, 8.0, 10.0]),
    ],
)
def test_a_range_is_made_to_fit(prices: tuple[float, ...], fitted: list[float]) -> None:
    answer = ranged(*prices)

    assert corrections.fit_range(answer, answer.bars.times.tolist()).bars.prices[:, 0].tolist() == fitted
    assert corrections.fit_range(answer, []).bars.prices[:, 0].tolist() == list(prices)


def test_a_stretch_is_scaled() -> None:
    scaled = corrections.scaled_towards(
        history(1.0, 101.0, 102.0, 1.03), scale(0.01, "2022-03-02", "2022-03-03"), NOTHING
    )

    assert told(scaled) == ([1.0, 1.01, 1.02, 1.03], [1000] * 4)


def test_a_stretch_that_the_provider_has_mended_is_left_alone() -> None:
    proposal = scale(0.01, "2022-03-02", None)

    assert told(corrections.scaled_towards(history(1.0, 1.01, 102.0), proposal, NOTHING))[0] == [1.0, 1.01, 1.02]


def test_stored_bars_tell_which_are_off() -> None:
    stored = history(100.0, 101.0).bars

    scaled = corrections.scaled_towards(history(200.0, 101.0), scale(0.5, None, "2022-03-02"), stored)

    assert told(scaled)[0] == [100.0, 101.0]


def test_without_anything_to_compare_with_a_bar_is_scaled() -> None:
    assert told(corrections.scaled_towards(history(200.0), scale(0.5, None, None), NOTHING))[0] == [100.0]


def test_scaling_for_a_split_turns_volumes_and_dividends() -> None:
    answer = history(200.0, 202.0, 101.5, dividends=(dividend("1"), dividend("1", EX)))
    stored = history(100.0, 101.0).bars

    scaled = corrections.scaled_towards(answer, scale(0.5, None, "2022-03-02", volumes=True), stored)

    assert told(scaled) == ([100.0, 101.0, 101.5], [2000, 2000, 1000])
    assert [event.amount for event in scaled.dividends] == [Decimal("0.5"), Decimal(1)]


SPLIT = {"kind": "add_split", "on": "2022-03-03", "numerator": 2, "denominator": 1}


def test_a_split_that_is_added_is_undone() -> None:
    added = corrections.add_split(history(50.0, 51.0, 52.0, dividends=(dividend("1"), dividend("1", EX))), SPLIT)

    assert told(added) == ([100.0, 102.0, 52.0], [500, 500, 1000])
    assert added.splits == (SplitEvent(EX, 2, 1),)
    assert [event.amount for event in added.dividends] == [Decimal(2), Decimal(1)]


def test_a_split_that_is_listed_by_now_is_not_added() -> None:
    answer = history(100.0, 102.0, 52.0, splits=(SplitEvent(EX, 2, 1),))

    assert corrections.add_split(answer, SPLIT) is answer


def test_a_void_split_is_taken_back() -> None:
    """Recovery has doubled what was before it."""
    answer = history(200.0, 202.0, 102.0, splits=(SplitEvent(EX, 2, 1),), dividends=(dividend("2"),))

    void = corrections.void_split(answer, {"kind": "void_split", "on": "2022-03-03"})

    assert told(void) == ([100.0, 101.0, 102.0], [2000, 2000, 1000])
    assert (void.splits, void.dividends[0].amount) == ((), Decimal(1))
    assert corrections.void_split(void, {"kind": "void_split", "on": "2022-03-03"}) is void


def test_a_recorded_split_that_prices_do_not_have_is_taken_back_up_to_its_eve() -> None:
    assert corrections.quoted_before(SPLIT) == scale(0.5, None, "2022-03-02", volumes=True)


def test_dividends_are_scaled_or_dropped() -> None:
    event = dividend("61.5")

    assert corrections.corrected_dividend(event, {"kind": "scale_dividend", "factor": 0.01}) == dividend("0.61500000")
    assert corrections.corrected_dividend(event, {"kind": "drop_dividend"}) is None


def test_missing_volumes_stay_missing() -> None:
    bars = history(1.0, 2.0).bars
    bars = BarColumns(bars.times, bars.prices, np.array([-1, 10]))

    assert corrections.scale_bars(bars, np.array([2.0, 4.0]), volumes=True).volumes.tolist() == [-1, 2]
