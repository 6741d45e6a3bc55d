"""Leases: taken before a sync's first network call, confirmed inside its write, given back at its end."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.utils import timezone

from finances.errors import Conflict
from finances.sync.models import Lease, SyncRun
from finances.sync.processes import SILENT_SECONDS, has_ended, this_process


class SyncInProgress(Conflict):
    code = "sync_in_progress"
    message = "This is being synced already."


class LeaseLost(Conflict):
    code = "sync_superseded"
    message = "This sync took too long and another has taken its place; nothing was written."


@contextmanager
def held_lease(name: str) -> Iterator[Lease]:
    """Hold the lease `name`. Raises SyncInProgress while another holds it."""
    lease, _ = take(name, lambda: None)
    try:
        yield lease
    finally:
        give_back(lease)


def take(name: str, open_run: Callable[[], SyncRun | None]) -> tuple[Lease, SyncRun | None]:
    """The lease, and the run that it is taken for, made in the same transaction. Raises SyncInProgress while another
    holds the lease; then there is no run either."""
    try:
        return _insert(name, open_run)
    except IntegrityError:
        _clear(name)
    try:
        return _insert(name, open_run)
    except IntegrityError as error:  # two took a free lease at once; the other was first
        raise SyncInProgress from error


def confirm(lease: Lease) -> None:
    """Lock the lease's row for the rest of the transaction. Raises LeaseLost if it has passed to another."""
    if not _own(lease).select_for_update().exists():
        raise LeaseLost


def spend(lease: Lease) -> None:
    """Confirm the lease and give it back at once: until the transaction ends, whoever wants it waits, and if it fails
    the lease is held as before. Raises LeaseLost if it has passed to another."""
    if not _own(lease)._raw_delete(DEFAULT_DB_ALIAS):
        raise LeaseLost
    lease.is_spent = True


def give_back(lease: Lease) -> None:
    _own(lease)._raw_delete(DEFAULT_DB_ALIAS)


def _own(lease: Lease) -> Any:
    return Lease.objects.filter(name=lease.name, holder=lease.holder)


@transaction.atomic
def _insert(name: str, open_run: Callable[[], SyncRun | None]) -> tuple[Lease, SyncRun | None]:
    run, until = open_run(), timezone.now() + timedelta(seconds=SILENT_SECONDS)
    lease = Lease.objects.create(name=name, holder=uuid.uuid4(), expires_at=until, run=run, **this_process())
    return lease, run


@transaction.atomic
def _clear(name: str) -> None:
    """Remove a lease whose time is over or whose process is gone; its run was cut off."""
    held = Lease.objects.select_for_update().filter(name=name).first()
    if held is None:
        return
    if held.expires_at > timezone.now() and not has_ended(held):
        raise SyncInProgress
    if held.run_id is not None:
        SyncRun.objects.filter(pk=held.run_id, status=SyncRun.Status.RUNNING).update(
            status=SyncRun.Status.INTERRUPTED, finished_at=timezone.now()
        )
    held.delete()
