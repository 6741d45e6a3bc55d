"""What the schedule counts anew: holdings that a sync or a new day has overtaken and nobody has read since."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError
from django.db.models import F, Q
from django.utils import timezone

from accounts.ledger.projection import COUNTED_BY, recount_stale, stale_keys
from accounts.ledger.writing import Key
from accounts.models import Holding
from finances.errors import FinancesError

log = structlog.get_logger(__name__)
AT_ONCE = 2000
"""Counted, within a task's time; the rest comes at the next turn, or when it is read."""
PAGE = 1000
EASTERNMOST = timedelta(hours=14)
"""Ahead of UTC: where a day begins first."""


def recount_holdings() -> None:
    """Each in a transaction of its own, so that one that cannot be counted, or is locked, keeps no other from it."""
    now, counted = timezone.now(), 0
    for key in _stale(now):
        counted += _is_counted(key, now)
        if counted == AT_ONCE:
            break


def _stale(now: datetime) -> Iterator[Key]:
    """Read a page at a time: SQLite writes nothing while a cursor holds a snapshot that another's write has passed."""
    overtaken = ~Q(splits_now=F("splits_state")) | Q(recount_on__lte=(now + EASTERNMOST).date())
    holdings = Holding.objects.with_splits_now().filter(overtaken).order_by("account_id", "security_id")
    rest = rows = holdings.values_list(*COUNTED_BY)
    while page := list(rest[:PAGE]):
        yield from stale_keys(page, now)
        account_id, security_id = page[-1][:2]
        after = Q(account_id__gt=account_id) | Q(security_id__gt=security_id)
        rest = rows.filter(after, account_id__gte=account_id)


def _is_counted(key: Key, now: datetime) -> bool:
    try:
        recount_stale([key], now=now)
    except (FinancesError, OperationalError) as error:
        cause = error.code if isinstance(error, FinancesError) else str(error)
        log.error("holding_not_counted", account=str(key[0]), security=key[1], error=cause)
        return False
    return True
