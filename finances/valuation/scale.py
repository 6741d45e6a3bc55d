"""Quantities of one book as whole numbers, all in units after its last split, so that no ratio ever rounds."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from math import lcm

from finances.valuation.entries import Split

EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
"""Wide enough for every product here; entered once per count."""

PLACES = 12
DUSTS_PER_UNIT = 10**12
"""A remainder below one of these, in units of its day, is zero."""

RESOLUTION = 10**24
COST_QUANTUM = Decimal("1e-15")
"""Parts of a cost are rounded to this, the last part taking what is left."""


class Scale:
    """Whole numbers of 10**-24 / (the splits' denominators) of a unit of today, which is after the last of `splits`."""

    def __init__(self, splits: Iterable[Split]) -> None:
        ordered = sorted(splits, key=lambda split: split.on)
        self._days = [split.on for split in ordered]
        later = [Fraction(1)]
        for split in reversed(ordered):
            later.append(later[-1] * Fraction(split.numerator, split.denominator))
        self._later = later[::-1]
        self.one = RESOLUTION * lcm(*(ratio.denominator for ratio in self._later))
        self._per_unit = [ratio.numerator * (self.one // ratio.denominator) for ratio in self._later]

    def per_unit(self, on: date) -> int:
        """The whole number that one unit of the day `on` (after that day's splits) is."""
        return self._per_unit[bisect_right(self._days, on)] if self._days else self.one

    def units(self, quantity: Decimal | Fraction, on: date) -> int:
        return round(quantity * self.per_unit(on))

    def dust(self, on: date) -> int:
        return self.per_unit(on) // DUSTS_PER_UNIT

    def fraction(self, units: int, on: date) -> Fraction:
        return Fraction(units, self.per_unit(on))

    def decimals(self, units: Sequence[int], on: date | None = None) -> list[Decimal]:
        """Quantities in units of `on` (None: today) with 12 decimals, rounded so that they add up like `units`."""
        one = self.one if on is None else self.per_unit(on)
        sums, total = [0], 0
        for part in units:
            total += part
            sums.append(_rounded(total * DUSTS_PER_UNIT, one))
        return [plain(Decimal(high - low).scaleb(-PLACES)) for low, high in pairwise(sums)]


def _rounded(numerator: int, denominator: int) -> int:
    """The quotient, half to even, without the cost of a Fraction."""
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))


def plain(number: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent above zero."""
    short = number.normalize()
    return short.quantize(Decimal(1)) if short.as_tuple().exponent > 0 else short  # type: ignore[operator]


def share(amount: Decimal, units: int, total: int) -> Decimal:
    """`amount` * units / total, exact for all or nothing, else to 15 decimals."""
    if units == total or not amount:
        return amount
    return (amount * units / total).quantize(COST_QUANTUM)


def spread(amount: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """`amount` in proportion to `weights`; each cumulative sum is rounded to 15 decimals, so the parts add up."""
    if len(weights) == 1 or not amount:
        return [amount] * len(weights)
    total, seen, sums = sum(weights), 0, [Decimal(0)]
    for weight in weights:
        seen += weight
        sums.append(share(amount, seen, total))
    return [high - low for low, high in pairwise(sums)]
