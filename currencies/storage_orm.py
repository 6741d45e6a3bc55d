"""Rates into any engine through the ORM: read the window, compare, write what is new or changed in bulk."""

from datetime import date

from currencies.models import Currency, ExchangeRate, ExchangeRateRevision
from currencies.screening import DayClose, differs
from finances.sync.models import SyncRun

BATCH = 1000


def upsert(base: Currency, quote: Currency, closes: list[DayClose], run: SyncRun) -> tuple[int, int]:
    """(added, changed); see `currencies.storage.store_rates`."""
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


def _stored(base: Currency, quote: Currency, closes: list[DayClose], source: str) -> dict[date, ExchangeRate]:
    rows = ExchangeRate.objects.of_pair(base.pk, quote.pk).between(closes[0].day, closes[-1].day)
    return {row.day: row for row in rows.filter(source=source)}


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
