"""How much of a security is held on each day, as a step function.

Days are int64 numbers of days since 1970-01-01, as in numpy's datetime64[D].
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np

from finances.valuation.adjustment import Floats, Ints
from finances.valuation.entries import Adjustment, Buy, Entry, Sell, Split, TransferIn, TransferOut
from finances.valuation.scale import EXACT, Scale

EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    return day.toordinal() - EPOCH


def dates_of(days: Ints) -> list[date]:
    """The dates of day numbers (n,)."""
    found: list[date] = days.astype("datetime64[D]").tolist()
    return found


@dataclass(frozen=True, slots=True)
class Steps:
    """days (k,), ascending; quantities (k,): held from the end of each day on, in units of today, negative if short."""

    days: Ints
    quantities: Floats

    def on(self, days: Ints) -> Floats:
        """Held at the end of each of `days` (n,). Returns (n,); 0 before the first step."""
        return np.append(0.0, self.quantities)[np.searchsorted(self.days, days, side="right")]


def changes_of(entries: Iterable[Entry]) -> Iterator[tuple[date, Decimal | Fraction]]:
    """By how much each entry changes the position, in units of its day; lots counted along from elsewhere apart."""
    for entry in entries:
        match entry:
            case Buy():
                yield entry.on, entry.quantity
            case Sell() | TransferOut():
                yield entry.on, -entry.quantity
            case Adjustment():
                yield entry.on, entry.quantity
            case TransferIn():
                for parcel in entry.parcels:
                    yield entry.on, parcel.quantity


def position_steps(changes: Iterable[tuple[date, Decimal | Fraction]], splits: Iterable[Split]) -> Steps:
    """Exact sums of changes in units of their days, in any order, as steps in units after the last of `splits`.

    A sum below 1e-12 of that day's units is zero. In units of today a split is no step.
    """
    scale = Scale(splits)
    net: dict[date, int] = {}
    with localcontext(EXACT):
        for on, quantity in changes:
            net[on] = net.get(on, 0) + scale.units(quantity, on)
    days = sorted(net)
    quantities, total = np.empty(len(days)), 0
    for index, day in enumerate(days):
        total += net[day]
        if abs(total) < scale.dust(day):
            total = 0
        quantities[index] = total / scale.one
    return Steps(np.array([day_number(day) for day in days], dtype=np.int64), quantities)
