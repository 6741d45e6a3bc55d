from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from finances.users import passwords
from finances.users.models import EmailToken, Session, User
from finances.users.tests.bodies import TOKEN_NOT_VALID, assert_unauthenticated, invalid
from finances.users.tests.letters import take, token_in
from finances.users.tests.races import at_once
from finances.users.tokens import issue_tokens

URL = "/api/v1/auth/reset-password"
NEW = "another good long secret"
REFUSED = {"detail": "The link is invalid or has expired. Ask for a new one.", "code": "reset_token_invalid"}


@pytest.fixture
def token(alice: User) -> str:
    APIClient().post("/api/v1/auth/forgot-password", {"email": alice.email})
    return token_in(take())


def reset(token: object, new_password: object = NEW) -> Any:
    return APIClient().post(URL, {"token": token, "new_password": new_password})


def assert_refused(response: Any) -> None:
    assert (response.status_code, response.json()) == (400, REFUSED)


def test_reset_password(alice: User, token: str) -> None:
    response = reset(token)
    stored = User.objects.get()
    assert (response.status_code, response.content) == (204, b"")
    assert stored.check_password(NEW)
    assert (stored.is_verified, stored.token_version) == (True, 1)
    assert stored.updated_at > alice.updated_at
    login = APIClient().post("/api/v1/auth/login", {"email": alice.email, "password": NEW})
    assert login.status_code == 200


def test_reset_password_ends_all_sessions(alice_client: APIClient, alice: User, token: str) -> None:
    pair = issue_tokens(alice)
    reset(token)
    assert not Session.objects.filter(revoked_at=None).exists()
    assert_unauthenticated(alice_client.get("/api/v1/users/me"), TOKEN_NOT_VALID)
    refreshed = APIClient().post("/api/v1/auth/refresh", {"refresh_token": pair.refresh_token})
    assert_unauthenticated(refreshed, TOKEN_NOT_VALID)


def test_reset_password_leaves_others(charlie_client: APIClient, charlie: User, token: str) -> None:
    reset(token)
    assert charlie_client.get("/api/v1/users/me").status_code == 200
    assert User.objects.get(pk=charlie.pk).password == charlie.password


def test_reset_password_twice(token: str) -> None:
    reset(token)
    assert_refused(reset(token, "a third good long secret"))
    assert User.objects.get().check_password(NEW)


def test_reset_password_with_replaced_token(alice: User, token: str) -> None:
    APIClient().post("/api/v1/auth/forgot-password", {"email": alice.email})
    assert_refused(reset(token))
    assert reset(token_in(take())).status_code == 204


def test_reset_password_at_the_end_of_its_time(token: str) -> None:
    EmailToken.objects.update(expires_at=timezone.now())
    assert_refused(reset(token))
    EmailToken.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert reset(token).status_code == 204


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"email": "moved@example.test"}, {"token_version": 1}],
    ids=["disabled", "moved", "password changed"],
)
def test_reset_password_overtaken(alice: User, token: str, change: dict[str, Any]) -> None:
    User.objects.update(**change)
    assert_refused(reset(token))
    assert User.objects.get().password == alice.password


def test_reset_password_with_unknown_token_hashes_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "make_password", pytest.fail)
    assert_refused(reset("x" * 43))
    assert_refused(reset("tökén"))


def test_reset_password_with_token_of_another_purpose(alice: User) -> None:
    client = APIClient(headers={"Authorization": f"Bearer {issue_tokens(alice).access_token}"})
    client.post("/api/v1/auth/resend-verification")
    assert_refused(reset(token_in(take())))


@pytest.mark.parametrize(
    ("password", "msg", "kind"),
    [
        ("aB3$xyz", "Ensure this field has at least 8 characters.", "min_length"),
        ("aB3$" * 33, "Ensure this field has no more than 128 characters.", "max_length"),
        ("password1", "This password is too common.", "password_too_common"),
        ("5843920176", "This password is entirely numeric.", "password_entirely_numeric"),
        ("alice@example", "The password is too similar to the e-mail address.", "password_too_similar"),
        (12345678, "Not a valid string.", "invalid"),
        (None, "This field may not be null.", "null"),
    ],
)
def test_reset_password_bad_password_leaves_the_token(token: str, password: object, msg: str, kind: str) -> None:
    response = reset(token, password)
    assert response.status_code == 422
    assert response.json() == invalid("body", "new_password", msg, kind)
    assert reset(token).status_code == 204


@pytest.mark.parametrize(
    ("token", "msg", "kind"),
    [
        (5, "Not a valid string.", "invalid"),
        ("", "This field may not be blank.", "blank"),
        ("a\0b", "Null characters are not allowed.", "null_characters_not_allowed"),
    ],
)
def test_reset_password_bad_token(token: object, msg: str, kind: str) -> None:
    response = reset(token)
    assert response.status_code == 422
    assert response.json() == invalid("body", "token", msg, kind)


@pytest.mark.django_db(transaction=True)
def test_reset_password_by_eight_at_once(token: str) -> None:
    answers = at_once([partial(reset, token, f"good long secret {number}") for number in range(8)])
    assert answers == [(204, None), *[(400, "reset_token_invalid")] * 7]
    assert User.objects.get().token_version == 1
