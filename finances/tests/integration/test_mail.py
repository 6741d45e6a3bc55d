"""Who delivers a message, and what is done when a server does not take it."""

import smtplib
from typing import Any
from unittest.mock import patch

import pytest
from celery.app.task import Context
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import task_revoked
from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend
from kombu.exceptions import OperationalError

from finances import mail
from finances.sync import tasks
from finances.users.email_tokens import LIFETIMES

MESSAGE: dict[str, Any] = {
    "subject": "About", "body": "Text\n", "to": ["alice@example.test"], "alternatives": [["<p>Text</p>", "text/html"]],
}  # fmt: skip


class FlakyServer(BaseEmailBackend):
    refusals = 0

    def send_messages(self, email_messages: Any) -> int:
        if FlakyServer.refusals:
            FlakyServer.refusals -= 1
            raise smtplib.SMTPRecipientsRefused({"alice@example.test": (451, b"try again")})
        django_mail.outbox.extend(email_messages)
        return len(email_messages)


class RefusingServer(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({"alice@example.test": (550, b"no such user")})


class HangingServer(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> int:
        raise SoftTimeLimitExceeded


@pytest.fixture
def _flaky(settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.FlakyServer"


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """(event, error) of each line."""
    lines: Any = [record.msg for record in caplog.records if record.name == "finances.mail"]
    return [(line["event"], line["error"]) for line in lines]


def sent() -> list[tuple[Any, ...]]:
    return [(message.subject, message.body, message.to) for message in django_mail.outbox]


def test_without_a_broker_it_is_sent_here() -> None:
    mail.post("about", **MESSAGE)

    message: Any = django_mail.outbox[0]
    assert (message.subject, message.body, message.to) == ("About", "Text\n", ["alice@example.test"])
    assert [tuple(part) for part in message.alternatives] == [("<p>Text</p>", "text/html")]


def test_with_a_broker_it_is_handed_over_untold(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://broker"
    with patch.object(mail.deliver, "apply_async") as handed_over:
        mail.post("about", headers={"Auto-Submitted": "auto-generated"}, **MESSAGE)

    [call] = handed_over.call_args_list
    (letter, message), options = call.args[0], call.kwargs
    identity = message["headers"].pop("Message-ID")
    assert (letter, message) == ("about", {**MESSAGE, "headers": {"Auto-Submitted": "auto-generated"}})
    assert (identity.startswith("<"), options, sent()) == (True, {"argsrepr": "(...)"}, [])


def test_a_broker_that_takes_nothing_leaves_it_to_this_thread(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://broker"
    with patch.object(mail.deliver, "apply_async", side_effect=OperationalError):
        mail.post("about", **MESSAGE)

    assert sent() == [("About", "Text\n", ["alice@example.test"])]


@pytest.mark.usefixtures("_flaky")
def test_a_worker_tries_again_and_it_stays_the_same_message(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(FlakyServer, "refusals", 2)

    mail.deliver.apply(("about", {**MESSAGE, "headers": {"Message-ID": "<1@example.test>"}}))

    [message] = django_mail.outbox
    assert message.message()["Message-ID"] == "<1@example.test>"
    assert told(caplog) == [("mail_put_off", "SMTPRecipientsRefused")] * 2


@pytest.mark.usefixtures("_flaky")
def test_a_worker_gives_up_at_last_without_an_address_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(FlakyServer, "refusals", 100)

    mail.deliver.apply(("about", MESSAGE))

    expected = [("mail_put_off", "SMTPRecipientsRefused")] * mail.RETRIES + [("mail_failed", "SMTPRecipientsRefused")]
    assert (told(caplog), 100 - FlakyServer.refusals) == (expected, mail.RETRIES + 1)
    assert "alice" not in caplog.text


def test_a_recipient_that_there_is_not_is_tried_once(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.RefusingServer"

    mail.deliver.apply(("about", MESSAGE))

    assert told(caplog) == [("mail_failed", "SMTPRecipientsRefused")]


def test_a_server_that_hangs_is_tried_again(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.HangingServer"

    mail.deliver.apply(("about", MESSAGE))

    assert told(caplog)[0] == ("mail_put_off", "SoftTimeLimitExceeded")
    assert told(caplog)[-1] == ("mail_failed", "SoftTimeLimitExceeded")


@pytest.mark.usefixtures("_flaky")
def test_a_thread_tries_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(FlakyServer, "refusals", 1)

    mail.post("about", **MESSAGE)

    assert (told(caplog), sent()) == ([("mail_failed", "SMTPRecipientsRefused")], [])


def test_it_expires_no_later_than_its_token() -> None:
    assert mail.deliver.expires == mail.EXPIRES <= min(LIFETIMES.values()).total_seconds()


@pytest.mark.parametrize(("expired", "event"), [(True, "mail_expired"), (False, "mail_revoked")])
def test_what_a_worker_discards_is_told(caplog: pytest.LogCaptureFixture, expired: bool, event: str) -> None:
    for task in (mail.deliver, tasks.tick):
        request = Context(id=task.name)
        task_revoked.send(sender=task, request=request, terminated=False, signum=None, expired=expired)

    lines: Any = [record.msg for record in caplog.records if record.name == "finances.mail"]
    assert [(line["event"], line["task"]) for line in lines] == [(event, "finances.mail.deliver")]
