from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from finances.users.models import EmailToken, User
from finances.users.tests.bodies import NOT_AUTHENTICATED, assert_unauthenticated, invalid
from finances.users.tests.factories import PASSWORD
from finances.users.tests.letters import outbox, take, taken, token_in
from finances.users.tests.races import at_once

URL = "/api/v1/auth/verify-email"
RESEND = "/api/v1/auth/resend-verification"
REFUSED = {"detail": "The link is invalid or has expired. Ask for a new one.", "code": "verification_token_invalid"}


@pytest.fixture
def token() -> str:
    APIClient().post("/api/v1/auth/register", {"email": "Dora@example.test", "password": PASSWORD})
    return token_in(take())


def verify(token: object) -> Any:
    return APIClient().post(URL, {"token": token})


def assert_refused(response: Any) -> None:
    assert (response.status_code, response.json()) == (400, REFUSED)


def test_register_mails_a_verification(anonymous: APIClient) -> None:
    before = timezone.now()
    anonymous.post("/api/v1/auth/register", {"email": "Dora@example.test", "password": PASSWORD})
    row, lifetime = EmailToken.objects.get(), timedelta(hours=24)
    assert taken() == [(["dora@example.test"], "Verify your e-mail address")]
    assert (row.purpose, row.email) == ("verify_email", "dora@example.test")
    assert before + lifetime <= row.expires_at <= timezone.now() + lifetime


def test_register_of_taken_address_mails_nothing(anonymous: APIClient, alice: User) -> None:
    anonymous.post("/api/v1/auth/register", {"email": alice.email, "password": PASSWORD})
    assert outbox() == []


def test_verify_email(token: str) -> None:
    response = verify(token)
    dora = User.objects.get()
    assert (response.status_code, response.content) == (204, b"")
    assert (dora.is_verified, dora.token_version) == (True, 0)
    assert outbox() == []


def test_verify_email_twice(token: str) -> None:
    verify(token)
    assert_refused(verify(token))


def test_verify_email_with_expired_token(token: str) -> None:
    EmailToken.objects.update(expires_at=timezone.now())
    assert_refused(verify(token))
    assert not User.objects.get().is_verified


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": "moved@example.test"}])
def test_verify_email_overtaken(token: str, change: dict[str, Any]) -> None:
    User.objects.update(**change)
    assert_refused(verify(token))
    assert not User.objects.get().is_verified


def test_verify_email_after_a_change_of_password(token: str) -> None:
    User.objects.update(token_version=1)
    assert verify(token).status_code == 204


def test_verify_email_with_reset_token(alice: User) -> None:
    APIClient().post("/api/v1/auth/forgot-password", {"email": alice.email})
    assert_refused(verify(token_in(take())))


def test_verify_email_of_unknown_token() -> None:
    assert_refused(verify("x" * 43))


def test_verify_email_bad_input() -> None:
    response = verify(None)
    assert response.status_code == 422
    assert response.json() == invalid("body", "token", "This field may not be null.", "null")


@pytest.mark.django_db(transaction=True)
def test_verify_email_by_eight_at_once(token: str) -> None:
    answers = at_once([partial(verify, token)] * 8)
    assert answers == [(204, None), *[(400, "verification_token_invalid")] * 7]


ON_ITS_WAY = {"detail": "If an address is left to verify, a message is on its way to it."}


def resend(client: APIClient) -> None:
    response = client.post(RESEND)
    assert (response.status_code, response.json()) == (202, ON_ITS_WAY)


def test_resend_verification(alice_client: APIClient) -> None:
    resend(alice_client)
    assert verify(token_in(take())).status_code == 204


def test_resend_verification_replaces_the_token(alice_client: APIClient) -> None:
    resend(alice_client)
    resend(alice_client)
    first, second = (token_in(message) for message in outbox())
    assert_refused(verify(first))
    assert verify(second).status_code == 204


def test_resend_verification_to_the_verified(alice_client: APIClient) -> None:
    User.objects.update(is_verified=True)
    resend(alice_client)
    assert outbox() == []


def test_resend_verification_five_times_an_hour(alice_client: APIClient) -> None:
    for _ in range(7):
        resend(alice_client)
    assert len(outbox()) == 5


def test_resend_verification_unauthenticated(anonymous: APIClient) -> None:
    assert_unauthenticated(anonymous.post(RESEND), NOT_AUTHENTICATED)


def test_verifications_for_accounts_made_and_deleted_in_turn(anonymous: APIClient) -> None:
    for _ in range(7):
        anonymous.post("/api/v1/auth/register", {"email": "victim@example.test", "password": PASSWORD})
        User.objects.all().delete()
    assert len(outbox()) == 5
