"""Many symbols at once: parallel fetches, each symbol on its own, so that one failing stops no other."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from finances.errors import Conflict, RuleViolation
from finances.sync import queue
from finances.sync.batch import Line, run_many
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.record import recorded_batch
from finances.users.models import User
from finances.yahoo.types import Interval
from securities.models import Security
from securities.sync import sync_security

QUEUED_AT_MOST = 1000
"""Symbols of one person's."""


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
        yield from run_many(symbols, partial(sync_symbol, batch), workers=workers, batch=batch)


def sync_symbol(batch: SyncBatch, symbol: str) -> tuple[int, int, int]:
    """A symbol of the batch, by its facts: bars added, changed, and answers held back. Raises what sync_security
    does."""
    result = sync_security(
        symbol,
        intervals=tuple(batch.intervals),
        refresh=batch.refresh,
        trigger=SyncRun.Trigger(batch.trigger),
        started_by=batch.started_by,
        batch=batch,
    )
    return result.bars_added, result.bars_changed, len(result.quarantined)


class NothingToSync(RuleViolation):
    code = "nothing_to_sync"
    message = "There is nothing listed to sync."


class TooMuchQueued(Conflict):
    code = "too_much_queued"
    message = "Too many symbols that you ordered wait to be synced; order more when they are done."


def order_for(
    user: User, symbols: Sequence[str], *, scope: SyncBatch.Scope, intervals: Sequence[str], refresh: bool
) -> SyncBatch:
    """A queued batch of the symbols, each once, in upper case. Raises NothingToSync, and TooMuchQueued where more than
    QUEUED_AT_MOST of theirs would wait."""
    wanted = list(dict.fromkeys(symbol.upper() for symbol in symbols))
    if not wanted:
        raise NothingToSync
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two orders at once count one after the other
        own = SyncBatch.objects.queued().filter(started_by=user)
        if SyncRun.objects.unfinished().filter(batch__in=own).count() + len(wanted) > QUEUED_AT_MOST:
            raise TooMuchQueued
        facts: Any = {"scope": scope, "intervals": intervals, "refresh": refresh, "started_by": user}
        return queue.order(SyncBatch.Kind.PRICES, wanted, trigger=SyncRun.Trigger.API, **facts)
