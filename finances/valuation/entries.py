"""What lots are counted from: the entries of one book, which is one security in one account.

Quantities are in units of the entry's day, positive unless said otherwise; amounts are in the book's one currency.
`id` names the entry to its owner and may be anything hashable; `sequence` is the order of entry.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

ZERO = Decimal(0)

SPLITS, ACTIONS, ADDS, MOVES, TAKES = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Anything that happened on a day."""

    rank: ClassVar[int]
    id: Hashable
    on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Entry):
    """`numerator` units for `denominator` old ones, from its ex-date `on`."""

    rank: ClassVar[int] = SPLITS
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Buy(Entry):
    """A purchase, or an opening with its cost as `amount`. Covers shorts first, if there are any.

    amount: without fees and taxes, which become part of cost.
    """

    rank: ClassVar[int] = ADDS
    quantity: Decimal
    amount: Decimal
    fees: Decimal = ZERO
    taxes: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """So much of this very lot: what a sale or transfer takes before the method chooses the rest."""

    lot: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sell(Entry):
    """amount: before fees, which reduce the proceeds, and taxes, which do not."""

    rank: ClassVar[int] = TAKES
    quantity: Decimal
    amount: Decimal
    fees: Decimal = ZERO
    taxes: Decimal = ZERO
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Lots on their way to another book: dates and costs kept. A short one has a negative quantity and cost.

    origin: the entry that first acquired it; fees and taxes: parts of cost.
    """

    origin: Hashable
    acquired_on: date
    quantity: Fraction | Decimal
    cost: Decimal
    fees: Decimal = ZERO
    taxes: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferIn(Entry):
    """Lots arriving from a book that is not counted along."""

    rank: ClassVar[int] = ADDS
    parcels: tuple[Parcel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOut(Entry):
    """Lots leaving without a sale: to the book `to` where that is counted along. Never opens a short."""

    rank: ClassVar[int] = MOVES
    quantity: Decimal
    to: Hashable = None
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpinOff(Entry):
    """`numerator` new units for `denominator` held; they take `cost_fraction` of every lot's cost with them.

    to: the book of the new security where that is counted along.
    """

    rank: ClassVar[int] = ACTIONS
    numerator: int
    denominator: int
    cost_fraction: Decimal
    to: Hashable = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOfCapital(Entry):
    """`amount` received (negative: paid, on a short) lowers the cost of all lots by quantity; below zero it is gain."""

    rank: ClassVar[int] = ACTIONS
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment(Entry):
    """Changes quantity and total cost by exactly these (either may be negative), without a gain.

    quantity > 0: a new lot with `cost`. quantity < 0: lots taken by the method; None as cost lets theirs go with them.
    What remains of a cost that is given is spread over the open lots by quantity.
    """

    quantity: Decimal = ZERO
    cost: Decimal | None = None

    @property
    def rank(self) -> int:  # type: ignore[override]
        return ADDS if self.quantity > 0 else TAKES


def order_of_entry(entry: Entry) -> tuple[date, int, int]:
    """The order in which entries count: by day; within it splits, then spin-offs and returns of capital (which go to
    those who held before the day), what adds, transfers between books, what takes away; then the order of entry."""
    return entry.on, entry.rank, entry.sequence
