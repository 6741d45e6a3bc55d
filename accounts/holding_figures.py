"""What holdings are worth: exact products of quantities and stored closes, rounded once, at the end."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from itertools import repeat
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from finances.money import minor_unit

EXACT = Context(prec=400)
"""Digits for any product of a double (309 before the point at most) and a quantity (30)."""
NO_PRICE = ("missing_price", "No price is stored yet.")
NO_COST = ("missing_cost", "No average cost is recorded.")
Column = Iterable[Any]
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
    [figures] = zip(*columns_of_figures(*zip(held, strict=True), now=now), strict=True)
    return HoldingFigures(*figures)


def columns_of_figures(
    quantities: Column, costs: Column, codes: Column, time_zones: Column, closes: Column, priced_at: Column,
    splits: Column, *, now: datetime,
) -> Sequence[Column]:  # fmt: skip
    """Those of HoldingFigures, of many holdings whose facts come in the columns of Held."""
    with localcontext(EXACT):
        prices = list(map(_price_today, closes, priced_at, splits, time_zones, repeat(now)))
        values = [None if price is None else price * units for price, units in zip(prices, quantities, strict=True)]
        gains = [
            None if value is None or cost is None else value - cost for value, cost in zip(values, costs, strict=True)
        ]
        return (
            [None if price is None else float(price) for price in prices],
            *(_rounded(amounts, codes) for amounts in (values, costs, gains)),
            list(map(_missing, values, costs)),
        )


def _rounded(amounts: Iterable[Decimal | None], codes: Iterable[str]) -> list[Decimal | None]:
    # A loss of less than half a minor unit rounds to a zero without its sign.
    return [
        None if amount is None else amount.quantize(unit, ROUND_HALF_UP) + 0
        for amount, unit in zip(amounts, map(minor_unit, codes), strict=True)
    ]


def _missing(value: Decimal | None, cost: Decimal | None) -> list[dict[str, str]]:
    if value is not None and cost is not None:
        return []
    causes: list[tuple[str, tuple[str, str]]] = []
    if value is None:
        causes += [(figure, NO_PRICE) for figure in ("current_price", "market_value", "unrealized_gain")]
    if cost is None:
        causes += [(figure, NO_COST) for figure in ("cost", "unrealized_gain")]
    return [{"figure": figure, "code": code, "detail": detail} for figure, (code, detail) in causes]


def _price_today(
    close: float | None, closed_at: datetime | None, splits: Sequence[SplitFacts] | None, time_zone: str, now: datetime
) -> Decimal | None:
    """The last close per unit of today."""
    if close is None:
        return None
    price = Decimal(repr(close))
    if not splits or closed_at is None:
        return price
    shares = _shares_since(closed_at.date(), splits, today=now.astimezone(ZoneInfo(time_zone)).date())
    return price * shares.denominator / shares.numerator


def _shares_since(closed: date, splits: Sequence[SplitFacts], *, today: date) -> Fraction:
    """How many of today's shares one share of that day's close has become."""
    shares = Fraction(1)
    for ex_date, numerator, denominator in splits:
        # A split becomes effective with the day of the security's own market.
        if closed < date.fromisoformat(ex_date) <= today:
            shares *= Fraction(numerator, denominator)
    return shares
