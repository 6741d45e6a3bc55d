"""What the schedule orders: the euro's rates, once a day's fixing is out."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from currencies.sync import BASE, default_quotes
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.queue import order

FIXING = time(16, 15)
"""The ECB publishes around 16:00 in Frankfurt: https://www.ecb.europa.eu/stats/policy_and_exchange_rates."""
FRANKFURT = ZoneInfo("Europe/Berlin")


def order_due() -> None:
    """Order a sync of all pairs unless one was begun since the last fixing."""
    now = timezone.now()
    if not SyncBatch.objects.filter(kind=SyncBatch.Kind.RATES, started_at__gte=last_fixing(now)).exists():
        pairs = [f"{BASE}{quote}=X" for quote in default_quotes(BASE, today=now.date())]
        order(SyncBatch.Kind.RATES, pairs, scope=SyncBatch.Scope.ALL, trigger=SyncRun.Trigger.SCHEDULE)


def last_fixing(now: datetime) -> datetime:
    """When the newest weekday's rates were published; of a holiday, which has none, as if it had."""
    moment = datetime.combine(now.astimezone(FRANKFURT).date(), FIXING, tzinfo=FRANKFURT)
    while moment > now or moment.weekday() > 4:
        moment -= timedelta(days=1)
    return moment
