"""Which process is at work, and whether it still is."""

import os
import socket
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from finances.sync.models import WorkOfProcess

SILENT_SECONDS = 90
"""Above the longest sync of one symbol: its time budget for Yahoo plus the write."""
_processes: dict[int, uuid.UUID] = {}


def this_host() -> str:
    return socket.gethostname()


def this_process() -> dict[str, Any]:
    """The fields that name this process."""
    return {"host": this_host(), "pid": os.getpid(), "process": _token()}


def has_ended(work: "WorkOfProcess") -> bool:
    """True only if the process is known to be gone: one of this host that has ended."""
    if work.host != this_host() or work.process == _token():
        return False
    if work.pid == os.getpid():  # this process bears the id of one that has ended
        return True
    try:
        os.kill(work.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _token() -> uuid.UUID:
    """This process's own; keyed by process id, since a fork inherits its parent's memory."""
    return _processes.setdefault(os.getpid(), uuid.uuid4())
