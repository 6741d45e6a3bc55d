"""Single bars of an answer. March 1 is the first day."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from finances.yahoo.types import SplitEvent
from securities.bars import BarColumns
from securities.recovery import RawHistory
from securities.screening import Finding, day_of, possible_splits, screen_bars
from securities.tests.histories import raw

FIRST = date(2022, 3, 1)
NOTHING = raw({}).bars
NAN, INFINITE = float("nan"), float("inf")


def days(*closes: float, first: date = FIRST) -> dict[date, float]:
    return {first + timedelta(days=number): close for number, close in enumerate(closes)}


def bar(opened: float, high: float, low: float, close: float) -> RawHistory:
    """One bar after a plain one."""
    history = raw(days(100.0, close))
    prices = history.bars.prices.copy()
    prices[:, 1] = opened, high, low, close
    return replace(history, bars=BarColumns(history.bars.times, prices, history.bars.volumes))


def screened(history: RawHistory, stored: BarColumns = NOTHING) -> list[tuple[str, list[str], Any]]:
    """(reason, days, proposal) of each finding."""
    found = screen_bars(history, stored, currency_code="USD", time_zone="UTC")
    return [brief(finding) for finding in found]


def brief(finding: Finding) -> tuple[str, list[str], Any]:
    return finding.reason, [day_of(time)[5:] for time in finding.times], finding.proposal


def test_a_plain_series_is_in_order() -> None:
    assert screened(raw(days(100.0, 190.0, 11.0, 100.0))) == []


def test_another_currency_is_all_that_is_said() -> None:
    history = replace(raw(days(100.0, -1.0)), currency_code="EUR")

    assert screened(history) == [("currency_change", ["03-01", "03-02"], None)]


@pytest.mark.parametrize("close", [0.0, -1.0, NAN, INFINITE, -INFINITE])
def test_prices_that_cannot_be(close: float) -> None:
    assert screened(raw(days(100.0, close, 101.0))) == [("impossible_price", ["03-02"], None)]


@pytest.mark.parametrize(("opened", "high", "low"), [(INFINITE, 101.0, 99.0), (100.0, 101.0, -5.0), (0.0, 101.0, 99.0)])
def test_any_figure_of_a_bar_can_be_impossible(opened: float, high: float, low: float) -> None:
    assert screened(bar(opened, high, low, 100.0)) == [("impossible_price", ["03-02"], None)]


@pytest.mark.parametrize(
    ("high", "low", "close", "reason"),
    [
        (99.0, 101.0, 100.0, "high_below_low"),
        (101.0, 99.0, 101.2, "close_outside_range"),
        (101.0, 99.0, 98.8, "close_outside_range"),
        (101.0, 99.0, 101.1, None),  # a thousandth is rounding
        (NAN, NAN, 100.0, None),  # of old index bars the close alone is known
    ],
)
def test_closes_and_ranges(high: float, low: float, close: float, reason: str | None) -> None:
    history = bar(100.0, high, low, close)
    time = int(history.bars.times[1])
    expected = [] if reason is None else [(reason, ["03-02"], {"kind": "fit_range", "times": [time]})]

    assert screened(history) == expected


def test_days_to_come() -> None:
    history = raw(days(100.0, 101.0, 102.0), provisional_from=date(2022, 3, 2))

    assert screened(history) == [("future_date", ["03-03"], None)]


def test_a_time_given_twice_counts_once_it_is_settled() -> None:
    history = raw(days(100.0, 101.0), provisional_from=date(2022, 3, 2))
    twice = tuple(history.bars.times.tolist())

    assert screened(replace(history, duplicates=twice)) == [("duplicate_timestamps", ["03-01"], None)]


@pytest.mark.parametrize(("ratio", "suspicious"), [(19.9, False), (20.0, True), (0.0501, False), (0.05, True)])
def test_jumps_of_twenty_and_more(ratio: float, suspicious: bool) -> None:
    found = screened(raw(days(100.0, 100.0, 100.0, 100.0 * ratio, 100.0)))

    assert found == ([("jump", ["03-04"], None)] if suspicious else [])


def test_a_jump_that_a_split_explains() -> None:
    history = replace(raw(days(100.0, 100.0, 5.0)), splits=(SplitEvent(date(2022, 3, 3), 20, 1),))

    assert screened(history) == []


def test_a_jump_from_what_is_stored() -> None:
    assert screened(raw(days(4000.0, first=date(2022, 3, 4))), raw(days(100.0, 101.0, 102.0)).bars) == [
        ("jump", ["03-04"], None)
    ]


def test_what_is_stored_as_it_comes_is_not_judged_again() -> None:
    history = raw(days(100.0, -1.0, 4000.0))

    assert screened(history, history.bars) == []


@pytest.mark.parametrize(
    ("closes", "chosen", "factor", "first", "last"),
    [
        ((1.0, 1.0, 1.0, 100.0, 110.0, 1.1), ["03-04", "03-05"], 0.01, "2022-03-04", "2022-03-05"),
        ((100.0, 100.0, 100.0, 1.0, 1.1), ["03-04", "03-05"], 100.0, "2022-03-04", None),
        ((1.0, 100.0, 101.0, 102.0), ["03-01"], 100.0, "2022-03-01", "2022-03-01"),
    ],
    ids=["a stretch", "from a day on", "the shorter side"],
)
def test_a_hundred_times_is_another_unit(
    closes: tuple[float, ...], chosen: list[str], factor: float, first: str, last: str | None
) -> None:
    proposal = {"kind": "scale_bars", "factor": factor, "from": first, "to": last, "volumes": False}

    assert screened(raw(days(*closes))) == [("unit_flip", chosen, proposal)]


def test_a_hundred_times_with_other_volumes_is_a_jump() -> None:
    history = raw(days(1.0, 1.0, 1.0, 100.0))
    volumes = np.array([1000, 1000, 1000, 10])

    assert screened(replace(history, bars=BarColumns(history.bars.times, history.bars.prices, volumes))) == [
        ("jump", ["03-04"], None)
    ]


@pytest.mark.parametrize(
    ("close", "ratio"),
    [(50.0, (2, 1)), (33.0, (3, 1)), (805.0, (1, 8)), (51.5, (2, 1)), (60.0, None), (98.0, None)],
)
def test_nights_that_look_like_a_split(close: float, ratio: tuple[int, int] | None) -> None:
    found = possible_splits(raw(days(100.0, 100.0, close)), NOTHING, time_zone="UTC")

    expected = []
    if ratio is not None:
        proposal = {"kind": "add_split", "on": "2022-03-03", "numerator": ratio[0], "denominator": ratio[1]}
        expected = [("possible_split", ["03-03"], proposal)]
    assert [brief(finding) for finding in found] == expected


def test_a_listed_split_is_not_possible_but_known() -> None:
    listed = replace(raw(days(100.0, 100.0, 50.0)), splits=(SplitEvent(date(2022, 3, 3), 2, 1),))
    unmoved = replace(raw(days(100.0, 100.0, 100.0)), splits=(SplitEvent(date(2022, 3, 3), 2, 1),))

    assert possible_splits(listed, NOTHING, time_zone="UTC") == []
    assert [brief(finding) for finding in possible_splits(unmoved, NOTHING, time_zone="UTC")] == [
        ("possible_split", ["03-03"], None)
    ]


def test_a_fall_during_the_day_is_no_split() -> None:
    assert possible_splits(bar(100.0, 100.0, 50.0, 50.0), NOTHING, time_zone="UTC") == []
