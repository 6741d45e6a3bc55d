"""Many syncs at once: parallel, each on its own, so that one failing stops no other."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from queue import SimpleQueue

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
    held: int = 0
    """What was held back for staff to decide."""
    error: str = ""
    cause: FinancesError | None = field(default=None, compare=False, repr=False)


def run_many(
    symbols: Iterable[str], sync_one: Callable[[str], tuple[int, int, int]], *, workers: int, batch: SyncBatch
) -> Iterator[Line]:
    """Call `sync_one`, which answers (added, changed, held), for each symbol of `batch` and yield its line as it ends.

    Each runs in the caller's context, its time budget for Yahoo included. Closing the iterator cancels what has not
    begun; what runs ends in its own transaction.
    """
    waiting = deque(symbols)
    lines: SimpleQueue[Line | None] = SimpleQueue()

    def work() -> None:
        try:
            while (symbol := _next(waiting)) is not None:
                lines.put(run_one(symbol, sync_one, batch))
        finally:
            connections.close_all()
            lines.put(None)

    # More threads than calls that may be in flight would only be turned away as busy.
    threads = min(workers, settings.YAHOO_MAX_CONCURRENCY)
    with ThreadPoolExecutor(threads) as pool:
        jobs = [pool.submit(copy_context().run, work) for _ in range(threads)]
        try:
            for _ in jobs:
                yield from iter(lines.get, None)
        finally:
            waiting.clear()
        for job in jobs:
            job.result()


def _next(waiting: deque[str]) -> str | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def run_one(symbol: str, sync_one: Callable[[str], tuple[int, int, int]], batch: SyncBatch) -> Line:
    """Whatever happens becomes the line. On the thread's connection, which is used again for the next symbol unless
    something unforeseen happened."""
    try:
        sign_of_life(batch)
        return Line(symbol, *sync_one(symbol))
    except FinancesError as error:
        refuse(batch, symbol, error.code)
        return Line(symbol, error=error.code, cause=error)
    except Exception:
        log.exception("sync_crashed", symbol=symbol)
        connections.close_all()
        refuse(batch, symbol, "internal_error")
        return Line(symbol, error="internal_error")


def as_json(lines: Iterable[Line], *, name: str = "symbol") -> str:
    counts = ("added", "changed", "held", "error")
    rows = [{name: line.symbol, **{count: getattr(line, count) for count in counts}} for line in lines]
    return json.dumps(rows, indent=2)


def as_table(lines: Iterable[Line], *, name: str = "symbol") -> str:
    rows = [(name.upper(), "ADDED", "CHANGED", "HELD", "ERROR")]
    rows += [(line.symbol, str(line.added), str(line.changed), str(line.held), line.error) for line in lines]
    width = max(len(row[0]) for row in rows)
    return "\n".join(
        f"{symbol:<{width}}  {added:>7}  {changed:>7}  {held:>7}  {error}".rstrip()
        for symbol, added, changed, held, error in rows
    )
