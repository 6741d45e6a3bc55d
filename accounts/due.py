"""What the schedule counts anew: holdings that a sync or a new day has overtaken and nobody has read since."""

from datetime import timedelta

import structlog
from django.db.models import F, Q
from django.utils import timezone

from accounts.ledger.projection import COUNTED_BY, is_stale, recount_stale
from accounts.models import Holding
from finances.errors import FinancesError

log = structlog.get_logger(__name__)
AT_ONCE = 2000
"""Within a task's time; the rest comes at the next turn, or when it is read."""
EASTERNMOST = timedelta(hours=14)
"""Ahead of UTC: where a day begins first."""


def recount_holdings() -> None:
    """Each in a transaction of its own, so that one that cannot be counted keeps no other from it."""
    now = timezone.now()
    overtaken = ~Q(splits_now=F("splits_state")) | Q(recount_on__lte=(now + EASTERNMOST).date())
    rows = Holding.objects.with_splits_now().filter(overtaken).order_by("account_id", "security_id")
    for row in list(rows.values_list(*COUNTED_BY)[:AT_ONCE]):
        if is_stale(row, now):
            try:
                recount_stale([row[:2]], now=now)
            except FinancesError as error:
                log.error("holding_not_counted", account=str(row[0]), security=row[1], error=error.code)
