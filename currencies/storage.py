"""The one way rates are written: new ones in, changed ones with their predecessor kept, equal ones untouched."""

from datetime import date
from typing import Any

from currencies.models import Currency, ExchangeRate, ExchangeRateRevision
from currencies.screening import DayClose, differs
from finances.sync.models import SyncRun

BATCH = 1000
LEADING_DAYS = 3


def store_rates(base: Currency, quote: Currency, closes: list[DayClose], run: SyncRun) -> tuple[int, int]:
    """(added, changed). Call inside a transaction that keeps other writers of the pair out.

    Each source has rates of its own; which of them counts is settled when they are read.
    """
    stored = _stored(base, quote, closes, run.source)
    new = [close for close in closes if close.day not in stored]
    changed = [
        close
        for close in closes
        if close.day in stored and differs(stored[close.day].quote_per_base, close.quote_per_base)
    ]
    _keep([stored[close.day] for close in changed], run)
    ExchangeRate.objects.bulk_create(
        [
            ExchangeRate(base=base, quote=quote, day=day, quote_per_base=rate, source=run.source, run=run)
            for day, rate in (*new, *changed)
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["base", "quote", "day", "source"],
        update_fields=["quote_per_base", "run"],
    )
    return len(new), len(changed)


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


def _stored(base: Currency, quote: Currency, closes: list[DayClose], source: str) -> dict[date, ExchangeRate]:
    if not closes:
        return {}
    rows = ExchangeRate.objects.of_pair(base.pk, quote.pk).between(closes[0].day, closes[-1].day)
    rows = rows.filter(source=source)
    return {row.day: row for row in rows}


def _keep(superseded: list[ExchangeRate], run: SyncRun) -> None:
    ExchangeRateRevision.objects.bulk_create(
        [
            ExchangeRateRevision(
                base_id=row.base_id,
                quote_id=row.quote_id,
                day=row.day,
                quote_per_base=row.quote_per_base,
                source=row.source,
                run_id=row.run_id,
                superseded_at=run.recorded_at,
            )
            for row in superseded
        ],
        batch_size=BATCH,
    )
