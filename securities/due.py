"""What the schedule orders: the listed securities whose market has closed since they were synced, the stalest first."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from finances.sync.models import SyncBatch, SyncRun
from finances.sync.queue import order
from securities.calendars import CalendarLoading, calendar_of, last_close
from securities.models import Security
from securities.quality import first_gap

AFTER_CLOSE = timedelta(minutes=30)
"""Yahoo's last bar of a session settles within it."""
WITHOUT_CALENDAR = timedelta(hours=24)
BETWEEN_ATTEMPTS = timedelta(hours=1)
UNKNOWN_TO_YAHOO = timedelta(days=7)
"""Between attempts at a symbol that Yahoo does not know any more."""
BETWEEN_REFILLS = timedelta(days=30)
AT_ONCE = 500
GAPS_AT_ONCE = 50
GAPS_LOOKED_FOR_IN = 1000


def order_due() -> None:
    """Order a sync of what is due now, AT_ONCE at most: the rest is stalest at the next turn."""
    _order(list(islice(due_symbols(now=timezone.now()), AT_ONCE)), SyncBatch.Scope.STALE)


def order_gaps() -> None:
    """Order whole histories anew of those that lack trading days, unless that was done within BETWEEN_REFILLS: not
    every gap can be filled."""
    refilled = SyncRun.objects.filter(
        symbol=OuterRef("symbol"),
        batch__scope=SyncBatch.Scope.GAPS,
        started_at__gt=timezone.now() - BETWEEN_REFILLS,
    )
    listed = Security.objects.listed().filter(is_active=True, last_synced_at__isnull=False)
    candidates = listed.exclude(Exists(refilled)).order_by("last_synced_at")
    gappy = (security.symbol for security in candidates[:GAPS_LOOKED_FOR_IN].iterator() if first_gap(security))
    _order(list(islice(gappy, GAPS_AT_ONCE)), SyncBatch.Scope.GAPS, refresh=True)


def due_symbols(*, now: datetime) -> Iterable[str]:
    """Active listed symbols whose market closed, AFTER_CLOSE ago or longer, after their last sync; the stalest first.
    Those tried within BETWEEN_ATTEMPTS, queued, or unknown to Yahoo of late are left out."""
    closes: dict[str, datetime | None] = {}
    for security in _candidates(now):
        if security.last_synced_at is None or security.last_synced_at < _due_since(security, now, closes):
            yield security.symbol


def _candidates(now: datetime) -> Iterable[Security]:
    runs = SyncRun.objects.filter(symbol=OuterRef("symbol"), batch__kind=SyncBatch.Kind.PRICES)
    tried = Q(started_at__gt=now - BETWEEN_ATTEMPTS) | Q(
        error_code="symbol_not_found", started_at__gt=now - UNKNOWN_TO_YAHOO
    )
    waiting = Q(batch__is_queued=True, batch__finished_at=None)
    listed = Security.objects.listed().filter(is_active=True).exclude(Exists(runs.filter(tried | waiting)))
    settled = listed.filter(Q(last_synced_at=None) | Q(last_synced_at__lt=now - BETWEEN_ATTEMPTS))
    fields = ["owner", "symbol", "security_type", "exchange", "last_synced_at"]
    rows: Iterable[Security] = (
        settled.order_by(F("last_synced_at").asc(nulls_first=True), "pk").only(*fields).iterator()
    )
    return rows


def _due_since(security: Security, now: datetime, closes: dict[str, datetime | None]) -> datetime:
    """One synced before this is due."""
    code = calendar_of(security)
    if code is None:
        return now - WITHOUT_CALENDAR
    if code not in closes:
        closes[code] = _settled_close(code, now)
    return closes[code] or now - WITHOUT_CALENDAR


def _settled_close(code: str, now: datetime) -> datetime | None:
    """When the newest session's figures had settled. A calendar that is being loaded will be there at the next turn;
    until then a day's age counts."""
    try:
        close = last_close(code, now - AFTER_CLOSE)
    except CalendarLoading:
        return None
    return close and close + AFTER_CLOSE


def _order(symbols: list[str], scope: SyncBatch.Scope, *, refresh: bool = False) -> None:
    if symbols:
        facts: Any = {"scope": scope, "trigger": SyncRun.Trigger.SCHEDULE, "intervals": ["1d"], "refresh": refresh}
        order(SyncBatch.Kind.PRICES, symbols, **facts)
