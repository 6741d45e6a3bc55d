"""Many syncs at once: parallel, each on its own, so that one failing stops no other."""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextvars import copy_context
from dataclasses import dataclass, field

import structlog
from django.conf import settings
from django.db import connections

from finances.errors import FinancesError
from finances.sync.models import SyncBatch
from finances.sync.record import refuse, sign_of_life

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Line:
    """One symbol's outcome; `error` is "" or a stable code."""

    symbol: str
    added: int = 0
    changed: int = 0
    error: str = ""
    cause: FinancesError | None = field(default=None, compare=False, repr=False)


def run_many(
    symbols: Iterable[str], sync_one: Callable[[str], tuple[int, int]], *, workers: int, batch: SyncBatch
) -> Iterator[Line]:
    """Call `sync_one`, which answers (added, changed), for each symbol of `batch` and yield its line as it ends.

    Each runs in the caller's context, its time budget for Yahoo included. Closing the iterator cancels what has not
    begun; what runs ends in its own transaction.
    """
    # More threads than calls that may be in flight would only be turned away as busy.
    pool = ThreadPoolExecutor(max_workers=min(workers, settings.YAHOO_MAX_CONCURRENCY))
    jobs: list[Future[Line]] = [
        pool.submit(copy_context().run, _run_one, symbol, sync_one, batch) for symbol in symbols
    ]
    try:
        for job in as_completed(jobs):
            yield job.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _run_one(symbol: str, sync_one: Callable[[str], tuple[int, int]], batch: SyncBatch) -> Line:
    try:
        sign_of_life(batch)
        return Line(symbol, *sync_one(symbol))
    except FinancesError as error:
        refuse(batch, symbol, error.code)
        return Line(symbol, error=error.code, cause=error)
    except Exception:
        log.exception("sync_crashed", symbol=symbol)
        refuse(batch, symbol, "internal_error")
        return Line(symbol, error="internal_error")
    finally:
        connections.close_all()


def as_json(lines: Iterable[Line], *, name: str = "symbol") -> str:
    rows = [{name: line.symbol, "added": line.added, "changed": line.changed, "error": line.error} for line in lines]
    return json.dumps(rows, indent=2)


def as_table(lines: Iterable[Line], *, name: str = "symbol") -> str:
    rows = [(name.upper(), "ADDED", "CHANGED", "ERROR")]
    rows += [(line.symbol, str(line.added), str(line.changed), line.error) for line in lines]
    width = max(len(row[0]) for row in rows)
    return "\n".join(
        f"{symbol:<{width}}  {added:>7}  {changed:>7}  {error}".rstrip() for symbol, added, changed, error in rows
    )
