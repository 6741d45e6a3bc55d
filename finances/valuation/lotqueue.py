"""Open lots in the order in which a method gives them up."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from finances.errors import Conflict
from finances.valuation.book import lot_name
from finances.valuation.scale import share

ZERO = Decimal(0)


class Method(StrEnum):
    """Which lots a sale takes: first in, last in, dearest, or a part of the pool of all."""

    FIFO = "FIFO"
    LIFO = "LIFO"
    HIFO = "HIFO"
    AVERAGE = "AVERAGE"


class LotUnavailable(Conflict):
    """A named lot is not open when it is asked for or holds less, or more is named than taken."""

    code = "lot_unavailable"


@dataclass(slots=True, kw_only=True)
class OpenLot:
    """A lot while a book is counted; units and cost are positive for longs and shorts alike."""

    opened_by: Hashable
    part: int
    origin: Hashable
    acquired_on: date
    units: int
    cost: Decimal
    fees: Decimal
    taxes: Decimal

    @property
    def name(self) -> str:
        return lot_name(self.opened_by, self.part)


class Part(NamedTuple):
    """What was cut off a lot, with its share of the lot's figures."""

    lot: OpenLot
    units: int
    cost: Decimal
    fees: Decimal
    taxes: Decimal


def cut(lot: OpenLot, wanted: int, dust: int) -> Part:
    """Take `wanted` units off `lot`, or all where less than `dust` would stay."""
    held = lot.units
    if held - wanted < dust:
        whole = Part(lot, held, lot.cost, lot.fees, lot.taxes)
        lot.units, lot.cost, lot.fees, lot.taxes = 0, ZERO, ZERO, ZERO
        return whole
    part = Part(
        lot, wanted, share(lot.cost, wanted, held), share(lot.fees, wanted, held), share(lot.taxes, wanted, held)
    )
    lot.units = held - wanted
    lot.cost, lot.fees, lot.taxes = lot.cost - part.cost, lot.fees - part.fees, lot.taxes - part.taxes
    return part


Key = tuple[Decimal | int, int, int]


class LotQueue:
    """The longs, or the shorts, of one book. A heap; lots that were emptied by name stay in it until they come up."""

    def __init__(self, method: Method, *, short: bool = False) -> None:
        self.method, self.short = method, short
        self.total = 0
        self._heap: list[tuple[Key, OpenLot]] = []
        self._arrivals = 0

    def add(self, lot: OpenLot) -> None:
        self.total += lot.units
        if self.method is Method.AVERAGE and self._heap:
            self._pool(self._heap[0][1], lot)
            return
        self._arrivals += 1
        heappush(self._heap, (self._key(lot, self._arrivals), lot))

    def open(self) -> list[OpenLot]:
        """By date of acquisition, then arrival."""
        entries = sorted(self._heap, key=lambda entry: (entry[1].acquired_on, abs(entry[0][2])))
        return [lot for _, lot in entries if lot.units]

    def take(self, wanted: int, dust: int) -> list[Part]:
        """Up to `wanted` in the method's order; a lot left with less than `dust` is taken whole, on the next one's
        account, so that the total is exact."""
        parts = []
        while wanted >= dust and self._heap:
            lot = self._heap[0][1]
            if lot.units:
                parts.append(part := cut(lot, wanted, dust))
                self.total -= part.units
                wanted -= part.units
            if not lot.units:
                heappop(self._heap)
        self._settle(wanted)
        return parts

    def take_named(self, name: str, wanted: int, dust: int) -> Part:
        """From this very lot. Raises LotUnavailable."""
        lot = next((lot for _, lot in self._heap if lot.units and lot.name == name), None)
        if lot is None or wanted - lot.units >= dust:
            raise LotUnavailable(f"Lot {name} is not open or holds less than is taken from it.")
        part = cut(lot, wanted, dust)
        self.total -= part.units
        if not lot.units:
            self._heap = [entry for entry in self._heap if entry[1] is not lot]
            heapify(self._heap)
        self._settle(wanted - part.units)
        return part

    def _settle(self, owed: int) -> None:
        if self._heap and self._heap[0][1].units > owed:
            self._heap[0][1].units -= owed
            self.total -= owed

    def rekey(self) -> None:
        """After costs changed."""
        self._heap = [(self._key(lot, abs(key[2])), lot) for key, lot in self._heap]
        heapify(self._heap)

    def _pool(self, pool: OpenLot, lot: OpenLot) -> None:
        pool.acquired_on = min(pool.acquired_on, lot.acquired_on)
        pool.units, pool.cost = pool.units + lot.units, pool.cost + lot.cost
        pool.fees, pool.taxes = pool.fees + lot.fees, pool.taxes + lot.taxes

    def _key(self, lot: OpenLot, arrival: int) -> Key:
        day = lot.acquired_on.toordinal()
        if self.method is Method.LIFO:
            return 0, -day, -arrival
        if self.method is Method.HIFO:
            # The dearest long and the cheapest short: either way the smallest gain comes first.
            per_unit = lot.cost / lot.units
            return per_unit if self.short else -per_unit, day, arrival
        return 0, day, arrival
