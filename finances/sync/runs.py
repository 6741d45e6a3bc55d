"""The record of one symbol's sync: started before the first network call, closed with its outcome."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from finances.errors import FinancesError
from finances.sync.leases import give_back, take
from finances.sync.models import Lease, SyncBatch, SyncRun
from finances.sync.record import close_batch, open_batch
from finances.users.models import User


@contextmanager
def leased_run(
    name: str,
    *,
    symbol: str,
    source: str,
    trigger: SyncRun.Trigger,
    started_by: User | None,
    batch: SyncBatch | None = None,
    kind: SyncBatch.Kind = SyncBatch.Kind.PRICES,
    intervals: Sequence[str] = (),
) -> Iterator[tuple[Lease, SyncRun]]:
    """The lease `name`, held, and the run that it is held for: a RUNNING row of `batch`, or of one of its own.

    FAILED with the error's code when the body raises; SUCCEEDED is the body's own last write, in the transaction that
    holds its figures and spends the lease. Raises SyncInProgress while another holds the lease; then a run of `batch`
    is as it was, and there is none else.
    """
    facts: dict[str, Any] = {"source": source, "trigger": trigger, "started_by": started_by}

    def open_run() -> SyncRun:
        if batch is not None:
            return begin(batch, symbol, **facts)
        own = open_batch(kind, [symbol], intervals=intervals, status=SyncRun.Status.RUNNING, **facts)
        return own.pending.pop(symbol)

    lease, run = take(name, open_run)
    assert run is not None
    try:
        yield lease, run
    except BaseException as error:
        lease.is_spent = False
        _fail(run, error)
        raise
    finally:
        if not lease.is_spent:
            give_back(lease)
        if batch is None and run.batch is not None:
            close_batch(run.batch, {(run.status, run.error_code)})


def _fail(run: SyncRun, error: BaseException) -> None:
    code = error.code if isinstance(error, FinancesError) else type(error).__name__
    run.status, run.error_code, run.finished_at = SyncRun.Status.FAILED, code[:50], timezone.now()
    SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.RUNNING).update(
        status=run.status, error_code=run.error_code, finished_at=run.finished_at
    )


def stamp(run: SyncRun) -> None:
    """Set the moment from which on the run's figures count; `succeed` saves it. Call inside the transaction that writes
    them, after the lock that keeps other writers of the symbol out, and before the first of them.

    Later than that of every other run of the symbol whatever the clocks say: history by system time would else have
    gaps or overlaps.
    """
    stamp_after(run, SyncRun.objects.of_symbol(run.symbol).aggregate(at=Max("recorded_at"))["at"])


def stamp_after(run: SyncRun, last: datetime | None) -> None:
    """As `stamp`; `last`: when the newest other run of the symbol recorded its figures, read since the lease that the
    transaction has confirmed was taken."""
    now = timezone.now()
    run.recorded_at = max(now, last + timedelta(microseconds=1)) if last else now


def succeed(
    run: SyncRun,
    *,
    bars_added: int,
    bars_changed: int,
    splits_used: list[list[object]],
    bars_quarantined: int = 0,
) -> None:
    run.status, run.finished_at = SyncRun.Status.SUCCEEDED, timezone.now()
    run.bars_added, run.bars_changed, run.bars_quarantined = bars_added, bars_changed, bars_quarantined
    run.splits_used = splits_used
    counts = ["bars_added", "bars_changed", "bars_quarantined"]
    run.save(update_fields=["status", "recorded_at", "finished_at", *counts, "splits_used"])


def begin(batch: SyncBatch, symbol: str, **facts: Any) -> SyncRun:
    """The batch's run of this symbol, now RUNNING."""
    begun = {**facts, "started_at": timezone.now(), "status": SyncRun.Status.RUNNING}
    run = batch.pending.pop(symbol, None)
    if run is None:  # begun before, or the batch was opened elsewhere
        return SyncRun.objects.update_or_create(batch=batch, symbol=symbol, defaults=begun)[0]
    for name, value in begun.items():
        setattr(run, name, value)
    run.save(update_fields=[*begun])
    return run
