"""Leases: taken before a sync's first network call, confirmed inside its write, given back at its end."""

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from finances.errors import Conflict
from finances.sync.models import Lease, SyncRun

# Above the longest sync: its time budget for Yahoo plus the write.
LEASE_SECONDS = 90
_processes: dict[int, uuid.UUID] = {}


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
                host=socket.gethostname(),
                pid=os.getpid(),
                process=_this_process(),
                expires_at=timezone.now() + timedelta(seconds=LEASE_SECONDS),
            )
    except IntegrityError as error:  # two took a free lease at once; the other was first
        raise SyncInProgress from error


def _take_from(held: Lease) -> None:
    """Remove a lease whose time is over or whose process is gone; its run was cut off."""
    if held.expires_at > timezone.now() and _may_be_alive(held):
        raise SyncInProgress
    if held.run_id is not None:
        SyncRun.objects.filter(pk=held.run_id, status=SyncRun.Status.RUNNING).update(
            status=SyncRun.Status.INTERRUPTED, finished_at=timezone.now()
        )
    held.delete()


def _may_be_alive(lease: Lease) -> bool:
    """False only if the holder is known to be gone: a process of this host that has ended."""
    if lease.host != socket.gethostname() or lease.process == _this_process():
        return True
    if lease.pid == os.getpid():  # this process bears the id of one that has ended
        return False
    try:
        os.kill(lease.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _this_process() -> uuid.UUID:
    """This process's own token; keyed by process id, since a fork inherits its parent's memory."""
    return _processes.setdefault(os.getpid(), uuid.uuid4())
