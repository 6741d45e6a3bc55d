"""Leases: taken before a sync's first network call, confirmed inside its write, given back at its end."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction
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
    lease = _acquire(name)
    try:
        yield lease
    finally:
        Lease.objects.filter(name=name, holder=lease.holder).delete()


def confirm(lease: Lease) -> None:
    """Lock the lease's row for the rest of the transaction. Raises LeaseLost if it has passed to another."""
    if not Lease.objects.select_for_update().filter(name=lease.name, holder=lease.holder).exists():
        raise LeaseLost


def _acquire(name: str) -> Lease:
    try:
        with transaction.atomic():
            held = Lease.objects.select_for_update().filter(name=name).first()
            if held is not None:
                _take_from(held)
            return Lease.objects.create(
                name=name,
                holder=uuid.uuid4(),
                expires_at=timezone.now() + timedelta(seconds=SILENT_SECONDS),
                **this_process(),
            )
    except IntegrityError as error:  # two took a free lease at once; the other was first
        raise SyncInProgress from error


def _take_from(held: Lease) -> None:
    """Remove a lease whose time is over or whose process is gone; its run was cut off."""
    if held.expires_at > timezone.now() and not has_ended(held):
        raise SyncInProgress
    if held.run_id is not None:
        SyncRun.objects.filter(pk=held.run_id, status=SyncRun.Status.RUNNING).update(
            status=SyncRun.Status.INTERRUPTED, finished_at=timezone.now()
        )
    held.delete()
