"""One message to staff about what wants a look: syncs that failed, series that went stale, answers held back, jobs
that do not run."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone

from currencies.models import ExchangeRate, QuarantinedRates
from currencies.sync import BASE, default_quotes
from finances import mail
from finances.sync import schedule
from finances.sync.models import SyncRun
from finances.users.models import User
from securities.models import Review, Security

PERIOD = timedelta(days=1)
STALE = timedelta(days=5)
"""Longer than any week-end with holidays at its sides."""
SHOWN = 20


@dataclass(frozen=True)
class Digest:
    failed: list[tuple[str, str]]
    """(symbol, code) of runs that failed, the last of each symbol."""
    stale: list[str]
    """Active listed symbols."""
    stale_rates: list[str]
    """Currencies whose newest rate to the euro is as old."""
    reviews: int
    rates: int
    """Decisions about prices and rates that were asked for since the last one."""
    overdue: list[tuple[str, datetime | None]]
    """(job, when it last ended well)."""

    def __bool__(self) -> bool:
        return any(getattr(self, part.name) for part in fields(self))


def send_digest() -> None:
    """To all active staff; nothing to say is not said."""
    digest = digest_of(timezone.now())
    readers = list(User.objects.filter(is_staff=True, is_active=True).values_list("email", flat=True))
    if not digest or not readers:
        return
    body = render_to_string("emails/digest.txt", {"digest": digest, "shown": SHOWN})
    mail.post("digest", subject="Market data that wants a look", body=body.strip() + "\n", bcc=readers)


def digest_of(now: datetime) -> Digest:
    since = schedule.last_begun("digest") or now - PERIOD
    failed = SyncRun.objects.filter(status=SyncRun.Status.FAILED, finished_at__gte=since).order_by("pk")
    stale = Security.objects.listed().filter(is_active=True, last_synced_at__lt=now - STALE).order_by("last_synced_at")
    newest = ExchangeRate.objects.filter(base=BASE, quote__in=default_quotes(BASE, today=now.date()))
    dated = newest.order_by().values("quote").annotate(newest=Max("day"))
    return Digest(
        failed=sorted(dict(failed.values_list("symbol", "error_code")).items()),
        stale=list(stale.values_list("symbol", flat=True)[:SHOWN]),
        stale_rates=sorted(dated.filter(newest__lt=(now - STALE).date()).values_list("quote", flat=True)),
        reviews=Review.objects.open().filter(opened_at__gte=since).count(),
        rates=QuarantinedRates.objects.open().filter(created_at__gte=since).count(),
        overdue=schedule.overdue(now),
    )
