from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest

from currencies.screening import DayClose, Screened, Suspect, differs, screen

MONDAY = date(2022, 12, 26)


def days(*rates: str) -> list[DayClose]:
    return [DayClose(MONDAY + timedelta(days=number), Decimal(rate)) for number, rate in enumerate(rates)]


def told_apart(
    *rates: str, before: DayClose | None = None, stored: Mapping[date, Decimal] | None = None
) -> list[str | None]:
    """The reason of each rate; None where it goes on."""
    screened = screen(days(*rates), stored=stored or {}, before=before)
    reasons = {suspect.day: suspect.reason for suspect in screened.suspects}
    assert {close.day for close in screened.closes} == {day for day, _rate in days(*rates)} - reasons.keys()
    return [reasons.get(day) for day, _rate in days(*rates)]


@pytest.mark.parametrize(
    ("rates", "reasons"),
    [
        (("1.06", "1.07", "1.05"), [None, None, None]),
        (("1.06", "21.2", "1.07"), [None, "jump", None]),
        (("1.06", "21.1", "1.07"), [None, None, None]),
        (("1.06", "0.053", "1.07"), [None, "jump", None]),
        (("1.06", "1.06", "1.06", "106", "107"), [None, None, None, "jump", "jump"]),
        (("133.5", "0.0075", "133.4"), [None, "flipped", None]),
        (("1.25", "0.8", "0.79", "1.26"), [None, "flipped", "flipped", None]),
        (("1.02", "0.98", "1.01"), [None, None, None]),
        (("106", "1.06", "1.06", "1.07", "1.06", "1.08"), ["jump", None, None, None, None, None]),
    ],
)
def test_rates_go_on_from_the_last_good_one(rates: tuple[str, ...], reasons: list[str | None]) -> None:
    assert told_apart(*rates) == reasons


def test_the_rate_before_counts() -> None:
    assert told_apart("106", before=DayClose(MONDAY - timedelta(days=3), Decimal("1.06"))) == ["jump"]


def test_over_a_long_gap_a_rate_may_cross_par() -> None:
    assert told_apart("0.8", before=DayClose(MONDAY - timedelta(days=11), Decimal("1.25"))) == [None]
    assert told_apart("0.8", before=DayClose(MONDAY - timedelta(days=10), Decimal("1.25"))) == ["flipped"]


def test_what_is_stored_already_is_beyond_doubt() -> None:
    stored = dict(days("1.06", "106", "107"))

    assert told_apart("1.06", "106", "107", "108", stored=stored) == [None, None, None, None]
    assert told_apart("1.06", "106", "107", stored={MONDAY: Decimal("1.06")}) == [None, "jump", "jump"]


def test_nothing_is_nothing() -> None:
    assert told_apart() == []


@pytest.mark.parametrize(
    ("new", "other"), [("1.000001", False), ("1.0000011", True), ("0.999999", False), ("0.9", True)]
)
def test_a_millionth_is_no_difference(new: str, other: bool) -> None:
    assert differs(Decimal(1), Decimal(new)) is other


def test_suspects_are_kept_as_they_were_answered() -> None:
    screened = screen(days("1.06", "1060", "1.07"), stored={}, before=None)

    assert screened == Screened(
        [DayClose(MONDAY, Decimal("1.06")), DayClose(MONDAY + timedelta(days=2), Decimal("1.07"))],
        [Suspect(MONDAY + timedelta(days=1), "1060", "jump")],
    )
