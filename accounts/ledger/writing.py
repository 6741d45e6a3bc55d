"""Transactions written as entries of the lots engine, book by book."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from accounts.ledger.entries import LedgerEntry
from accounts.ledger.splits import Splits
from accounts.models import Transaction
from finances.valuation import lots
from finances.valuation.scale import EXACT

Type = Transaction.Type
Key = tuple[uuid.UUID, int]
"""Account and security."""
ZERO = Decimal(0)


def write_books(entries: Iterable[LedgerEntry], splits: Mapping[int, Splits]) -> dict[Key, list[lots.Entry]]:
    """The entries of each book, with the stored splits that are effective."""
    books: dict[Key, list[lots.Entry]] = defaultdict(list)
    with localcontext(EXACT):
        for entry in entries:
            assert entry.security_id is not None
            written = WRITERS[entry.type](entry, splits[entry.security_id])
            if written is not None:
                books[entry.account_id, entry.security_id].append(written)
            other = _other_side(entry)
            if other is not None:
                books[other]  # it has a book, if only of what arrives
    for (_, security_id), written_ in books.items():
        written_.extend(_stored(splits[security_id]))
    return dict(books)


def _other_side(entry: LedgerEntry) -> Key | None:
    if entry.counter_account_id is not None and entry.security_id is not None:
        return entry.counter_account_id, entry.security_id
    return None if entry.new_security_id is None else (entry.account_id, entry.new_security_id)


def _stored(splits: Splits) -> list[lots.Entry]:
    return [
        lots.Split(
            id=("split", split.ex_date), on=split.ex_date, numerator=split.numerator, denominator=split.denominator
        )
        for split in splits.effective
    ]


def _named(entry: LedgerEntry) -> tuple[lots.Named, ...]:
    if not entry.lots:
        return ()
    return tuple(lots.Named(lot=lot["lot_id"], quantity=Decimal(lot["quantity"])) for lot in entry.lots)


def _at(entry: LedgerEntry) -> dict[str, Any]:
    return {"id": entry.id, "on": entry.trade_date, "sequence": entry.sequence}


def _trade(entry: LedgerEntry) -> dict[str, Any]:
    assert entry.quantity is not None
    assert entry.unit_price is not None
    return {
        "id": entry.id, "on": entry.trade_date, "sequence": entry.sequence, "quantity": entry.quantity,
        "amount": entry.quantity * entry.unit_price, "fees": entry.fees, "taxes": entry.taxes,
    }  # fmt: skip


def _buy(entry: LedgerEntry, splits: Splits) -> lots.Entry:
    return lots.Buy(**_trade(entry))


def _sell(entry: LedgerEntry, splits: Splits) -> lots.Entry:
    return lots.Sell(**_trade(entry), named=_named(entry))


def _opening(entry: LedgerEntry, splits: Splits) -> lots.Entry:
    """Stated in the units of another day, perhaps: then in those of its own, as a fraction that loses nothing."""
    assert entry.quantity is not None
    stated_on = entry.units_as_of or entry.trade_date
    ratio = splits.ratio_between(entry.trade_date, stated_on) / splits.ratio_between(stated_on, entry.trade_date)
    parcel = lots.Parcel(
        origin=entry.id,
        acquired_on=entry.acquired_on or entry.trade_date,
        quantity=Fraction(entry.quantity) / ratio,
        cost=entry.quantity * (entry.unit_price or ZERO),
    )
    return lots.TransferIn(**_at(entry), parcels=(parcel,))


def _transfer(entry: LedgerEntry, splits: Splits) -> lots.Entry:
    assert entry.quantity is not None
    return lots.TransferOut(**_at(entry), quantity=entry.quantity, to=_other_side(entry), named=_named(entry))


def _split(entry: LedgerEntry, splits: Splits) -> lots.Entry | None:
    """None where the market's own list has come to know it, which would double it."""
    assert entry.ratio_numerator is not None
    assert entry.ratio_denominator is not None
    if splits.know(entry.trade_date, Fraction(entry.ratio_numerator, entry.ratio_denominator)):
        return None
    return lots.Split(**_at(entry), numerator=entry.ratio_numerator, denominator=entry.ratio_denominator)


def _return_of_capital(entry: LedgerEntry, splits: Splits) -> lots.Entry:
    assert entry.amount is not None
    return lots.ReturnOfCapital(**_at(entry), amount=entry.amount)


def _spin_off(entry: LedgerEntry, splits: Splits) -> lots.Entry:
    assert entry.ratio_numerator is not None
    assert entry.ratio_denominator is not None
    assert entry.cost_fraction is not None
    return lots.SpinOff(
        **_at(entry), numerator=entry.ratio_numerator, denominator=entry.ratio_denominator,
        cost_fraction=entry.cost_fraction, to=_other_side(entry),
    )  # fmt: skip


def _adjustment(entry: LedgerEntry, splits: Splits) -> lots.Entry:
    return lots.Adjustment(**_at(entry), quantity=entry.quantity or ZERO, cost=entry.amount)


WRITERS: dict[str, Callable[[LedgerEntry, Splits], lots.Entry | None]] = {
    Type.BUY: _buy,
    Type.SELL: _sell,
    Type.OPENING: _opening,
    Type.TRANSFER: _transfer,
    Type.SPLIT: _split,
    Type.RETURN_OF_CAPITAL: _return_of_capital,
    Type.SPIN_OFF: _spin_off,
    Type.ADJUSTMENT: _adjustment,
}
