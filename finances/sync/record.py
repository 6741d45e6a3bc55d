"""The record of a batch: its symbols before the first is begun, a sign of life with each, its outcome at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from finances.sync.leases import SyncInProgress
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.processes import this_process
from finances.users.models import User

ROWS = 1000
SIGN_SECONDS = 15
"""With the longest sync of a symbol well below SILENT_SECONDS."""


@contextmanager
def recorded_batch(
    kind: SyncBatch.Kind,
    symbols: Sequence[str],
    *,
    trigger: SyncRun.Trigger,
    started_by: User | None = None,
    scope: SyncBatch.Scope = SyncBatch.Scope.SYMBOLS,
    intervals: Sequence[str] = (),
    source: str = "yahoo",
    resumes: SyncBatch | None = None,
) -> Iterator[SyncBatch]:
    """A RUNNING batch with a PENDING run for each symbol; closed by what became of them, however the body ends.

    Raises SyncInProgress if another resumes the same batch.
    """
    facts: Any = {"trigger": trigger, "started_by": started_by, "scope": scope, "intervals": intervals}
    try:
        batch = open_batch(kind, symbols, source=source, resumes=resumes, **facts)
    except IntegrityError as error:
        raise SyncInProgress("Another process has resumed this already.") from error
    try:
        yield batch
    finally:
        states = SyncRun.objects.filter(batch=batch).order_by().values_list("status", "error_code").distinct()
        close_batch(batch, set(states))


@transaction.atomic(savepoint=False)
def open_batch(
    kind: SyncBatch.Kind,
    symbols: Sequence[str],
    *,
    source: str,
    intervals: Sequence[str] = (),
    status: SyncRun.Status = SyncRun.Status.PENDING,
    **facts: Any,
) -> SyncBatch:
    """`status`: that of its runs, and of the batch itself if it is queued. Raises IntegrityError if another resumes the
    same batch."""
    batch = SyncBatch(kind=kind, intervals=list(intervals), **this_process(), **facts)
    if batch.is_queued:
        batch.status = status
    batch.save()
    begun = {"source": source, "trigger": batch.trigger, "started_by": batch.started_by, "started_at": batch.started_at}
    runs = [SyncRun(batch=batch, symbol=symbol, status=status, **begun) for symbol in symbols]
    SyncRun.objects.bulk_create(runs, batch_size=ROWS)
    batch.pending = {run.symbol: run for run in runs}
    return batch


def close_batch(batch: SyncBatch, states: set[tuple[str, str]]) -> None:
    """`states`: (status, error code) of its runs."""
    found = {status for status, _code in states}
    codes = {code for status, code in states if status == SyncRun.Status.FAILED}
    if found & {SyncRun.Status.PENDING, SyncRun.Status.RUNNING}:
        status = SyncRun.Status.INTERRUPTED
    else:
        status = SyncRun.Status.SUCCEEDED if found <= {SyncRun.Status.SUCCEEDED} else SyncRun.Status.FAILED
    SyncBatch.objects.filter(pk=batch.pk).update(
        status=status, finished_at=timezone.now(), error_code=codes.pop() if len(codes) == 1 else ""
    )


def sign_of_life(batch: SyncBatch) -> None:
    """At most once in SIGN_SECONDS, however many symbols a second there are."""
    now = timezone.now()
    if now - batch.seen_at >= timedelta(seconds=SIGN_SECONDS):
        batch.seen_at = now
        SyncBatch.objects.filter(pk=batch.pk).update(seen_at=now)


def refuse(batch: SyncBatch, symbol: str, code: str) -> None:
    """Close the run of a symbol that failed before it was begun."""
    SyncRun.objects.filter(batch=batch, symbol=symbol, status=SyncRun.Status.PENDING).update(
        status=SyncRun.Status.FAILED, error_code=code, finished_at=timezone.now()
    )


def last_interrupted(kind: SyncBatch.Kind, *, source: str = "yahoo") -> SyncBatch | None:
    """The newest batch of a command that was cut off before its end and that none has resumed yet."""
    batches = SyncBatch.objects.filter(kind=kind, trigger=SyncRun.Trigger.COMMAND, resumed_by=None)
    batches = batches.with_unfinished(source)
    found: SyncBatch | None = (
        batches.with_state(now=timezone.now())
        .filter(state=SyncRun.Status.INTERRUPTED)
        .order_by("-started_at", "-pk")
        .first()
    )
    return found


def unfinished_symbols(batch: SyncBatch) -> list[str]:
    """In the order in which they were given."""
    return list(SyncRun.objects.unfinished().filter(batch=batch).order_by("pk").values_list("symbol", flat=True))
