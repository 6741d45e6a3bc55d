"""A sync of rates within the time that a client waits."""

from datetime import date
from typing import Any

from django.utils import timezone

from currencies.sync import SYNC_SECONDS, default_quotes, sync_base
from finances.errors import Unavailable
from finances.sync.batch import Line
from finances.sync.models import SyncRun
from finances.users.models import User
from finances.yahoo.budget import time_budget


def sync_rates(
    *, base: str, quotes: list[str], since: date | None = None, refresh: bool, started_by: User
) -> list[Line]:
    """The pairs' outcomes, by pair. Raises the error that all of them ended with, if Yahoo was the cause."""
    quotes = quotes or default_quotes(base, today=timezone.now().date())
    with time_budget(SYNC_SECONDS):
        running = sync_base(
            base, quotes, since=since, refresh=refresh, trigger=SyncRun.Trigger.API, started_by=started_by
        )
        lines = sorted(running, key=_pair)
    _raise_common_cause(lines)
    return lines


def _pair(line: Line) -> str:
    return line.symbol


def _raise_common_cause(lines: list[Line]) -> None:
    causes: list[Any] = [line.cause for line in lines]
    if causes and all(isinstance(cause, Unavailable) for cause in causes) and len({c.code for c in causes}) == 1:
        raise max(causes, key=lambda cause: cause.retry_after)
