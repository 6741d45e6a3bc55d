"""Open lots of a position, and what closing lots realized."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.ledger.books import Counted, Oversold, count_entries, read_material
from accounts.ledger.linked import linked
from accounts.ledger.writing import Key
from accounts.models import Account, Holding, Transaction
from finances.valuation import lots
from securities.models import Security

NO_COST = "The lot was brought in without its cost."


@dataclass(frozen=True)
class OpenLot:
    """quantity: in today's units, negative for a short. cost: in the security's currency, null where unknown."""

    lot_id: str
    transaction_id: Any
    acquired_on: date | None
    quantity: Decimal
    cost: Decimal | None
    fees: Decimal
    taxes: Decimal
    missing: list[dict[str, str]]


@dataclass(frozen=True)
class Gain:
    """A lot, or a part of one, that was closed. quantity: in units of closed_on; money in the security's currency."""

    security: Security
    lot_id: str
    opened_by: Any
    closed_by: Any
    is_short: bool
    acquired_on: date | None
    closed_on: date
    holding_days: int | None
    quantity: Decimal
    proceeds: Decimal | None
    cost: Decimal | None
    gain: Decimal | None
    fees: Decimal
    taxes: Decimal
    opening_fees: Decimal
    opening_taxes: Decimal
    missing: list[dict[str, str]]

    @property
    def currency_code(self) -> str:
        return str(self.security.currency_id)


def open_lots(holding: Holding, *, now: datetime) -> list[OpenLot]:
    """By day of acquisition."""
    key = holding.account_id, holding.security_id
    counted = _counted({holding.account_id}, {holding.security_id}, now, None).get(key)
    return [] if counted is None else [_open_lot(counted, lot) for lot in counted.book.lots]


def realized_gains(
    account: Account, *, start: date | None, end: date | None, now: datetime, known_at: datetime | None = None
) -> list[Gain]:
    """What the account closed from `start` to `end`, by day: long lots that were sold, shorts that were covered, and
    capital returned beyond the cost."""
    keys = _touched_securities(account)
    counted = _counted({account.pk}, keys, now, known_at)
    securities = Security.objects.in_bulk(keys)
    gains = [
        _gain(found, closed, securities[key[1]])
        for key, found in counted.items()
        if key[0] == account.pk
        for closed in found.book.realizations
        if (start is None or closed.closed_on >= start) and (end is None or closed.closed_on <= end)
    ]
    return sorted(gains, key=lambda gain: (gain.closed_on, gain.security.symbol))


def _touched_securities(account: Account) -> set[int]:
    rows = Transaction.objects.in_account(account).exclude(security=None).order_by()
    return {key for pair in rows.values_list("security_id", "new_security_id").distinct() for key in pair if key}


def _counted(
    account_ids: set[uuid.UUID], security_ids: set[int], now: datetime, known_at: datetime | None
) -> dict[Key, Counted]:  # fmt: skip
    books = linked(account_ids, security_ids)
    material = read_material(books, now=now, known_at=known_at)
    try:
        return count_entries(*material)
    except Oversold:  # by a split that the market has corrected since
        return count_entries(*material, lenient=True)


def _open_lot(counted: Counted, lot: lots.Lot) -> OpenLot:
    known = counted.costs_known(lot.origin)
    return OpenLot(
        lot_id=lot.id,
        transaction_id=lot.opened_by,
        acquired_on=counted.acquired_on(lot),
        quantity=lot.quantity,
        cost=lot.cost if known else None,
        fees=lot.fees,
        taxes=lot.taxes,
        missing=[] if known else _missing("cost"),
    )


def _gain(counted: Counted, closed: lots.Realization, security: Security) -> Gain:
    known = counted.costs_known(closed.origin)
    dated = closed.origin not in counted.undated
    return Gain(
        security=security,
        lot_id=closed.lot,
        opened_by=closed.origin,
        closed_by=closed.closed_by,
        is_short=closed.is_short,
        acquired_on=closed.opened_on if dated else None,
        closed_on=closed.closed_on,
        holding_days=closed.holding_days if dated else None,
        quantity=closed.quantity,
        proceeds=closed.proceeds,
        cost=closed.cost if known else None,
        gain=closed.gain if known else None,
        fees=closed.fees,
        taxes=closed.taxes,
        opening_fees=closed.opening_fees,
        opening_taxes=closed.opening_taxes,
        missing=[] if known else _missing("cost", "gain"),
    )


def _missing(*figures: str) -> list[dict[str, str]]:
    return [{"figure": figure, "code": "missing_cost", "detail": NO_COST} for figure in figures]
