"""What counting a book gives: open lots, realizations, lots that left."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finances.valuation.entries import Parcel
from finances.valuation.scale import PLACES

ZERO = Decimal(0)


def lot_name(opened_by: Hashable, part: int) -> str:
    """The stable name of a lot, for `Named`."""
    return f"{opened_by}.{part}" if part else str(opened_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """An open lot. quantity: units after the book's last split, negative for a short; cost has the same sign.

    id: stable name, for `Named`; opened_by: the entry that brought it into this book; origin: the entry that first
    acquired it; fees, taxes: those of the opening trade (parts of a long's cost, and fees already off a short's).
    """

    id: str
    opened_by: Hashable
    origin: Hashable
    acquired_on: date
    quantity: Decimal
    cost: Decimal
    fees: Decimal
    taxes: Decimal

    @property
    def cost_per_unit(self) -> Decimal:
        return self.cost / self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Realization:
    """One lot, or part of it, closed by one entry; of a short, opened by a sale and closed by a purchase.

    opened_by, part: the entry that brought the lot into this book, and which of its lots it is.
    quantity: in units of `closed_on`, positive; 0 for a return of capital beyond cost.
    proceeds: net of the sale's fees; cost: with the purchase's fees and taxes.
    fees, taxes: the closing trade's; opening_fees, opening_taxes: the opening trade's. A sale's taxes are in no other
    figure, all the others are in proceeds or cost already.
    """

    opened_by: Hashable
    part: int
    origin: Hashable
    closed_by: Hashable
    is_short: bool
    opened_on: date
    closed_on: date
    quantity: Decimal
    proceeds: Decimal
    cost: Decimal
    fees: Decimal
    taxes: Decimal
    opening_fees: Decimal
    opening_taxes: Decimal

    @property
    def lot(self) -> str:
        """The name of the lot."""
        return lot_name(self.opened_by, self.part)

    @property
    def gain(self) -> Decimal:
        return self.proceeds - self.cost

    @property
    def holding_days(self) -> int:
        return (self.closed_on - self.opened_on).days

    def is_long_term(self, after_days: int = 365) -> bool:
        return self.holding_days > after_days


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One security in one account. moved: per transfer out or spin-off, the lots that left with it."""

    lots: tuple[Lot, ...]
    realizations: tuple[Realization, ...]
    moved: Mapping[Hashable, tuple[Parcel, ...]]

    @property
    def quantity(self) -> Decimal:
        return sum((lot.quantity for lot in self.lots), ZERO)

    @property
    def cost(self) -> Decimal:
        return sum((lot.cost for lot in self.lots), ZERO)

    @property
    def average_cost(self) -> Decimal | None:
        """Cost per unit, to 12 decimals; None without a position."""
        return round(self.cost / self.quantity, PLACES) if self.quantity else None
