"""The message to staff."""

import smtplib
from datetime import timedelta
from typing import Any

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from finances.sync.models import SyncRun
from finances.sync.tests.factories import batch_of
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from securities import digest
from securities.tests.factories import ReviewFactory, SecurityFactory


class BrokenServer(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected


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
    ReviewFactory.create(opened_at=timezone.now())

    digest.send_digest()

    [message] = mail.outbox
    assert (message.subject, message.to, message.bcc) == ("Market data that wants a look", [], [rosa.email])
    assert " ".join(message.body.split()) == (
        "Of the last day: Syncs that failed: 1 ACME symbol_not_found "
        "Not synced for five days, the stalest first: STALE "
        "Prices, splits and dividends newly held back: 1 "
        "What to decide, and every sync, is in the back office."
    )


def test_nothing_to_say_is_not_said(rosa: User) -> None:
    digest.send_digest()

    assert mail.outbox == []


def test_a_mail_server_that_refuses_is_logged(rosa: User, settings: Any, caplog: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"
    fail("ACME", "yahoo_unavailable", hours=3)

    digest.send_digest()

    assert any("mail_failed" in str(record.msg) for record in caplog.records)
