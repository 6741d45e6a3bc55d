"""The one way rates are written: new ones in, changed ones with their predecessor kept, equal ones untouched."""

from datetime import date
from typing import Any

from django.db import connection

from currencies import storage_orm, storage_postgres
from currencies.models import Currency
from currencies.screening import DayClose, differs
from finances.sync.models import SyncRun

LEADING_DAYS = 3


def store_rates(base: Currency, quote: Currency, closes: list[DayClose], run: SyncRun) -> tuple[int, int]:
    """(added, changed) of `closes`, ascending and one a day. Call inside a transaction that keeps other writers of the
    pair out.

    Each source has rates of its own; which of them counts is settled when they are read.
    """
    if not closes:
        return 0, 0
    engine = storage_postgres if connection.vendor == "postgresql" else storage_orm
    added, changed = engine.upsert(base, quote, closes, run)
    return added, changed


def contradicts(stored: Any, closes: list[DayClose], *, start: date | None) -> bool:
    """Whether an answer for the window from `start` is another series than the `stored` rates of its pair and source.

    The first days stored there decide: a correction touches a few days, another series differs from the first on. An
    answer that holds none of them does not continue them either. False where nothing is stored.
    """
    leading = list(stored.between(start, None).order_by("day")[:LEADING_DAYS])
    fetched = dict(closes)
    common = [row for row in leading if row.day in fetched]
    if not common:
        return bool(leading)
    return any(differs(row.quote_per_base, fetched[row.day]) for row in common)
