"""Holdings: what the books of the ledger come to, kept as rows so that lists of them cost no counting."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from accounts.ledger.books import Counted, Material, count_entries, read_material, separate
from accounts.ledger.entries import LedgerEntry
from accounts.ledger.linked import Books, lock_linked
from accounts.ledger.splits import Splits
from accounts.ledger.writing import Key
from accounts.models import Holding
from accounts.models.holding import HoldingQuerySet
from finances.errors import Conflict, FinancesError
from finances.valuation.scale import EXACT

NAMESPACE = uuid.UUID("5c0b4b64-6a3f-4f6e-9d3f-0c6c2f1f7a55")
"""Of ids made from account and security, so that a position that comes back has the id it had."""
COST_QUANTUM, AVERAGE_QUANTUM = Decimal("1e-20"), Decimal("1e-8")
MOST_TOLD = 100
"""Refusals of one security at once; each costs a count."""
FIGURES = ("quantity", "average_cost", "cost", "acquired_on")
STATE = ("splits_state", "recount_on")
COUNTED_BY = ("account_id", "security_id", "security__time_zone", "splits_now", *STATE)
"""What tells whether a holding is stale; splits_now as HoldingQuerySet.with_splits_now adds it."""


def recount(books: Books, *, now: datetime, lenient: bool = False) -> dict[Key, Counted]:
    """Count these linked books and make their holdings what they come to. Call it with their accounts locked.

    Raises as `books.count`; then nothing was written.
    """
    material = read_material(books, now=now)
    counted = count_entries(material.entries, material.splits, material.accounts, lenient=lenient)
    _store(books, counted, material.splits, now)
    return counted


def recount_each(books: Books, *, now: datetime) -> list[FinancesError]:
    """As `recount`; but instead of raising it returns all that refuses these books, and then writes nothing."""
    material = read_material(books, now=now)
    counted: dict[Key, Counted] = {}
    refused: list[FinancesError] = []
    for group in separate(material.entries):
        found, errors = _counted_or_refused(group, material)
        counted |= found
        refused += errors
    if not refused:
        _store(books, counted, material.splits, now)
    return refused


def _counted_or_refused(
    group: list[LedgerEntry], material: Material
) -> tuple[dict[Key, Counted], list[FinancesError]]:  # fmt: skip
    """Counting ends at the first entry that cannot be; it is left out and the rest counted again, to find the next."""
    errors: list[FinancesError] = []
    while len(errors) < MOST_TOLD:
        try:
            return count_entries(group, material.splits, material.accounts), errors
        except Conflict as error:
            errors.append(error)
            rest = [entry for entry in group if entry.id != error.facts.get("transaction_id")]
            if len(rest) == len(group):
                break
            group = rest
    return {}, errors


def stale_keys(rows: Iterable[Sequence[Any]], now: datetime) -> list[Key]:
    """Of the holdings that `rows` of COUNTED_BY tell of, those of which splits have come, gone or become effective
    since they were counted."""
    return [
        (account_id, security_id)
        for account_id, security_id, time_zone, splits_now, splits_state, recount_on in rows
        if splits_now != splits_state
        or (recount_on is not None and recount_on <= now.astimezone(ZoneInfo(time_zone)).date())
    ]


def refresh_holdings(holdings: HoldingQuerySet) -> None:
    """Count anew what a sync or a new day has overtaken."""
    now = timezone.now()
    rows = holdings.with_splits_now().order_by().values_list(*COUNTED_BY)
    recount_stale(stale_keys(rows, now), now=now)


@transaction.atomic
def recount_stale(keys: Iterable[Key], *, now: datetime) -> None:
    """Bring rows up to the splits of today. What a corrected split leaves oversold shows as the short that it is."""
    for account_id, security_id in sorted(set(keys)):
        books, _ = lock_linked([account_id], [security_id])
        recount(books, now=now, lenient=True)


def _figures(counted: Counted, splits: Splits) -> dict[str, Any]:
    with localcontext(EXACT):
        quantity, cost = counted.book.quantity, counted.cost
        average = None if cost is None else (cost / quantity).quantize(AVERAGE_QUANTUM, ROUND_HALF_EVEN)
        cost = None if cost is None else cost.quantize(COST_QUANTUM, ROUND_HALF_EVEN)
    return {
        "quantity": quantity,
        "average_cost": average,
        "cost": cost,
        "acquired_on": counted.held_since,
        "splits_state": splits.state,
        "recount_on": splits.recount_on,
    }


def _store(books: Books, counted: Mapping[Key, Counted], splits: Mapping[int, Splits], now: datetime) -> None:
    rows = Holding.objects.filter(account__in=books.account_ids, security__in=books.security_ids)
    stored = {(row.account_id, row.security_id): row for row in rows}
    wanted = {key: _figures(found, splits[key[1]]) for key, found in counted.items() if found.book.lots}
    Holding.objects.filter(pk__in=[row.pk for key, row in stored.items() if key not in wanted]).delete()
    Holding.objects.bulk_create(
        Holding(id=holding_id(key), account_id=key[0], security_id=key[1], **figures)
        for key, figures in wanted.items()
        if key not in stored
    )
    for key in wanted.keys() & stored.keys():
        _update(stored[key], wanted[key], now)


def _update(row: Holding, figures: dict[str, Any], now: datetime) -> None:
    """Its body has changed only where a figure has."""
    changed = [name for name in (*FIGURES, *STATE) if getattr(row, name) != figures[name]]
    if set(changed) & set(FIGURES):
        figures = {**figures, "updated_at": now}
    if changed:
        Holding.objects.filter(pk=row.pk).update(**figures)


def holding_id(key: Key) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, f"{key[0]}:{key[1]}")
