"""Answers against the stored bars of their window. March 1 is the first day."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from finances.yahoo.types import SplitEvent
from securities.bars import BarColumns
from securities.continuity import contradiction, starts_alike
from securities.recovery import RawHistory
from securities.tests.histories import raw

FIRST = date(2022, 3, 1)
STORED = [100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 106.0, 107.0]


def days(closes: list[float], *, first: date = FIRST) -> dict[date, float]:
    return {first + timedelta(days=number): close for number, close in enumerate(closes)}


def stored(closes: list[float] = STORED) -> BarColumns:
    return raw(days(closes)).bars


def answered(closes: list[float], *splits: SplitEvent, volume: int = 1000, first: date = FIRST) -> RawHistory:
    return replace(raw(days(closes, first=first), volume=volume), splits=splits)


def judged(history: RawHistory, old: BarColumns | None = None) -> tuple[str, Any] | None:
    """The reason and the proposal."""
    found = contradiction(history, stored() if old is None else old)
    return None if found is None else (found.reason, found.proposal)


def times(factor: float) -> list[float]:
    return [close * factor for close in STORED]


@pytest.mark.parametrize(
    "closes",
    [
        STORED,
        [*STORED, 108.0],
        [*STORED[:4], 104.5, *STORED[5:]],  # one bar corrected
        [100.5, *STORED[1:]],  # the first one alone
        [*STORED[:4], *(close * 1.2 for close in STORED[4:])],  # four bars by 20 %
    ],
)
def test_what_goes_on_is_no_contradiction(closes: list[float]) -> None:
    assert judged(answered(closes)) is None


def test_nothing_stored_contradicts_nothing() -> None:
    assert judged(answered(STORED), stored([])) is None
    assert starts_alike(answered(STORED), stored([]))


@pytest.mark.parametrize("closes", [[*STORED[:3]], [100.0]])
def test_fewer_than_half_of_the_bars_is_truncated(closes: list[float]) -> None:
    found = contradiction(answered(closes), stored())

    assert found is not None
    assert (found.reason, found.detail) == (
        "truncated_history", f"Of 8 stored bars since 2022-03-01 it holds {len(closes)}.",
    )  # fmt: skip


def test_without_the_first_three_it_is_truncated() -> None:
    later = FIRST + timedelta(days=3)

    assert judged(answered(STORED[3:], first=later)) == ("truncated_history", None)
    assert not starts_alike(answered(STORED[3:], first=later), stored())


def test_it_starts_alike_by_the_first_three_that_both_hold() -> None:
    assert starts_alike(answered([*STORED[:3], 1.0]), stored())
    assert starts_alike(answered(STORED[2:], first=FIRST + timedelta(days=2)), stored())
    assert not starts_alike(answered([100.0, 101.5, 102.0, 103.0]), stored())


@pytest.mark.parametrize(("factor", "scale"), [(100.0, 0.01), (0.01, 100.0)])
def test_a_hundred_times_with_volumes_as_they_were_is_a_unit(factor: float, scale: float) -> None:
    proposal = {"kind": "scale_bars", "factor": scale, "from": None, "to": None, "volumes": False}

    assert judged(answered([*times(factor), 108.0 * factor])) == ("unit_flip", proposal)


def test_a_unit_that_is_off_up_to_a_day() -> None:
    closes = [*times(100.0)[:5], *STORED[5:]]
    proposal = {"kind": "scale_bars", "factor": 0.01, "from": None, "to": "2022-03-05", "volumes": False}

    assert judged(answered(closes)) == ("unit_flip", proposal)


@pytest.mark.parametrize(("new", "old"), [(2, 1), (1, 8), (3, 2)])
def test_a_factor_that_volumes_share_is_a_hidden_split(new: int, old: int) -> None:
    history = answered([*times(old / new), 55.0], volume=1000 * new // old)
    proposal = {"kind": "add_split", "on": "2022-03-09", "numerator": new, "denominator": old}

    assert judged(history) == ("hidden_split", proposal)


def test_a_hidden_split_within_the_stored_bars() -> None:
    history = answered([*times(0.5)[:5], *STORED[5:]])
    volumes = history.bars.volumes.copy()
    volumes[:5] = 2000
    history = replace(history, bars=BarColumns(history.bars.times, history.bars.prices, volumes))
    proposal = {"kind": "add_split", "on": "2022-03-06", "numerator": 2, "denominator": 1}

    assert judged(history) == ("hidden_split", proposal)


@pytest.mark.parametrize(("factor", "volume"), [(1.5, 1000), (1.01, 1000), (1.01, 0), (1.07, 1000)])
def test_a_factor_that_volumes_do_not_share_is_a_restatement(factor: float, volume: int) -> None:
    assert judged(answered(times(factor), volume=volume)) == ("restated_history", None)


def test_a_small_stock_dividend_is_told_by_its_volumes() -> None:
    proposal = {"kind": "add_split", "on": "2022-03-09", "numerator": 103, "denominator": 100}

    assert judged(answered([*times(100 / 103), 105.0], volume=1030)) == ("hidden_split", proposal)


def test_a_split_that_is_listed_and_not_applied_reaches_to_its_eve() -> None:
    """Recovery has multiplied what was never divided."""
    split = SplitEvent(date(2022, 3, 10), 2, 1)
    proposal = {"kind": "scale_bars", "factor": 0.5, "from": None, "to": "2022-03-09", "volumes": True}

    assert judged(answered([*times(2.0), 216.0, 54.5], split, volume=500)) == ("unapplied_split", proposal)


def test_a_split_over_which_the_price_went_on_did_not_happen() -> None:
    split = SplitEvent(date(2022, 3, 9), 2, 1)

    assert judged(answered([*times(2.0), 108.0], split, volume=500)) == (
        "unapplied_split", {"kind": "void_split", "on": "2022-03-09"},
    )  # fmt: skip


def test_splits_that_are_missing_together_have_no_plain_correction() -> None:
    splits = SplitEvent(date(2022, 3, 9), 2, 1), SplitEvent(date(2022, 3, 10), 3, 1)

    assert judged(answered([*times(6.0), 162.0, 18.0], *splits, volume=167)) == ("unapplied_split", None)


def test_five_bars_off_by_more_than_a_twentieth_are_a_restatement() -> None:
    closes = [*STORED[:3], *(close * (1.06 + number / 100) for number, close in enumerate(STORED[3:]))]
    found = contradiction(answered(closes), stored())

    assert found is not None
    assert (found.reason, found.detail, len(found.times)) == (
        "restated_history", "5 of 8 bars stored since 2022-03-01 are told otherwise.", 5,
    )  # fmt: skip


def test_of_a_short_history_the_first_bars_decide() -> None:
    assert judged(answered([110.0, 120.0]), stored([100.0, 101.0])) == ("restated_history", None)
    assert judged(answered([100.0, 120.0]), stored([100.0, 101.0])) is None
