"""What transactions do to cash, by account and currency; exact, and never rounded on the way."""

import uuid
from collections.abc import Iterable, Iterator
from decimal import Decimal, localcontext
from typing import NamedTuple

from accounts.ledger.entries import LedgerEntry
from accounts.ledger.kinds import COST_ONLY, SIGNS
from accounts.models import Transaction
from finances.valuation.scale import EXACT

ZERO = Decimal(0)


class Movement(NamedTuple):
    """What one transaction does to the cash of one account, signed."""

    account_id: uuid.UUID
    currency_code: str
    amount: Decimal


def movements(entry: LedgerEntry, home: dict[uuid.UUID, str]) -> Iterator[Movement]:
    """`home`: the currency of each account. With a booked rate the cash moves in that, else in the transaction's.

    Exact in a wide context; never rounded, so that parts always add up.
    """
    gross = _gross(entry)
    net = gross - entry.fees - entry.taxes
    if entry.type == Transaction.Type.TRANSFER and entry.counter_account_id is not None:
        yield Movement(entry.account_id, entry.currency_id, net)
        if gross:
            yield _moved(entry, entry.counter_account_id, -gross, home)
    elif net:
        yield _moved(entry, entry.account_id, net, home)


def _gross(entry: LedgerEntry) -> Decimal:
    if entry.security_id is not None and entry.type in COST_ONLY:
        return ZERO
    amount = entry.amount
    if amount is None:
        amount = (entry.quantity or ZERO) * (entry.unit_price or ZERO)
    return SIGNS[entry.type] * amount


def _moved(entry: LedgerEntry, account_id: uuid.UUID, amount: Decimal, home: dict[uuid.UUID, str]) -> Movement:
    if entry.fx_rate is None:
        return Movement(account_id, entry.currency_id, amount)
    return Movement(account_id, home[account_id], amount * entry.fx_rate)


def balances(
    entries: Iterable[LedgerEntry], home: dict[uuid.UUID, str]
) -> dict[tuple[uuid.UUID, str], Decimal]:  # fmt: skip
    """The cash of each account and currency that these entries come to; `home` names the accounts that count."""
    sums: dict[tuple[uuid.UUID, str], Decimal] = {}
    with localcontext(EXACT):
        for entry in entries:
            for movement in movements(entry, home):
                key = movement.account_id, movement.currency_code
                sums[key] = sums.get(key, ZERO) + movement.amount
    return sums
