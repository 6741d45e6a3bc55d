from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from rest_framework.test import APIClient

from finances.api.throttles import LoginThrottle
from finances.testing.plugin import client_of
from finances.users import verification
from finances.users.credentials import confirm_password
from finances.users.models import EmailToken, LoginFailures, User
from finances.users.tests.bodies import TOKEN_NOT_VALID, as_text, assert_unauthenticated, invalid, user_body
from finances.users.tests.factories import PASSWORD, UserFactory
from finances.users.tests.letters import outbox, taken, token_in
from finances.users.tests.races import at_once

URL = "/api/v1/users/me"
NEW = "alice@new.example.test"
NOTICE = (["alice@example.test"], "A change of your e-mail address was requested")
REQUEST = ([NEW], "Confirm your new e-mail address")
REFUSED = {"detail": "The link is invalid or has expired. Ask for a new one.", "code": "verification_token_invalid"}
TAKEN = {"detail": "An account with this e-mail address exists already.", "code": "email_taken"}


def verify(token: str) -> Any:
    return APIClient().post("/api/v1/auth/verify-email", {"token": token})


def move(client: APIClient, email: str = NEW) -> Any:
    return client.patch(URL, {"email": email, "current_password": PASSWORD})


@pytest.fixture
def token(alice_client: APIClient) -> str:
    """Of a change that waits."""
    move(alice_client)
    _notice, request = outbox()
    taken()
    return token_in(request)


def test_change_email_waits_for_its_verification(alice_client: APIClient, alice: User) -> None:
    response = move(alice_client, "Alice@NEW.example.test")
    assert (response.status_code, response.json()) == (200, user_body(alice))
    assert taken() == [NOTICE, REQUEST]
    assert alice_client.get(URL).json() == user_body(alice)
    row = EmailToken.objects.get()
    assert (row.purpose, row.email, row.user) == ("change_email", NEW, alice)


def test_change_email_takes_effect(alice_client: APIClient, alice: User, token: str) -> None:
    response = verify(token)
    stored = User.objects.get()
    assert (response.status_code, response.content) == (204, b"")
    assert taken() == [(["alice@example.test"], "Your e-mail address was changed")]
    expected = user_body(alice, email=NEW, is_verified=True, updated_at=as_text(stored.updated_at))
    assert alice_client.get(URL).json() == expected
    for email, status in ((NEW, 200), ("alice@example.test", 401)):
        login = APIClient().post("/api/v1/auth/login", {"email": email, "password": PASSWORD})
        assert login.status_code == status


def test_change_email_beside_the_profile(alice_client: APIClient, alice: User) -> None:
    response = alice_client.patch(URL, {"email": NEW, "current_password": PASSWORD, "base_currency": "EUR"})
    stored = User.objects.get()
    assert response.json() == user_body(alice, base_currency="EUR", updated_at=as_text(stored.updated_at))


def test_change_email_to_the_same(alice_client: APIClient, alice: User) -> None:
    assert alice_client.patch(URL, {"email": "ALICE@example.test"}).json() == user_body(alice)
    assert outbox() == []


def test_change_email_with_wrong_password_changes_nothing(alice_client: APIClient, alice: User) -> None:
    body = {"email": NEW, "current_password": "wrong", "base_currency": "EUR"}
    response = alice_client.patch(URL, body)
    assert (response.status_code, response.json()) == (
        400,
        {"detail": "The current password is wrong.", "code": "wrong_password"},
    )
    assert alice_client.get(URL).json() == user_body(alice)
    assert outbox() == []


def test_change_email_without_password(alice_client: APIClient) -> None:
    response = alice_client.patch(URL, {"email": NEW, "base_currency": "XYZ"})
    found = {(entry["loc"][1], entry["type"]) for entry in response.json()["detail"]}
    assert response.status_code == 422
    assert found == {("base_currency", "unknown_currency"), ("current_password", "required")}


@pytest.mark.parametrize("email", [5, "", None, "a@b\nBcc: x@example.test"])
def test_change_email_bad_input(alice_client: APIClient, email: object) -> None:
    response = alice_client.patch(URL, {"email": email, "current_password": PASSWORD})
    msg, kind = {
        "": ("This field may not be blank.", "blank"),
        None: ("This field may not be null.", "null"),
    }.get(email, ("Enter a valid email address.", "invalid"))  # type: ignore[call-overload]
    assert response.status_code == 422
    assert response.json() == invalid("body", "email", msg, kind)


def test_change_email_guesses_are_throttled(alice_client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LoginThrottle, "get_rate", lambda self: "1/day")
    assert alice_client.patch(URL, {"email": NEW, "current_password": "wrong"}).status_code == 400
    assert move(alice_client).status_code == 429
    assert alice_client.patch(URL, {"base_currency": "EUR"}).status_code == 200


def test_change_email_to_a_taken_address_does_not_tell(alice_client: APIClient, alice: User, charlie: User) -> None:
    response = move(alice_client, charlie.email)
    assert (response.status_code, response.json()) == (200, user_body(alice))
    assert taken() == [NOTICE]


def test_change_email_taken_meanwhile(alice: User, token: str) -> None:
    owner = UserFactory.create(email=NEW)
    response = verify(token)
    assert (response.status_code, response.json()) == (409, TAKEN)
    assert User.objects.get(pk=alice.pk).email == "alice@example.test"
    assert outbox() == []
    owner.delete()
    assert verify(token).status_code == 204


def test_change_email_again_replaces_the_token(alice_client: APIClient, token: str) -> None:
    move(alice_client, "third@example.test")
    response = verify(token)
    assert (response.status_code, response.json()) == (400, REFUSED)
    assert verify(token_in(outbox()[-1])).status_code == 204
    assert User.objects.get().email == "third@example.test"


@pytest.mark.parametrize("change", [{"is_active": False}, {"token_version": 1}], ids=["disabled", "new password"])
def test_change_email_overtaken(token: str, change: dict[str, Any]) -> None:
    User.objects.update(**change)
    assert verify(token).json() == REFUSED
    assert User.objects.get().email == "alice@example.test"


def test_change_email_resent(alice_client: APIClient, token: str) -> None:
    alice_client.post("/api/v1/auth/resend-verification")
    [message] = outbox()
    assert (message.to, message.subject) == REQUEST
    assert verify(token).json() == REFUSED
    assert verify(token_in(message)).status_code == 204


def test_change_email_five_times_an_hour(alice_client: APIClient) -> None:
    for number in range(7):
        move(alice_client, f"alice{number}@example.test")
    assert len(outbox()) == 2 * 5


@pytest.mark.django_db(transaction=True)
def test_change_email_of_two_users_to_one_address_at_once(alice: User, charlie: User) -> None:
    tokens = []
    for user in (alice, charlie):
        move(client_of(user))
        tokens.append(token_in(outbox()[-1]))
    assert at_once([partial(verify, token) for token in tokens]) == [(204, None), (409, "email_taken")]
    assert User.objects.filter(email=NEW).count() == 1


@pytest.fixture
def after_check(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
    """What is done as soon as the password has been found right."""
    todo: list[Callable[[], Any]] = []

    def check(*args: Any) -> None:
        confirm_password(*args)
        for job in todo:
            job()

    monkeypatch.setattr(verification, "confirm_password", check)
    return todo


@pytest.mark.django_db(transaction=True)
def test_change_email_checks_the_password_before_the_transaction(
    alice_client: APIClient, after_check: list[Callable[[], Any]]
) -> None:
    found = []
    after_check.append(lambda: found.append(connection.in_atomic_block))

    response = alice_client.patch(URL, {"email": NEW, "current_password": PASSWORD}, headers={"If-Match": "*"})

    assert (response.status_code, found) == (200, [False])


@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}])
def test_change_email_overtaken_by_a_new_password(
    alice_client: APIClient, alice: User, after_check: list[Callable[[], Any]], headers: dict[str, str]
) -> None:
    after_check.append(lambda: User.objects.replace_password(make_password("another good long secret")))
    body = {"email": NEW, "current_password": PASSWORD, "base_currency": "EUR"}

    response = alice_client.patch(URL, body, headers=headers)

    assert_unauthenticated(response, TOKEN_NOT_VALID)
    assert User.objects.get().base_currency == "USD"
    assert outbox() == []


def test_change_email_guesses_lock(alice_client: APIClient, settings: Any) -> None:
    settings.LOGIN_FAILURES = 2
    wrong = {"email": NEW, "current_password": "wrong"}

    assert [alice_client.patch(URL, wrong).status_code for _ in range(3)] == [400, 400, 429]
    assert LoginFailures.objects.exclude(account="").exclude(address="").get().failures == 2
