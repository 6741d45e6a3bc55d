from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from finances.api.throttles import LoginThrottle
from finances.users.models import User
from finances.users.tests.bodies import invalid, user_body
from finances.users.tests.factories import PASSWORD

URL = "/api/v1/auth/register"
TAKEN = {"detail": "An account with this e-mail address exists already.", "code": "email_taken"}


def test_register(anonymous: APIClient) -> None:
    response = anonymous.post(URL, {"email": "Dora@Example.TEST", "password": PASSWORD})
    dora = User.objects.get()
    assert response.status_code == 201
    assert response.json() == user_body(dora, email="dora@example.test")
    assert list(response.json()) == list(user_body(dora))
    assert dora.check_password(PASSWORD)


def test_register_with_profile(anonymous: APIClient) -> None:
    profile = {"base_currency": "EUR", "time_zone": "Europe/Vienna"}
    response = anonymous.post(URL, {"email": "dora@example.test", "password": PASSWORD, **profile})
    assert response.json() == user_body(User.objects.get(), **profile)


def test_register_gives_no_privileges(anonymous: APIClient) -> None:
    privileges = {"is_staff": True, "is_superuser": True, "is_verified": True, "token_version": 7}
    response = anonymous.post(URL, {"email": "dora@example.test", "password": PASSWORD, **privileges})
    dora = User.objects.get()
    assert response.json() == user_body(dora)
    assert (dora.is_staff, dora.is_superuser, dora.is_verified, dora.token_version) == (False, False, False, 0)


@pytest.mark.parametrize("email", ["alice@example.test", "ALICE@Example.Test", "ａｌｉｃｅ@example.test"])  # noqa: RUF001
def test_register_taken_email(anonymous: APIClient, alice: User, email: str) -> None:
    response = anonymous.post(URL, {"email": email, "password": PASSWORD})
    assert response.status_code == 409
    assert response.json() == TAKEN
    assert User.objects.get() == alice


def test_register_dotless_i_beside_its_look_alike(anonymous: APIClient) -> None:
    for email in ("mike@example.test", "mıke@example.test"):
        assert anonymous.post(URL, {"email": email, "password": PASSWORD}).status_code == 201


SHORT = "Ensure this field has at least 8 characters."
LONG = "Ensure this field has no more than 128 characters."


@pytest.mark.parametrize(
    ("field", "value", "msg", "kind"),
    [
        ("email", 5, "Enter a valid email address.", "invalid"),
        ("email", None, "This field may not be null.", "null"),
        ("email", "", "This field may not be blank.", "blank"),
        ("email", "dora", "Enter a valid email address.", "invalid"),
        ("password", "correct\0horse", "Null characters are not allowed.", "null_characters_not_allowed"),
        ("password", 12345678, "Not a valid string.", "invalid"),
        ("password", "aB3$xyz", SHORT, "min_length"),
        ("password", "aB3$" * 33, LONG, "max_length"),
        ("password", "password1", "This password is too common.", "password_too_common"),
        ("password", "dora@example", "The password is too similar to the e-mail address.", "password_too_similar"),
        ("base_currency", "XYZ", "This is not an ISO 4217 currency code.", "unknown_currency"),
        ("base_currency", ["EUR"], "Not a valid string.", "invalid"),
        ("time_zone", "Mars/Olympus", "This is not an IANA time zone.", "unknown_time_zone"),
    ],
)
def test_register_bad_input(anonymous: APIClient, field: str, value: object, msg: str, kind: str) -> None:
    body = {"email": "dora@example.test", "password": PASSWORD, field: value}
    response = anonymous.post(URL, body)
    assert response.status_code == 422
    assert response.json() == invalid("body", field, msg, kind)
    assert not User.objects.exists()


def test_register_tells_every_violation_at_once(anonymous: APIClient) -> None:
    body = {"email": "dora", "password": "5843920176", "base_currency": "XYZ", "time_zone": ""}
    response = anonymous.post(URL, body)
    found = {(entry["loc"][1], entry["type"]) for entry in response.json()["detail"]}
    assert found == {
        ("email", "invalid"),
        ("password", "password_entirely_numeric"),
        ("base_currency", "unknown_currency"),
        ("time_zone", "blank"),
    }


@pytest.mark.parametrize("body", [[], "text", 5])
def test_register_body_is_no_object(anonymous: APIClient, body: Any) -> None:
    response = anonymous.post(URL, body)
    assert response.status_code == 422
    assert response.json()["code"] == "validation_error"


def test_register_is_throttled(anonymous: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LoginThrottle, "get_rate", lambda self: "1/day")
    assert anonymous.post(URL, {}).status_code == 422
    response = anonymous.post(URL, {})
    assert response.status_code == 429
    assert response.json()["code"] == "throttled"
    assert int(response["Retry-After"]) >= 0


@pytest.mark.django_db(transaction=True)
def test_register_one_email_by_four_at_once() -> None:
    barrier = Barrier(4)

    def register(_: int) -> tuple[int, str | None]:
        barrier.wait()
        try:
            response = APIClient().post(URL, {"email": "dora@example.test", "password": PASSWORD})
            return response.status_code, response.json().get("code")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(register, range(4)))
    assert answers == [(201, None), (409, "email_taken"), (409, "email_taken"), (409, "email_taken")]
