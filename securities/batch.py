"""Many symbols at once: parallel fetches, each symbol on its own, so that one failing stops no other."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from finances.sync.batch import Line, run_many
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.record import recorded_batch
from finances.users.models import User
from finances.yahoo.types import Interval
from securities.models import Security
from securities.sync import sync_security


def stale_symbols(*, synced_before: datetime | None) -> list[str]:
    """Active listed symbols last synced before a time (None: all), the stalest first."""
    listed = Security.objects.listed().filter(is_active=True)
    if synced_before is not None:
        listed = listed.filter(Q(last_synced_at=None) | Q(last_synced_at__lt=synced_before))
    return list(listed.order_by(F("last_synced_at").asc(nulls_first=True), "pk").values_list("symbol", flat=True))


def sync_many(
    symbols: Sequence[str],
    *,
    intervals: tuple[Interval, ...],
    workers: int,
    trigger: SyncRun.Trigger,
    started_by: User | None = None,
    scope: SyncBatch.Scope = SyncBatch.Scope.SYMBOLS,
    resumes: SyncBatch | None = None,
) -> Iterator[Line]:
    """Sync each symbol, as one batch, and yield its line as it ends."""
    origin: Any = {"trigger": trigger, "started_by": started_by, "intervals": intervals}
    with recorded_batch(SyncBatch.Kind.PRICES, symbols, scope=scope, resumes=resumes, **origin) as batch:

        def sync_one(symbol: str) -> tuple[int, int, int]:
            result = sync_security(symbol, batch=batch, **origin)
            return result.bars_added, result.bars_changed, len(result.quarantined)

        yield from run_many(symbols, sync_one, workers=workers, batch=batch)
