"""The record of a batch: its symbols before the first is begun, a sign of life with each, its outcome at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils import timezone

from finances.sync.leases import SyncInProgress
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.processes import this_process
from finances.users.models import User

ROWS = 1000


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
    batch = SyncBatch(
        kind=kind, scope=scope, intervals=list(intervals), trigger=trigger, started_by=started_by, resumes=resumes,
        **this_process(),
    )  # fmt: skip
    _open(batch, symbols, source)
    try:
        yield batch
    finally:
        _close(batch)


def sign_of_life(batch: SyncBatch) -> None:
    SyncBatch.objects.filter(pk=batch.pk).update(seen_at=timezone.now())


def refuse(batch: SyncBatch, symbol: str, code: str) -> None:
    """Close the run of a symbol that failed before it was begun."""
    SyncRun.objects.filter(batch=batch, symbol=symbol, status=SyncRun.Status.PENDING).update(
        status=SyncRun.Status.FAILED, error_code=code, finished_at=timezone.now()
    )


def last_interrupted(kind: SyncBatch.Kind) -> SyncBatch | None:
    """The newest batch of a command that was cut off before its end and that none has resumed yet."""
    batches = SyncBatch.objects.filter(kind=kind, trigger=SyncRun.Trigger.COMMAND, resumed_by=None).with_unfinished()
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


def _open(batch: SyncBatch, symbols: Sequence[str], source: str) -> None:
    facts = {"source": source, "trigger": batch.trigger, "started_by": batch.started_by}
    pending = {**facts, "status": SyncRun.Status.PENDING, "started_at": batch.started_at}
    try:
        with transaction.atomic():
            batch.save()
            SyncRun.objects.bulk_create(
                [SyncRun(batch=batch, symbol=symbol, **pending) for symbol in symbols], batch_size=ROWS
            )
    except IntegrityError as error:
        raise SyncInProgress("Another process has resumed this already.") from error


def _close(batch: SyncBatch) -> None:
    states = set(SyncRun.objects.filter(batch=batch).order_by().values_list("status", "error_code").distinct())
    found = {status for status, _code in states}
    codes = {code for status, code in states if status == SyncRun.Status.FAILED}
    if found & {SyncRun.Status.PENDING, SyncRun.Status.RUNNING}:
        status = SyncRun.Status.INTERRUPTED
    else:
        status = SyncRun.Status.SUCCEEDED if found <= {SyncRun.Status.SUCCEEDED} else SyncRun.Status.FAILED
    SyncBatch.objects.filter(pk=batch.pk).update(
        status=status, finished_at=timezone.now(), error_code=codes.pop() if len(codes) == 1 else ""
    )
