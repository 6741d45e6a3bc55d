import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from finances.api.throttles import LoginThrottle
from finances.users.models import EmailToken, User
from finances.users.tests.bodies import invalid
from finances.users.tests.letters import outbox, take, taken, token_in

URL = "/api/v1/auth/forgot-password"
ACCEPTED = {"detail": "If this address has an account, a message is on its way to it."}


def ask(email: str) -> Any:
    response = APIClient().post(URL, {"email": email})
    assert (response.status_code, response.json()) == (202, ACCEPTED)
    return response


def test_forgot_password(alice: User) -> None:
    before = timezone.now()
    ask("ALICE@Example.test")
    message, row = take(), EmailToken.objects.get()
    assert (message.to, message.from_email, message.subject) == (
        ["alice@example.test"],
        "finances@example.test",
        "Reset your password",
    )
    assert row.token_hash == hashlib.sha256(token_in(message).encode()).hexdigest()
    assert (row.user, row.purpose, row.email, row.used_at) == (alice, "reset_password", alice.email, None)
    lifetime = timedelta(minutes=30)
    assert before + lifetime <= row.expires_at <= timezone.now() + lifetime


def test_forgot_password_stores_no_token(alice: User) -> None:
    ask(alice.email)
    assert token_in(take()) not in str(EmailToken.objects.values().get())


@pytest.mark.parametrize("email", ["nobody@example.test", "alıce@example.test"])
def test_forgot_password_of_unknown_address_answers_identically(alice: User, email: str) -> None:
    known, unknown = ask(alice.email), ask(email)
    assert taken() == [(["alice@example.test"], "Reset your password")]
    differing = {"X-Request-ID"}
    assert {name: value for name, value in known.items() if name not in differing} == {
        name: value for name, value in unknown.items() if name not in differing
    }


@pytest.mark.parametrize("state", [{"is_active": False}, {"password": "!unusable"}])
def test_forgot_password_where_nobody_may_log_in(alice: User, state: dict[str, Any]) -> None:
    User.objects.update(**state)
    ask(alice.email)
    assert outbox() == []
    assert not EmailToken.objects.exists()


def test_forgot_password_again_replaces_the_token(alice: User) -> None:
    ask(alice.email)
    ask(alice.email)
    first, second = (token_in(message) for message in outbox())
    usable = EmailToken.objects.usable(timezone.now())
    assert not usable.for_token(first, "reset_password").exists()
    assert usable.for_token(second, "reset_password").exists()


def test_forgot_password_mails_five_times_an_hour(alice: User) -> None:
    for _ in range(7):
        ask(alice.email)
    assert len(outbox()) == 5
    EmailToken.objects.update(created_at=timezone.now() - timedelta(hours=1))
    ask(alice.email)
    assert len(outbox()) == 6


@pytest.mark.parametrize(
    ("email", "msg", "kind"),
    [
        (5, "Enter a valid email address.", "invalid"),
        ("alice", "Enter a valid email address.", "invalid"),
        ("alice@example.test\nBcc: x@example.test", "Enter a valid email address.", "invalid"),
        (None, "This field may not be null.", "null"),
    ],
)
def test_forgot_password_bad_input(anonymous: APIClient, email: object, msg: str, kind: str) -> None:
    response = anonymous.post(URL, {"email": email})
    assert response.status_code == 422
    assert response.json() == invalid("body", "email", msg, kind)


def test_forgot_password_is_throttled(anonymous: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LoginThrottle, "get_rate", lambda self: "1/day")
    assert anonymous.post(URL, {}).status_code == 422
    assert anonymous.post(URL, {}).status_code == 429
