"""One message to staff about what wants a look: syncs that failed, series that went stale, answers held back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from currencies.models import QuarantinedRates
from finances.sync.models import SyncRun
from finances.users.models import User
from securities.models import Review, Security

log = structlog.get_logger("finances.mail")
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
    reviews: int
    rates: int
    """Decisions about prices and rates that were asked for since the last one."""

    def __bool__(self) -> bool:
        return bool(self.failed or self.stale or self.reviews or self.rates)


def send_digest() -> None:
    """To all active staff; nothing to say is not said. A server that refuses is logged: tomorrow's comes anyway."""
    digest = digest_of(timezone.now())
    readers = list(User.objects.filter(is_staff=True, is_active=True).values_list("email", flat=True))
    if not digest or not readers:
        return
    body = render_to_string("emails/digest.txt", {"digest": digest, "shown": SHOWN})
    try:
        EmailMessage("Market data that wants a look", body.strip() + "\n", bcc=readers).send()
    except OSError as error:
        log.error("mail_failed", letter="digest", error=type(error).__name__)


def digest_of(now: datetime) -> Digest:
    since = now - PERIOD
    failed = SyncRun.objects.filter(status=SyncRun.Status.FAILED, finished_at__gte=since).order_by("pk")
    stale = Security.objects.listed().filter(is_active=True, last_synced_at__lt=now - STALE).order_by("last_synced_at")
    return Digest(
        failed=sorted(dict(failed.values_list("symbol", "error_code")).items()),
        stale=list(stale.values_list("symbol", flat=True)[:SHOWN]),
        reviews=Review.objects.open().filter(opened_at__gte=since).count(),
        rates=QuarantinedRates.objects.open().filter(created_at__gte=since).count(),
    )
