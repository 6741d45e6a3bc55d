"""What holdings are worth: exact products of quantities and stored closes, rounded once, at the end."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from finances.money import round_money

EXACT = Context(prec=400)
"""Digits for any product of a double (309 before the point at most) and a quantity (30)."""
NO_PRICE = ("missing_price", "No price is stored yet.")
NO_COST = ("missing_cost", "No average cost is recorded.")
UNSPLIT = Fraction(1)
SplitFacts = tuple[str, int, int]
"""Ex-date (ISO 8601), numerator and denominator."""


class Held(NamedTuple):
    """What figures follow from; `cost` is that of all units.

    The last three are as HoldingQuerySet.with_price_and_splits adds them.
    """

    quantity: Decimal
    cost: Decimal | None
    currency_code: str
    time_zone: str
    last_close: float | None
    price_at: datetime | None
    splits: Sequence[SplitFacts] | None


class HoldingFigures(NamedTuple):
    """In the security's currency; `current_price` is the last close in today's shares."""

    current_price: float | None
    market_value: Decimal | None
    cost: Decimal | None
    unrealized_gain: Decimal | None
    missing: list[dict[str, str]]


def figures_of(held: Held, *, now: datetime) -> HoldingFigures:
    code, price, value = held.currency_code, None, None
    with localcontext(EXACT):
        if held.last_close is not None:
            shares = _shares_since_close(held, now)
            price = Decimal(repr(held.last_close)) * shares.denominator / shares.numerator
            value = price * held.quantity
        gain = None if value is None or held.cost is None else value - held.cost
        return HoldingFigures(
            current_price=None if price is None else float(price),
            market_value=_rounded(value, code),
            cost=_rounded(held.cost, code),
            unrealized_gain=_rounded(gain, code),
            missing=_missing(value, held.cost),
        )


def _rounded(amount: Decimal | None, code: str) -> Decimal | None:
    # A loss of less than half a minor unit rounds to a zero without its sign.
    return None if amount is None else round_money(amount, code) + 0


def _missing(value: Decimal | None, cost: Decimal | None) -> list[dict[str, str]]:
    causes: list[tuple[str, tuple[str, str]]] = []
    if value is None:
        causes += [(figure, NO_PRICE) for figure in ("current_price", "market_value", "unrealized_gain")]
    if cost is None:
        causes += [(figure, NO_COST) for figure in ("cost", "unrealized_gain")]
    return [{"figure": figure, "code": code, "detail": detail} for figure, (code, detail) in causes]


def _shares_since_close(held: Held, now: datetime) -> Fraction:
    """How many of today's shares one share of the last close has become."""
    if not held.splits or held.price_at is None:
        return UNSPLIT
    closed, shares = held.price_at.date(), UNSPLIT
    # A split becomes effective with the day of the security's own market.
    today = now.astimezone(ZoneInfo(held.time_zone)).date()
    for ex_date, numerator, denominator in held.splits:
        if closed < date.fromisoformat(ex_date) <= today:
            shares *= Fraction(numerator, denominator)
    return shares
