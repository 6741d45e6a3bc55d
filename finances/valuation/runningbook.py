"""One book while its entries are counted, one after the other in their order."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from finances.errors import Conflict
from finances.valuation.book import Book, Lot, Realization
from finances.valuation.entries import (
    Adjustment,
    Buy,
    Entry,
    Named,
    Parcel,
    ReturnOfCapital,
    Sell,
    SpinOff,
    Split,
    TransferIn,
    TransferOut,
)
from finances.valuation.lotqueue import LotQueue, LotUnavailable, Method, OpenLot, Part, cut
from finances.valuation.scale import COST_QUANTUM, Scale, spread

ZERO = Decimal(0)


class Oversold(Conflict):
    """More is taken away than is held. entry: what takes it; on: its day; wanted, held: in units of that day."""

    code = "oversold"

    def __init__(self, entry: Entry, wanted: Decimal, held: Decimal) -> None:
        self.entry, self.on, self.wanted, self.held = entry.id, entry.on, wanted, held
        super().__init__(f"{wanted:f} taken away on {entry.on}, when {held:f} were held.")


class NothingHeld(Conflict):
    """A spin-off, return of capital or change of cost without a position that it could belong to."""

    code = "nothing_held"

    def __init__(self, entry: Entry) -> None:
        self.entry, self.on = entry.id, entry.on
        super().__init__(f"Nothing was held on {entry.on}.")


class RunningBook:
    """Applies entries. Longs and shorts are never open together; both are kept as positive figures."""

    def __init__(self, entries: Iterable[Entry], method: Method, *, allow_short: bool) -> None:
        self.scale = Scale(entry for entry in entries if isinstance(entry, Split))
        self.allow_short = allow_short
        self.longs, self.shorts = LotQueue(method), LotQueue(method, short=True)
        self.realizations: list[Realization] = []
        self.moved: dict[Hashable, tuple[Parcel, ...]] = {}

    def apply(self, entry: Entry) -> None:
        """Raises Oversold, LotUnavailable, NothingHeld."""
        HANDLERS[type(entry)](self, entry)

    def receive(self, entry: Entry, parcels: Iterable[Parcel]) -> None:
        """Lots that arrive with `entry`; long ones cover shorts first, and the other way round."""
        for part, parcel in enumerate(parcels):
            lot = OpenLot(
                opened_by=entry.id,
                part=part,
                origin=parcel.origin,
                acquired_on=parcel.acquired_on,
                units=abs(self.scale.units(parcel.quantity, entry.on)),
                cost=abs(parcel.cost),
                fees=parcel.fees,
                taxes=parcel.taxes,
            )
            self._add(entry, lot) if parcel.quantity > 0 else self._subtract(entry, lot)

    def result(self) -> Book:
        return Book(lots=tuple(self._open_lots()), realizations=tuple(self.realizations), moved=self.moved)

    def buy(self, entry: Buy) -> None:
        self._add(entry, self._incoming(entry, entry.amount + entry.fees + entry.taxes))

    def sell(self, entry: Sell) -> None:
        self._subtract(entry, self._incoming(entry, entry.amount - entry.fees), entry.named)

    def transfer_in(self, entry: TransferIn) -> None:
        self.receive(entry, entry.parcels)

    def transfer_out(self, entry: TransferOut) -> None:
        parts = self._take_longs(entry, self.scale.units(entry.quantity, entry.on), entry.named)
        self.moved[entry.id] = tuple(self._parcel(part, self.scale.fraction(part.units, entry.on)) for part in parts)

    def spin_off(self, entry: SpinOff) -> None:
        queue, sign = self._position(entry)
        ratio = Fraction(entry.numerator, entry.denominator) * sign
        parcels = []
        for lot in queue.open():
            part = Part(
                lot, lot.units, *((figure * entry.cost_fraction).quantize(COST_QUANTUM) for figure in figures(lot))
            )
            parcels.append(self._parcel(part, self.scale.fraction(lot.units, entry.on) * ratio, sign))
            lot.cost, lot.fees, lot.taxes = lot.cost - part.cost, lot.fees - part.fees, lot.taxes - part.taxes
        queue.rekey()
        self.moved[entry.id] = tuple(parcels)

    def return_capital(self, entry: ReturnOfCapital) -> None:
        queue, sign = self._position(entry)
        lots = queue.open()
        for lot, amount in zip(lots, spread(entry.amount * sign, [lot.units for lot in lots]), strict=True):
            beyond = max(amount - lot.cost, ZERO)
            lot.cost -= amount - beyond
            if beyond:
                closing = Part(lot, 0, beyond, ZERO, ZERO)
                self._realize(entry, Part(lot, 0, ZERO, ZERO, ZERO), ZERO, closing, is_short=sign < 0)
        queue.rekey()

    def adjust(self, entry: Adjustment) -> None:
        queue, sign = (self.shorts, -1) if self.shorts.total else (self.longs, 1)
        cost = None if entry.cost is None else entry.cost * sign
        if entry.quantity * sign > 0:
            queue.add(self._lot(entry, abs(entry.quantity), cost or ZERO))
            return
        taken = self._take(entry, queue, self.scale.units(abs(entry.quantity), entry.on))
        if cost is not None and (left := cost + sum((part.cost for part in taken), ZERO)):
            self._change_cost(entry, left)

    def split(self, entry: Split) -> None:
        """Nothing to do: the scale has it."""

    def _change_cost(self, entry: Entry, change: Decimal) -> None:
        queue, _ = self._position(entry)
        lots = queue.open()
        for lot, amount in zip(lots, spread(change, [lot.units for lot in lots]), strict=True):
            lot.cost += amount
        queue.rekey()

    def _position(self, entry: Entry) -> tuple[LotQueue, int]:
        """The side that is open, and its sign. Raises NothingHeld."""
        if self.longs.total:
            return self.longs, 1
        if self.shorts.total:
            return self.shorts, -1
        raise NothingHeld(entry)

    def _incoming(self, entry: Buy | Sell, cost: Decimal) -> OpenLot:
        return self._lot(entry, entry.quantity, cost, entry.fees, entry.taxes)

    def _lot(
        self, entry: Entry, quantity: Decimal, cost: Decimal, fees: Decimal = ZERO, taxes: Decimal = ZERO
    ) -> OpenLot:
        return OpenLot(
            opened_by=entry.id,
            part=0,
            origin=entry.id,
            acquired_on=entry.on,
            units=self.scale.units(quantity, entry.on),
            cost=cost,
            fees=fees,
            taxes=taxes,
        )

    def _add(self, entry: Entry, lot: OpenLot) -> None:
        """Cover shorts with `lot`; the rest of it is a new long."""
        if self.shorts.total:
            self._close(entry, self.shorts.take(lot.units, self.scale.dust(entry.on)), lot, is_short=True)
        if lot.units:
            self.longs.add(lot)

    def _subtract(self, entry: Entry, lot: OpenLot, named: Sequence[Named] = ()) -> None:
        """Close longs with `lot`; the rest of it is a new short."""
        short = self.allow_short and lot.units - self.longs.total >= self.scale.dust(entry.on)
        if not short or self.longs.total:
            wanted = min(lot.units, self.longs.total) if short else lot.units
            self._close(entry, self._take_longs(entry, wanted, named), lot, is_short=False)
        if lot.units:
            self.shorts.add(lot)

    def _take_longs(self, entry: Entry, units: int, named: Sequence[Named]) -> list[Part]:
        dust = self.scale.dust(entry.on)
        self._check(entry, self.longs, units)
        wanted = [self.scale.units(name.quantity, entry.on) for name in named]
        if sum(wanted) - units >= dust:
            raise LotUnavailable(f"The named lots are more than what is taken away on {entry.on}.")
        parts = [self.longs.take_named(name.lot, own, dust) for name, own in zip(named, wanted, strict=True)]
        return parts + self.longs.take(units - sum(wanted), dust)

    def _take(self, entry: Entry, queue: LotQueue, units: int) -> list[Part]:
        self._check(entry, queue, units)
        return queue.take(units, self.scale.dust(entry.on))

    def _check(self, entry: Entry, queue: LotQueue, units: int) -> None:
        if units - queue.total >= self.scale.dust(entry.on):
            wanted, held = (self.scale.decimals([amount], entry.on)[0] for amount in (units, queue.total))
            raise Oversold(entry, wanted, held)

    def _close(self, entry: Entry, parts: list[Part], lot: OpenLot, *, is_short: bool) -> None:
        """Realize `parts` against the piece of `lot` that closes them, which is cut off `lot`."""
        weights = [part.units for part in parts]
        piece = cut(lot, sum(weights), self.scale.dust(entry.on))
        quantities = self.scale.decimals(weights, entry.on)
        shares = zip(*(spread(figure, weights) for figure in (piece.cost, piece.fees, piece.taxes)), strict=True)
        for part, quantity, (cost, fees, taxes) in zip(parts, quantities, shares, strict=True):
            self._realize(entry, part, quantity, Part(lot, part.units, cost, fees, taxes), is_short=is_short)

    def _realize(self, entry: Entry, part: Part, quantity: Decimal, closing: Part, *, is_short: bool) -> None:
        self.realizations.append(
            Realization(
                opened_by=part.lot.opened_by,
                part=part.lot.part,
                origin=part.lot.origin,
                closed_by=entry.id,
                is_short=is_short,
                opened_on=part.lot.acquired_on,
                closed_on=entry.on,
                quantity=quantity,
                proceeds=part.cost if is_short else closing.cost,
                cost=closing.cost if is_short else part.cost,
                fees=closing.fees,
                taxes=closing.taxes,
                opening_fees=part.fees,
                opening_taxes=part.taxes,
            )
        )

    def _parcel(self, part: Part, quantity: Fraction, sign: int = 1) -> Parcel:
        return Parcel(
            origin=part.lot.origin,
            acquired_on=part.lot.acquired_on,
            quantity=quantity,
            cost=part.cost * sign,
            fees=part.fees,
            taxes=part.taxes,
        )

    def _open_lots(self) -> Iterable[Lot]:
        queue, sign = (self.shorts, -1) if self.shorts.total else (self.longs, 1)
        lots = queue.open()
        for lot, quantity in zip(lots, self.scale.decimals([lot.units for lot in lots]), strict=True):
            yield Lot(
                id=lot.name,
                opened_by=lot.opened_by,
                origin=lot.origin,
                acquired_on=lot.acquired_on,
                quantity=quantity * sign,
                cost=lot.cost * sign,
                fees=lot.fees,
                taxes=lot.taxes,
            )


def figures(lot: OpenLot) -> tuple[Decimal, Decimal, Decimal]:
    return lot.cost, lot.fees, lot.taxes


HANDLERS: dict[type[Entry], Callable[[RunningBook, Any], None]] = {
    Split: RunningBook.split,
    SpinOff: RunningBook.spin_off,
    ReturnOfCapital: RunningBook.return_capital,
    Buy: RunningBook.buy,
    TransferIn: RunningBook.transfer_in,
    TransferOut: RunningBook.transfer_out,
    Sell: RunningBook.sell,
    Adjustment: RunningBook.adjust,
}
