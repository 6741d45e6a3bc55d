"""The record of one symbol's sync: started before the first network call, closed with its outcome."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from finances.errors import FinancesError
from finances.sync.models import Lease, SyncBatch, SyncRun
from finances.sync.record import recorded_batch
from finances.users.models import User


@contextmanager
def recorded_run(
    lease: Lease,
    *,
    symbol: str,
    source: str,
    trigger: SyncRun.Trigger,
    started_by: User | None,
    batch: SyncBatch | None = None,
    kind: SyncBatch.Kind = SyncBatch.Kind.PRICES,
    intervals: Sequence[str] = (),
) -> Iterator[SyncRun]:
    """A RUNNING row of `batch`, or of one of its own. FAILED with the error's code when the body raises; SUCCEEDED is
    the body's own last write, in the transaction that holds its figures."""
    facts: dict[str, Any] = {"trigger": trigger, "started_by": started_by}
    own = recorded_batch(kind, [symbol], intervals=intervals, source=source, **facts)
    with nullcontext(batch) if batch else own as batch:
        run = _begin(batch, symbol, source=source, **facts)
        Lease.objects.filter(pk=lease.pk, holder=lease.holder).update(run=run)
        try:
            yield run
        except BaseException as error:
            code = error.code if isinstance(error, FinancesError) else type(error).__name__
            SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.RUNNING).update(
                status=SyncRun.Status.FAILED, error_code=code[:50], finished_at=timezone.now()
            )
            raise


def stamp(run: SyncRun) -> None:
    """Set the moment from which on the run's figures count. Call inside the transaction that writes them, after the
    lock that keeps other writers of the symbol out, and before the first of them.

    Later than that of every other run of the symbol whatever the clocks say: history by system time would else have
    gaps or overlaps.
    """
    last = SyncRun.objects.filter(symbol=run.symbol, status=SyncRun.Status.SUCCEEDED).aggregate(at=Max("recorded_at"))
    now = timezone.now()
    run.recorded_at = max(now, last["at"] + timedelta(microseconds=1)) if last["at"] else now
    run.save(update_fields=["recorded_at"])


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
    run.save(update_fields=["status", "finished_at", "bars_added", "bars_changed", "bars_quarantined", "splits_used"])


def _begin(batch: SyncBatch, symbol: str, **facts: Any) -> SyncRun:
    begun = {**facts, "started_at": timezone.now(), "status": SyncRun.Status.RUNNING}
    run: SyncRun = SyncRun.objects.update_or_create(batch=batch, symbol=symbol, defaults=begun)[0]
    return run
