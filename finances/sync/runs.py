"""The record of a sync: started before the first network call, closed with its outcome."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from finances.errors import FinancesError
from finances.sync.models import Lease, SyncRun
from finances.users.models import User


@contextmanager
def recorded_run(
    lease: Lease, *, symbol: str, source: str, trigger: SyncRun.Trigger, started_by: User | None
) -> Iterator[SyncRun]:
    """A RUNNING row. FAILED with the error's code when the body raises; SUCCEEDED is the body's own last write, in
    the transaction that holds its figures."""
    run = SyncRun.objects.create(
        symbol=symbol, source=source, trigger=trigger, started_by=started_by, started_at=timezone.now()
    )
    Lease.objects.filter(pk=lease.pk, holder=lease.holder).update(run=run)
    try:
        yield run
    except BaseException as error:
        code = error.code if isinstance(error, FinancesError) else type(error).__name__
        SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.RUNNING).update(
            status=SyncRun.Status.FAILED, error_code=code[:50], finished_at=timezone.now()
        )
        raise


def succeed(run: SyncRun, *, bars_added: int, bars_changed: int, splits_used: list[list[object]]) -> None:
    run.status, run.finished_at = SyncRun.Status.SUCCEEDED, timezone.now()
    run.bars_added, run.bars_changed, run.splits_used = bars_added, bars_changed, splits_used
    run.save(update_fields=["status", "finished_at", "bars_added", "bars_changed", "splits_used"])
