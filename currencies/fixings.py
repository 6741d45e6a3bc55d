"""Which stored fixings a rate follows from: the rules, free of the database.

Of a pair the last fixing on or before the day counts, in whichever direction it is stored, at most MAX_AGE_DAYS old
and never a later one; without any, the cross through a third currency that has fixings against both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

from finances.errors import RuleViolation
from finances.money import major_currency

MAX_AGE_DAYS = 7
PIVOTS = ("EUR", "USD")
"""Preferred in this order; further ones by their code."""
PLACES = 10
DIVISION = Context(prec=50)
# Ten digits fewer than a rate has: what a division cut off at its end is rounded away again.
PRODUCT = Context(prec=40)

Derivation = Literal["same", "unit", "direct", "inverse", "cross"]


class MissingRate(RuleViolation):
    """No stored rate gives what was asked for."""

    code = "missing_rate"


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no rate."""

    detail: str
    code: str = MissingRate.code


@dataclass(frozen=True, slots=True)
class Fixing:
    """One stored row."""

    base: str
    quote: str
    day: date
    quote_per_base: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of the quote for one of the base, with 50 digits where it is a quotient."""

    quote_per_base: Decimal
    rate_date: date
    """The day of the fixing, of a cross the earlier one; the day asked for where no fixing is needed."""
    derivation: Derivation
    legs: tuple[Fixing, ...] = ()
    """The stored fixings it follows from, as stored."""

    def convert(self, amount: Decimal) -> Decimal:
        """`amount` of the base in the quote, to 10 decimals, half away from zero."""
        product = PRODUCT.multiply(amount, self.quote_per_base)
        return product.quantize(Decimal(1).scaleb(-PLACES), ROUND_HALF_UP, Context(prec=60))

    def scaled(self, units: Decimal) -> "Rate":
        """The rate of another unit of the same currencies."""
        derivation: Derivation = "unit" if self.derivation == "same" and units != 1 else self.derivation
        return Rate(DIVISION.multiply(self.quote_per_base, units), self.rate_date, derivation, self.legs)


class Fixings:
    """The fixings of the days that count, of which the latest of each stored pair is kept."""

    def __init__(self, ascending: Iterable[Fixing], *, ended: Iterable[str] = ()) -> None:
        self._latest = {(fixing.base, fixing.quote): fixing for fixing in ascending}
        self._ended = frozenset(ended)

    def quote_per_base(self, base: str, quote: str, *, as_of: date) -> Rate | Missing:
        """Units of `quote` for one of `base`, either of which may be a minor unit."""
        (major_base, base_units), (major_quote, quote_units) = major_currency(base), major_currency(quote)
        rate = self._between_majors(major_base, major_quote, as_of)
        if rate is None:
            return Missing(self._reason(base, quote, as_of))
        return rate.scaled(DIVISION.divide(Decimal(quote_units), Decimal(base_units)))

    def _between_majors(self, base: str, quote: str, as_of: date) -> Rate | None:
        if base == quote:
            return Rate(Decimal(1), as_of, "same")
        if not self._ended.isdisjoint((base, quote)):
            return None
        return self._of_pair(base, quote) or self._through_a_pivot(base, quote)

    def _of_pair(self, base: str, quote: str) -> Rate | None:
        """From the later of the pair's two directions."""
        direct, inverse = self._latest.get((base, quote)), self._latest.get((quote, base))
        if direct and (inverse is None or direct.day >= inverse.day):
            return Rate(direct.quote_per_base, direct.day, "direct", (direct,))
        if inverse:
            return Rate(DIVISION.divide(Decimal(1), inverse.quote_per_base), inverse.day, "inverse", (inverse,))
        return None

    def _through_a_pivot(self, base: str, quote: str) -> Rate | None:
        for pivot in sorted(self._partners(base) & self._partners(quote) - self._ended, key=_preference):
            to_pivot, from_pivot = self._of_pair(base, pivot), self._of_pair(pivot, quote)
            if to_pivot and from_pivot:
                return cross(to_pivot, from_pivot)
        return None

    def _partners(self, code: str) -> set[str]:
        return {quote if base == code else base for base, quote in self._latest if code in (base, quote)}

    def _reason(self, base: str, quote: str, as_of: date) -> str:
        ended = sorted(self._ended.intersection((major_currency(base)[0], major_currency(quote)[0])))
        if ended:
            return f"No {base}/{quote} rate on {as_of}: {' and '.join(ended)} had ended by then."
        return f"No {base}/{quote} rate on {as_of} or in the {MAX_AGE_DAYS} days before it."


def cross(to_pivot: Rate, from_pivot: Rate) -> Rate:
    """base -> pivot -> quote. Each leg counts as stored, so that there is one division at most."""
    above = below = Decimal(1)
    for rate in (to_pivot, from_pivot):
        if rate.derivation == "inverse":
            below = DIVISION.multiply(below, rate.legs[0].quote_per_base)
        else:
            above = DIVISION.multiply(above, rate.quote_per_base)
    legs = (*to_pivot.legs, *from_pivot.legs)
    return Rate(DIVISION.divide(above, below), min(leg.day for leg in legs), "cross", legs)


def _preference(pivot: str) -> tuple[int, str]:
    return (PIVOTS.index(pivot) if pivot in PIVOTS else len(PIVOTS), pivot)
