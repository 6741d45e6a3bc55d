import pytest
from rest_framework.test import APIClient

from finances.users.models import Session, User
from finances.users.tests.bodies import (
    NOT_AUTHENTICATED,
    TOKEN_NOT_VALID,
    as_text,
    assert_unauthenticated,
    invalid,
    user_body,
)

URL = "/api/v1/users/me"


def test_read_me(alice_client: APIClient, alice: User) -> None:
    response = alice_client.get(URL)
    assert response.status_code == 200
    assert response.json() == user_body(alice)
    assert list(response.json()) == list(user_body(alice))


@pytest.mark.parametrize(
    "changes", [{"base_currency": "EUR"}, {"time_zone": "Asia/Tokyo"}, {"base_currency": "JPY", "time_zone": "UTC"}]
)
def test_change_me(alice_client: APIClient, alice: User, changes: dict[str, str]) -> None:
    response = alice_client.patch(URL, changes)
    stored = User.objects.get()
    assert response.status_code == 200
    assert response.json() == user_body(alice, **changes, updated_at=as_text(stored.updated_at))
    assert response.json() == alice_client.get(URL).json()
    assert stored.updated_at > alice.updated_at


def test_change_me_with_nothing(alice_client: APIClient, alice: User) -> None:
    assert alice_client.patch(URL, {}).json() == user_body(alice)


def test_change_me_ignores_what_is_not_ones_own_to_change(alice_client: APIClient, alice: User) -> None:
    body = {"id": 5, "current_password": "what", "is_staff": True, "is_superuser": True, "is_verified": True, "what": 1}
    assert alice_client.patch(URL, body).json() == user_body(alice)
    assert not User.objects.get().is_staff


@pytest.mark.parametrize(
    ("field", "value", "msg", "kind"),
    [
        ("base_currency", "XYZ", "This is not an ISO 4217 currency code.", "unknown_currency"),
        ("base_currency", None, "This field may not be null.", "null"),
        ("base_currency", 840, "Not a valid string.", "invalid"),
        ("time_zone", "Europe/Atlantis", "This is not an IANA time zone.", "unknown_time_zone"),
    ],
)
def test_change_me_bad_input(
    alice_client: APIClient, alice: User, field: str, value: object, msg: str, kind: str
) -> None:
    response = alice_client.patch(URL, {field: value})
    assert response.status_code == 422
    assert response.json() == invalid("body", field, msg, kind)
    assert alice_client.get(URL).json() == user_body(alice)


def test_delete_me(alice_client: APIClient, alice: User, charlie: User) -> None:
    response = alice_client.delete(URL)
    assert (response.status_code, response.content) == (204, b"")
    assert User.objects.get() == charlie
    assert not Session.objects.exists()
    assert_unauthenticated(alice_client.get(URL), TOKEN_NOT_VALID)


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_me_unauthenticated(anonymous: APIClient, method: str) -> None:
    assert_unauthenticated(getattr(anonymous, method)(URL), NOT_AUTHENTICATED)


def test_me_with_another_method(alice_client: APIClient) -> None:
    response = alice_client.put(URL, {})
    assert response.status_code == 405
    assert response.json() == {"detail": 'Method "PUT" not allowed.', "code": "method_not_allowed"}
