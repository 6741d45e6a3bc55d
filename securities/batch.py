"""Many symbols at once: parallel fetches, each symbol on its own, so that one failing stops no other."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import connections
from django.db.models import F, Q

from finances.errors import FinancesError
from finances.sync.models import SyncRun
from finances.yahoo.types import Interval
from securities.models import Security
from securities.sync import sync_security

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Line:
    """One symbol's outcome; `error` is "" or a stable code."""

    symbol: str
    added: int = 0
    changed: int = 0
    error: str = ""


def stale_symbols(*, synced_before: datetime | None) -> list[str]:
    """Active listed symbols last synced before a time (None: all), the stalest first."""
    listed = Security.objects.listed().filter(is_active=True)
    if synced_before is not None:
        listed = listed.filter(Q(last_synced_at=None) | Q(last_synced_at__lt=synced_before))
    return list(listed.order_by(F("last_synced_at").asc(nulls_first=True), "pk").values_list("symbol", flat=True))


def sync_many(
    symbols: Iterable[str], *, intervals: tuple[Interval, ...], workers: int, trigger: SyncRun.Trigger
) -> Iterator[Line]:
    """Sync each symbol and yield its line as it ends. Closing the iterator cancels what has not begun; what runs ends
    in its own transaction."""
    # More threads than calls that may be in flight would only be turned away as busy.
    pool = ThreadPoolExecutor(max_workers=min(workers, settings.YAHOO_MAX_CONCURRENCY))
    jobs: list[Future[Line]] = [pool.submit(_sync_one, symbol, intervals, trigger) for symbol in symbols]
    try:
        for job in as_completed(jobs):
            yield job.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _sync_one(symbol: str, intervals: tuple[Interval, ...], trigger: SyncRun.Trigger) -> Line:
    try:
        result = sync_security(symbol, intervals=intervals, trigger=trigger)
        return Line(symbol, result.bars_added, result.bars_changed)
    except FinancesError as error:
        return Line(symbol, error=error.code)
    except Exception:
        log.exception("sync_crashed", symbol=symbol)
        return Line(symbol, error="internal_error")
    finally:
        connections.close_all()
