"""Batches that workers do: ordered as rows, so that what a broker forgets is still known, and done symbol by symbol.

Every step may be done twice: a symbol whose run has ended is left alone, and one that another worker is at holds a
lease. So a message that comes again does no harm, and one that is lost is sent again by `requeue_stalled`.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.module_loading import import_string

from finances import background
from finances.sync.batch import run_many, run_one
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.record import close_batch, open_batch, sign_of_life, unfinished_symbols
from finances.users.models import User

STALLED = timedelta(seconds=180)
"""Longer than a symbol takes. A killed worker's own message may still come to another, and finds its symbol done."""
LANES = 4


def order(
    kind: SyncBatch.Kind,
    symbols: Sequence[str],
    *,
    trigger: SyncRun.Trigger,
    scope: SyncBatch.Scope = SyncBatch.Scope.SYMBOLS,
    started_by: User | None = None,
    intervals: Sequence[str] = (),
    refresh: bool = False,
) -> SyncBatch:
    """A batch of `symbols`, PENDING; begun once the transaction is committed."""
    facts: dict[str, Any] = {"trigger": trigger, "started_by": started_by, "scope": scope, "refresh": refresh}
    batch = open_batch(kind, symbols, source="yahoo", intervals=intervals, is_queued=True, **facts)
    transaction.on_commit(lambda: hand_over(batch.uuid))
    return batch


def hand_over(batch: uuid.UUID) -> None:
    from finances.sync import tasks  # which import this module

    background.hand_over(tasks.begin_batch, str(batch), threads=background.sync)


def do_batch(key: str) -> None:
    """All that is left of it, in this process."""
    batch = SyncBatch.objects.get(uuid=key)
    _note_begun(batch)
    for _line in run_many(unfinished_symbols(batch), _sync_one(batch), workers=LANES, batch=batch):
        pass
    _close_if_done(batch)


def do_symbol(key: str, symbol: str) -> None:
    """One of its symbols, unless its run has ended."""
    batch = SyncBatch.objects.get(uuid=key)
    if not SyncRun.objects.unfinished().filter(batch=batch, symbol=symbol).exists():
        return
    _note_begun(batch)
    run_one(symbol, _sync_one(batch), batch)
    _close_if_done(batch)


def left_of(key: str) -> list[str]:
    """The symbols of the batch that are to be done."""
    return unfinished_symbols(SyncBatch.objects.get(uuid=key))


def requeue_stalled() -> None:
    """Hand over again what no worker has been at, while none is at anything: messages were lost, or a process was."""
    queued, now = SyncBatch.objects.queued(), timezone.now()
    seen = queued.aggregate(at=Max("seen_at"))["at"]
    if seen is None or seen > now - STALLED:
        return
    batches = list(queued.order_by("started_at").values_list("uuid", flat=True))
    queued.update(seen_at=now)
    for batch in batches:
        hand_over(batch)


def _sync_one(batch: SyncBatch) -> Callable[[str], tuple[int, int, int]]:
    """`(symbol) -> (added, changed, held)` of the batch's kind."""
    return partial(import_string(settings.SYNC_BY_KIND[batch.kind]), batch)


def _note_begun(batch: SyncBatch) -> None:
    if batch.status == SyncRun.Status.PENDING:
        batch.status = SyncRun.Status.RUNNING
        SyncBatch.objects.queued().filter(pk=batch.pk).update(status=batch.status, seen_at=timezone.now())
    sign_of_life(batch)


def _close_if_done(batch: SyncBatch) -> None:
    """Two that end together may both find nothing left; they write the same."""
    if not SyncRun.objects.unfinished().filter(batch=batch).exists():
        states = SyncRun.objects.filter(batch=batch).order_by().values_list("status", "error_code").distinct()
        close_batch(batch, set(states))
