"""The message to staff."""

import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from currencies.models import QuarantinedRates
from currencies.tests.factories import RateRunFactory, store_rate
from finances.sync.models import SyncRun, Turn
from finances.sync.tests.factories import batch_of
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from securities import digest
from securities.tests.factories import ReviewFactory, SecurityFactory


class BrokenServer(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected


BODY = """\
Since the last message:

Syncs that failed: 1
  ACME  symbol_not_found

Not synced for five days, the stalest first:
  STALE

Without a rate to the euro for five days:
  USD

Prices, splits and dividends newly held back: 1

Exchange rates newly held back: 1

Jobs of the schedule that have not ended well for twice their period:
  gaps  never
  prices  since 2022-12-28 10:30 UTC

What to decide, and every sync, is in the back office.
"""


def fail(symbol: str, code: str, **age: float) -> None:
    batch = batch_of({symbol: "FAILED"})
    finished = timezone.now() - timedelta(**age)
    SyncRun.objects.filter(batch=batch).update(error_code=code, finished_at=finished)


def test_what_wants_a_look(rosa: User, alice: User) -> None:
    UserFactory.create(is_staff=True, is_active=False)
    fail("ACME", "yahoo_unavailable", hours=3)
    fail("ACME", "symbol_not_found", hours=2)
    fail("BOLT", "yahoo_unavailable", hours=25)
    SecurityFactory.create(symbol="STALE", last_synced_at=timezone.now() - timedelta(days=6))
    SecurityFactory.create(symbol="OFF", last_synced_at=timezone.now() - timedelta(days=6), is_active=False)
    SecurityFactory.create(symbol="FRESH", last_synced_at=timezone.now() - timedelta(days=4))
    for pair, age in (("EUR/USD", 6), ("EUR/CHF", 5), ("USD/JPY", 9), ("EUR/DEM", 9)):
        store_rate(pair, timezone.now().date() - timedelta(days=age), "1.1")
    ReviewFactory.create(opened_at=timezone.now())
    facts: Any = {"base_id": "EUR", "quote_id": "CHF", "source": "yahoo", "run": RateRunFactory.create()}
    QuarantinedRates.objects.create(reason=QuarantinedRates.Reason.JUMP, rates=[["2022-12-28", "100"]], **facts)
    day_ago = datetime(2022, 12, 28, 10, 30, tzinfo=UTC)
    jobs = [
        ("prices", day_ago, 0),
        ("rates", timezone.now(), 3),
        ("gaps", None, 1),
        ("seals", None, 0),
        ("old", None, 1),
    ]
    for name, done_at, failed in jobs:
        Turn.objects.create(name=name, taken_at=timezone.now(), done_at=done_at, failed=failed)

    digest.send_digest()

    [message] = mail.outbox
    assert (message.subject, message.to, message.bcc) == ("Market data that wants a look", [], [rosa.email])
    assert message.body == BODY


def test_nothing_to_say_is_not_said(rosa: User) -> None:
    digest.send_digest()

    assert mail.outbox == []


def test_a_mail_server_that_refuses_is_logged(rosa: User, settings: Any, caplog: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"
    fail("ACME", "yahoo_unavailable", hours=3)

    digest.send_digest()

    assert any("mail_failed" in str(record.msg) for record in caplog.records)


def test_what_failed_since_the_last_message_is_told_however_late_the_next_one_is(rosa: User) -> None:
    fail("ACME", "symbol_not_found", hours=30)
    fail("BOLT", "yahoo_unavailable", hours=50)
    last = timezone.now() - timedelta(hours=40)
    Turn.objects.create(name="digest", taken_at=last, done_at=last, seconds=2)

    assert digest.digest_of(timezone.now()).failed == [("ACME", "symbol_not_found")]
