"""The ledger as plain tuples, in bulk and by one statement: what books, cash and valuations are counted from."""

import json
import uuid
from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, NullIf

from accounts.models import Transaction, TransactionRevision
from accounts.models.transaction import FACTS

if TYPE_CHECKING:
    from finances.users.models import User


class LedgerEntry(NamedTuple):
    """One transaction as it counts: exact figures, quantities and prices in the units of `units_as_of` or its day."""

    id: uuid.UUID
    account_id: uuid.UUID
    type: str
    trade_date: date
    sequence: int
    security_id: int | None
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal | None
    fees: Decimal
    taxes: Decimal
    currency_id: str
    fx_rate: Decimal | None
    counter_account_id: uuid.UUID | None
    new_security_id: int | None
    ratio_numerator: int | None
    ratio_denominator: int | None
    cost_fraction: Decimal | None
    units_as_of: date | None
    acquired_on: date | None
    lots: list[dict[str, str]]


COLUMNS = (*LedgerEntry._fields[:-1], "named_lots")
NAMED_LOTS = NullIf(Cast("lots", TextField()), Value("[]", TextField()))
"""Text, as few name any: to parse an empty list for each row would cost as much as the rest of it."""
ORDER = ("trade_date", "sequence", "id")


def versions(
    columns: Iterable[str], where: Q, *, known_at: datetime | None = None, include_voided: bool = False
) -> "QuerySet[Any, tuple[Any, ...]]":
    """`columns` of the transactions that `where` selects, as tuples: those that count now, or counted at `known_at`.

    `where` names columns of Transaction. By one statement: current rows, and with `known_at` the revisions of then.
    """
    columns = list(columns)
    rows: Any = Transaction.objects.filter(where).annotate(named_lots=NAMED_LOTS).order_by()
    if known_at is None:
        found: QuerySet[Any, tuple[Any, ...]] = (rows if include_voided else rows.live()).values_list(*columns)
        return found
    # What was replaced was live as long as it stood: only what is current can have been voided.
    replaced: Any = (
        TransactionRevision.objects.filter(_of_revision(where), recorded_at__lte=known_at, superseded_at__gt=known_at)
        .annotate(named_lots=NAMED_LOTS)
        .order_by()
    )
    found = rows.known_at(known_at).values_list(*columns)
    return found.union(replaced.values_list(*(column_of_revision(name) for name in columns)), all=True)


def _of_revision(where: Q) -> Q:
    moved = Q(_connector=where.connector, _negated=where.negated)
    for child in where.children:
        if isinstance(child, Q):
            moved.children.append(_of_revision(child))
        elif isinstance(child, tuple):
            moved.children.append((column_of_revision(child[0]), child[1]))
        else:
            moved.children.append(child)
    return moved


def column_of_revision(name: str) -> str:
    """A revision keeps what an amendment may change; the rest is its transaction's."""
    kept = name.split("__")[0]
    return name if kept in (*FACTS, "named_lots") or f"{kept}_id" in FACTS else f"transaction__{name}"


def read_entries(
    owner: "User",
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    account_ids: Collection[uuid.UUID] | None = None,
) -> list[LedgerEntry]:
    """All that counts in the owner's accounts (or those given) up to `as_of`, as known now or at `known_at`.

    In the order of days and of entry. A transfer between two of the accounts is one entry.
    """
    where = Q(account__owner=owner)
    if account_ids is not None:
        where &= Q(account__in=account_ids) | Q(counter_account__in=account_ids)
    if as_of is not None:
        where &= Q(trade_date__lte=as_of)
    return _entries(versions(COLUMNS, where, known_at=known_at))


def entries_of_securities(
    account_ids: Collection[uuid.UUID], security_ids: Collection[int], *, known_at: datetime | None = None
) -> list[LedgerEntry]:
    """What counts in the books of these securities in these accounts, spin-offs into them among it."""
    where = Q(account__in=account_ids) | Q(counter_account__in=account_ids)
    where &= Q(security__in=security_ids) | Q(new_security__in=security_ids)
    return _entries(versions(COLUMNS, where, known_at=known_at))


def _entries(rows: "QuerySet[Any, tuple[Any, ...]]") -> list[LedgerEntry]:
    return [LedgerEntry._make((*row[:-1], json.loads(row[-1]) if row[-1] else [])) for row in rows.order_by(*ORDER)]
