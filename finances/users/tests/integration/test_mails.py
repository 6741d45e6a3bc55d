"""What messages look like, and what their delivery may not do to answers and logs."""

import smtplib
import time
from threading import BoundedSemaphore, Event
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import override_settings
from rest_framework.test import APIClient

from finances import background
from finances.testing.plugin import client_of
from finances.users import mails
from finances.users.models import EmailToken, User
from finances.users.tests.factories import PASSWORD
from finances.users.tests.letters import outbox, parts_of, take, token_in

FORGOT = "/api/v1/auth/forgot-password"
LETTERS = [mails.RESET_PASSWORD, mails.VERIFY_EMAIL, mails.CHANGE_EMAIL]
NOTICES = [mails.EMAIL_CHANGE_REQUESTED, mails.EMAIL_CHANGED]


class BrokenServer(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({email_messages[0].to[0]: (550, b"no such user")})


class BrokenBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> int:
        raise RuntimeError(email_messages[0].body)


class SlowServer(BaseEmailBackend):
    answered = Event()

    def send_messages(self, email_messages: Any) -> int:
        self.answered.wait(10)
        mail.outbox.extend(email_messages)
        return len(email_messages)


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.template)
def test_letter_with_link(letter: mails.Letter) -> None:
    mails.send(letter, "alice@example.test", "t" * 43)
    message = take()
    parts, link = parts_of(message), f"https://app.example.test/{letter.page}?token={'t' * 43}"
    assert list(parts) == ["text/plain", "text/html"]
    assert parts["text/plain"].splitlines().count(link) == 1
    assert parts["text/html"].count(f'href="{link}"') == 2
    assert message.message()["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.template)
@override_settings(PUBLIC_URL="")
def test_letter_without_public_url_holds_the_token(letter: mails.Letter) -> None:
    mails.send(letter, "alice@example.test", "t" * 43)
    for text in parts_of(take()).values():
        assert text.count("t" * 43) == 1
        assert "http" not in text


@pytest.mark.parametrize("letter", NOTICES, ids=lambda letter: letter.template)
def test_notice_holds_no_link(letter: mails.Letter) -> None:
    mails.send(letter, "alice@example.test")
    for text in parts_of(take()).values():
        assert "http" not in text
        assert "code" not in text


def test_letter_loads_nothing() -> None:
    mails.send(mails.RESET_PASSWORD, "alice@example.test", "t" * 43)
    page = parts_of(take())["text/html"]
    assert not [mark for mark in ("<img", "<link", "<script", "src=", "url(", "@import") if mark in page]


def test_link_ignores_the_host_header(alice: User) -> None:
    APIClient(headers={"Host": "localhost", "X-Forwarded-Host": "evil.test"}).post(FORGOT, {"email": alice.email})
    assert "https://app.example.test/reset-password?token=" in outbox()[0].body
    assert "localhost" not in outbox()[0].body


@pytest.mark.parametrize("backend", ["BrokenServer", "BrokenBackend"])
def test_failing_delivery_changes_no_answer(
    alice: User, settings: Any, caplog: pytest.LogCaptureFixture, backend: str
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.{backend}"
    known, unknown = (APIClient().post(FORGOT, {"email": name}) for name in (alice.email, "nobody@example.test"))
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json()) == (202, known.json())
    failures: Any = [record.msg for record in caplog.records if record.name in ("finances.mail", "finances.background")]
    expected = {
        "BrokenServer": {"event": "mail_failed", "letter": "reset_password", "error": "SMTPRecipientsRefused"},
        "BrokenBackend": {"event": "job_failed", "job": "send_reset", "error": "RuntimeError"},
    }[backend]
    assert [expected.items() <= failure.items() for failure in failures] == [True]
    assert alice.email not in caplog.text


def test_notice_that_fails_does_not_stop_the_letter(alice: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"
    body = {"email": "alice@new.example.test", "current_password": PASSWORD}
    assert client_of(alice).patch("/api/v1/users/me", body).status_code == 200
    assert EmailToken.objects.get().purpose == "change_email"


def test_logs_hold_no_secret(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    APIClient().post(FORGOT, {"email": alice.email})
    token = token_in(take())
    APIClient().post("/api/v1/auth/reset-password", {"token": token, "new_password": "another good long secret"})
    for secret in (alice.email, token, "another good long secret"):
        assert secret not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_mail_is_sent_after_the_answer(alice: User, settings: Any) -> None:
    settings.MAIL_THREADS, settings.EMAIL_BACKEND = 1, f"{__name__}.SlowServer"
    assert APIClient().post(FORGOT, {"email": alice.email}).status_code == 202
    assert outbox() == []
    SlowServer.answered.set()
    deadline = time.perf_counter() + 10
    while not outbox() and time.perf_counter() < deadline:
        time.sleep(0.02)
    assert take().to == [alice.email]


def test_full_queue_drops_and_logs(
    alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.MAIL_THREADS = 1
    monkeypatch.setattr(background.mail, "_places", BoundedSemaphore(0))
    assert APIClient().post(FORGOT, {"email": alice.email}).status_code == 202
    assert outbox() == []
    dropped: Any = [record.msg for record in caplog.records if record.name == "finances.background"]
    assert [(event["event"], event["job"]) for event in dropped] == [("job_dropped", "send_reset")]
