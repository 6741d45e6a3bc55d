"""Dividends of an answer. The ex-date is March 4; the close before it is 100 dollars."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from finances.yahoo.types import SplitEvent
from securities.payouts import is_same, screen_dividends, with_specials
from securities.recovery import RawDividend, RawHistory
from securities.tests.histories import raw

EX = date(2022, 3, 4)
NOTHING = raw({}).bars
DROP = {"kind": "drop_dividend"}


def paid(amount: str, on: date = EX, kind: str = "ordinary", currency: str = "USD") -> RawDividend:
    return RawDividend(on, Decimal(amount), kind, currency)


def before(days: int) -> date:
    return EX - timedelta(days=days)


def history(*dividends: RawDividend, after: float = 100.0, factor: float | None = None) -> RawHistory:
    """factor: adjusted close over close before the ex-date, as the provider shows it."""
    closes = {before(number): 100.0 for number in (3, 2, 1)} | {EX: after, EX + timedelta(days=1): after}
    payouts = None if factor is None else np.array([factor] * 3 + [1.0] * 2)
    return replace(raw(closes), dividends=dividends, payouts=payouts)


def screened(answer: RawHistory, *known: RawDividend) -> list[tuple[str, Decimal, Any]]:
    """(reason, amount, proposal) of each finding."""
    found = screen_dividends(answer, NOTHING, known)
    return [(finding.reason, finding.event.amount, finding.proposal) for finding in found]


@pytest.mark.parametrize("amount", ["0.5", "9.9", "10"])
def test_an_ordinary_dividend_is_in_order(amount: str) -> None:
    assert screened(history(paid(amount))) == []


def test_a_stored_dividend_is_not_judged_again() -> None:
    assert screened(history(paid("200")), paid("200")) == []


@pytest.mark.parametrize("days", [1, 3])
def test_of_two_new_ones_alike_the_earlier_is_the_mistake(days: int) -> None:
    earlier = paid("0.5", before(days))

    assert screened(history(earlier, paid("0.5"))) == [("phantom_dividend", Decimal("0.5"), DROP)]
    assert screen_dividends(history(earlier, paid("0.5")), NOTHING, [])[0].event is earlier


def test_of_a_new_and_a_stored_one_the_new_is() -> None:
    assert screened(history(paid("0.5")), paid("0.5", before(2))) == [("phantom_dividend", Decimal("0.5"), DROP)]
    assert screened(history(paid("0.5")), paid("0.5", before(-2))) == [("phantom_dividend", Decimal("0.5"), DROP)]


@pytest.mark.parametrize(
    "other",
    [paid("0.5", before(4)), paid("0.51", before(1)), paid("0.5", before(1), "capital_gain"),
     paid("0.5", before(1), currency="EUR")],
    ids=["a week", "another amount", "another kind", "another currency"],
)  # fmt: skip
def test_two_payments_are_two(other: RawDividend) -> None:
    assert screened(history(other, paid("0.5"))) == []


@pytest.mark.parametrize("days", [-10, -1, 1, 10])
def test_the_same_in_hundredths_is_a_phantom(days: int) -> None:
    assert screened(history(paid("0.05", before(days)), paid("5"))) == [("phantom_dividend", Decimal(5), DROP)]


@pytest.mark.parametrize(
    ("amount", "factor", "scale"), [("50", 0.995, 0.01), ("0.005", 0.995, 100.0), ("0.5", 0.995, None)]
)
def test_adjusted_closes_tell_the_unit(amount: str, factor: float, scale: float | None) -> None:
    """They say that 100 x (1 - 0.995) = 0.5 was paid."""
    proposal = {"kind": "scale_dividend", "factor": scale}
    expected = [] if scale is None else [("dividend_unit", Decimal(amount), proposal)]

    assert screened(history(paid(amount), factor=factor)) == expected


def test_a_large_dividend_that_adjusted_closes_confirm_is_in_order() -> None:
    assert screened(history(paid("40"), factor=0.6)) == []


def test_adjusted_closes_that_know_no_dividend_say_nothing() -> None:
    assert screened(history(paid("0.5"), factor=1.0)) == []


@pytest.mark.parametrize(("amount", "held"), [("99.9", False), ("100", True), ("150", True)])
def test_more_than_the_price_is_held(amount: str, held: bool) -> None:
    assert screened(history(paid(amount))) == ([("large_dividend", Decimal(amount), None)] if held else [])


def usual(amount: str, currency: str = "USD") -> list[RawDividend]:
    return [paid(amount, before(days), currency=currency) for days in (91, 182, 273)]


@pytest.mark.parametrize(
    ("amount", "times"),
    [("11", None), ("19", None), ("60", {"kind": "scale_dividend", "factor": 0.01}), ("24", "none")],
)
def test_twenty_times_the_usual_is_held(amount: str, times: Any) -> None:
    """The usual is 1; 60 is near a hundred times it, 24 is not."""
    expected = [] if times is None else [("large_dividend", Decimal(amount), None if times == "none" else times)]

    assert screened(history(paid(amount)), *usual("1")) == expected


@pytest.mark.parametrize(
    ("usually", "reason", "scale"),
    [(None, "dividend_unit", 0.01), ("1", "dividend_unit", 0.01), ("0.3", "dividend_unit", 0.01),
     ("0.5", "large_dividend", None)],
)  # fmt: skip
def test_a_tenth_of_the_price_where_markets_quote_in_hundredths(
    usually: str | None, reason: str, scale: float | None
) -> None:
    """11 is 37 times 0.3, which is near a hundred times it; 22 times 0.5 is not."""
    known = usual(usually, "GBP") if usually else []
    proposal = None if scale is None else {"kind": "scale_dividend", "factor": scale}

    assert screened(history(paid("11", currency="GBP")), *known) == [(reason, Decimal(11), proposal)]
    assert screened(history(paid("10", currency="GBP")), *known) == []


def test_a_capital_gain_that_the_dividend_contains() -> None:
    """The price fell by the dividend, not by both."""
    both = paid("3"), paid("2", kind="capital_gain")

    assert screened(history(*both, after=97.0)) == [("phantom_dividend", Decimal(2), DROP)]
    assert screened(history(*both, after=95.0)) == []


def test_a_capital_gain_alone_may_be_large() -> None:
    assert screened(history(paid("30", kind="capital_gain"), after=70.0)) == []


def test_a_split_on_the_day_is_counted_in() -> None:
    """60 of a price of 100 that is 50 in new shares."""
    answer = replace(history(paid("60"), after=50.0), splits=(SplitEvent(EX, 2, 1),))

    assert screened(answer) == [("large_dividend", Decimal(60), None)]


@pytest.mark.parametrize(
    ("amount", "known", "kind"),
    [
        ("5", usual("1"), "special"),
        ("4.99", usual("1"), "ordinary"),  # below a twentieth of the price
        ("5", usual("1.1"), "ordinary"),  # below five times the usual
        ("5", usual("1")[:2], "ordinary"),  # what is usual is not known
    ],
)
def test_special_dividends(amount: str, known: list[RawDividend], kind: str) -> None:
    found = with_specials(history(paid(amount)), NOTHING, known)

    assert [event.kind for event in found.dividends] == [kind]


def test_a_capital_gain_is_never_special() -> None:
    gain = paid("30", kind="capital_gain")

    assert with_specials(history(gain), NOTHING, usual("1")).dividends == (gain,)


def test_later_dividends_do_not_make_an_earlier_one_special() -> None:
    later = [paid("1", before(-days)) for days in (91, 182, 273)]

    assert [event.kind for event in with_specials(history(paid("5")), NOTHING, later).dividends] == ["ordinary"]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (paid("0.5000004"), True),
        (paid("0.5", kind="special"), True),
        (paid("0.500001"), False),
        (paid("0.5", kind="capital_gain"), False),
        (paid("0.5", currency="EUR"), False),
        (paid("0.5", before(1)), False),
        (paid("0"), False),
    ],
)
def test_sameness(other: RawDividend, same: bool) -> None:
    assert is_same(paid("0.5"), other) is same


def test_short_bars_judge_no_dividends() -> None:
    assert screened(replace(history(paid("200")), interval=60)) == []
