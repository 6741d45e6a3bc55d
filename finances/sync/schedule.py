"""The schedule: who keeps time may be a beat, two of them by mistake, or a thread of the server; each job runs once."""

import threading
import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections, connections
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from finances.sync.models import Turn

log = structlog.get_logger(__name__)
EARLY, EARLY_SECONDS = 0.1, 300
"""Of its period, and at most: clocks that keep time apart from each other are late and early by a little. Less than
the hour in which a beat ticks for daily jobs, which are daily all the same."""
LOOK_SECONDS = 30.0


def run(name: str, *, now: datetime | None = None) -> bool:
    """Do the job unless another has taken its turn. Raises what the job raises; its next turn makes up for it."""
    job, every = settings.SCHEDULE[name]
    if not take_turn(name, now=now or timezone.now(), every=every):
        return False
    began = time.monotonic()
    try:
        import_string(job)()
    except Exception:
        _note_end(name, began, failed=F("failed") + 1)
        raise
    _note_end(name, began, done=F("done") + 1, done_at=timezone.now())
    return True


def take_turn(name: str, *, now: datetime, every: int) -> bool:
    """True for one caller in a period: the row is there once, and its change is one statement."""
    _, is_first = Turn.objects.get_or_create(name=name, defaults={"taken_at": now, "first_taken_at": now})
    over = now - timedelta(seconds=every - min(every * EARLY, EARLY_SECONDS))
    return is_first or Turn.objects.filter(name=name, taken_at__lte=over).update(taken_at=now) == 1


def overdue(now: datetime) -> list[tuple[str, datetime | None]]:
    """Jobs that have not ended well for twice their period, or only failed so far; and when they last did."""
    found = []
    for turn in Turn.objects.filter(name__in=settings.SCHEDULE).order_by("name"):
        _job, every = settings.SCHEDULE[turn.name]
        has_only_failed = turn.done_at is None and turn.failed > 0
        if has_only_failed or turn.waited_for_since < now - timedelta(seconds=2 * every):
            found.append((turn.name, turn.done_at))
    return found


def last_begun(name: str) -> datetime | None:
    """When the job began that last ended well."""
    turn = Turn.objects.filter(name=name).first()
    if turn is None or turn.done_at is None:
        return None
    return turn.done_at - timedelta(seconds=turn.seconds or 0)


def _note_end(name: str, began: float, **changes: Any) -> None:
    Turn.objects.filter(name=name).update(seconds=time.monotonic() - began, **changes)


def keep_time() -> None:
    """Begin a thread that does what is due for as long as the process lives."""
    threading.Thread(target=_keep_time, name="timer", daemon=True).start()


def _keep_time() -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        close_old_connections()
        for name in settings.SCHEDULE:
            _attempt(name)
        connections.close_all()


def _attempt(name: str) -> None:
    """A job that fails stops neither the others nor the timer."""
    try:
        run(name)
    except Exception:
        log.exception("scheduled_job_failed", job=name)
