from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from finances.users.models import User
from finances.users.tests.bodies import (
    NOT_AUTHENTICATED,
    NOT_FOUND,
    PERMISSION_DENIED,
    TOKEN_NOT_VALID,
    as_text,
    assert_unauthenticated,
    invalid,
    user_body,
)
from finances.users.tests.factories import UserFactory

URL = "/api/v1/users"
MISSING = f"{URL}/00000000-0000-4000-8000-000000000000"


def address(user: User) -> str:
    return f"{URL}/{user.pk}"


@pytest.fixture
def root_client(rosa: User, rosa_client: APIClient) -> APIClient:
    User.objects.filter(pk=rosa.pk).update(is_superuser=True)
    return rosa_client


def emails(client: APIClient, **parameters: Any) -> list[str]:
    return [user["email"] for user in client.get(URL, parameters).json()]


def test_list_users(rosa_client: APIClient, rosa: User, alice: User) -> None:
    response = rosa_client.get(URL)
    assert response.status_code == 200
    assert response.json() == [user_body(rosa), user_body(alice)]
    assert response["X-Total-Count"] == "2"


def test_list_users_by_page(rosa_client: APIClient, alice: User, charlie: User) -> None:
    response = rosa_client.get(URL, {"skip": 1, "limit": 1})
    assert response.json() == [user_body(alice)]
    assert response["X-Total-Count"] == "3"
    assert 'rel="next"' in response["Link"]


def test_list_users_filtered(rosa_client: APIClient, alice: User, charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).set_active(False)
    charlie.refresh_from_db()
    assert emails(rosa_client, email="LICE@ex") == [alice.email]
    assert emails(rosa_client, email="%") == []
    assert emails(rosa_client, is_active="false") == [charlie.email]
    assert emails(rosa_client, is_staff="true") == ["rosa@example.test"]
    assert emails(rosa_client, is_active="true", is_staff="false") == [alice.email]
    assert emails(rosa_client, updated_since=as_text(charlie.updated_at)) == [charlie.email]
    assert emails(rosa_client, updated_since="9999-01-01") == []


def test_list_users_ordered(rosa_client: APIClient, alice: User, charlie: User) -> None:
    assert emails(rosa_client, ordering="-email") == ["rosa@example.test", charlie.email, alice.email]
    assert emails(rosa_client, ordering="updated_at") == ["rosa@example.test", alice.email, charlie.email]


WRONG_CHOICE = "Select a valid choice. {} is not one of the available choices."


@pytest.mark.parametrize(
    ("name", "value", "msg", "kind"),
    [
        ("is_active", "maybe", WRONG_CHOICE.format("maybe"), "invalid_choice"),
        ("ordering", "password", WRONG_CHOICE.format("password"), "invalid_choice"),
        ("updated_since", "yesterday", "Enter a valid date/time.", "invalid"),
        ("updated_since", "0001-01-01T00:00:00+23:59", "Enter a valid date/time.", "invalid"),
        ("email", "a\0b", "Null characters are not allowed.", "null_characters_not_allowed"),
    ],
)
def test_list_users_bad_parameter(rosa_client: APIClient, name: str, value: str, msg: str, kind: str) -> None:
    response = rosa_client.get(URL, {name: value})
    assert response.status_code == 422
    assert response.json() == invalid("query", name, msg, kind)


def test_list_users_costs_the_same_for_more_rows(rosa_client: APIClient) -> None:
    with CaptureQueriesContext(connection) as one:
        assert len(rosa_client.get(URL).json()) == 1
    UserFactory.create_batch(2)
    with CaptureQueriesContext(connection) as three:
        assert len(rosa_client.get(URL).json()) == 3
    assert len(one) == len(three) == 3


@pytest.mark.parametrize(("method", "url"), [("get", URL), ("get", MISSING), ("patch", MISSING), ("delete", MISSING)])
def test_users_are_for_staff(anonymous: APIClient, alice_client: APIClient, method: str, url: str) -> None:
    assert_unauthenticated(getattr(anonymous, method)(url), NOT_AUTHENTICATED)
    response = getattr(alice_client, method)(url)
    assert response.status_code == 403
    assert response.json() == PERMISSION_DENIED


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_user_of_another_is_for_staff(charlie_client: APIClient, alice: User, method: str) -> None:
    response = getattr(charlie_client, method)(address(alice))
    assert response.status_code == 403
    assert response.json() == PERMISSION_DENIED
    assert User.objects.filter(pk=alice.pk, is_active=True).exists()


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
@pytest.mark.parametrize("url", [MISSING, f"{URL}/5", f"{URL}/not-a-uuid", f"{URL}/%00"])
def test_user_missing(rosa_client: APIClient, method: str, url: str) -> None:
    response = getattr(rosa_client, method)(url)
    assert response.status_code == 404
    assert response.json() == NOT_FOUND


def test_read_user(rosa_client: APIClient, alice: User) -> None:
    response = rosa_client.get(address(alice))
    assert response.status_code == 200
    assert response.json() == user_body(alice)


def test_read_staff(rosa_client: APIClient, rosa: User) -> None:
    assert rosa_client.get(address(rosa)).json() == user_body(rosa)


def test_disable_user_ends_their_tokens(rosa_client: APIClient, alice_client: APIClient, alice: User) -> None:
    response = rosa_client.patch(address(alice), {"is_active": False, "is_superuser": True})
    alice.refresh_from_db()
    assert response.status_code == 200
    assert response.json() == user_body(alice, is_active=False)
    assert alice.token_version == 1
    rosa_client.patch(address(alice), {"is_active": True})
    assert_unauthenticated(alice_client.get("/api/v1/users/me"), TOKEN_NOT_VALID)


@pytest.mark.parametrize("changes", [{}, {"is_active": True}, {"email": "x@example.test"}])
def test_change_user_without_change(
    rosa_client: APIClient, alice_client: APIClient, alice: User, changes: dict[str, Any]
) -> None:
    assert rosa_client.patch(address(alice), changes).json() == user_body(alice)
    assert alice_client.get("/api/v1/users/me").status_code == 200


@pytest.mark.parametrize("value", ["false", 0, None])
def test_change_user_bad_input(rosa_client: APIClient, alice: User, value: object) -> None:
    response = rosa_client.patch(address(alice), {"is_active": value})
    msg, kind = ("This field may not be null.", "null") if value is None else ("Must be a valid boolean.", "invalid")
    assert response.status_code == 422
    assert response.json() == invalid("body", "is_active", msg, kind)


def test_delete_user(rosa_client: APIClient, rosa: User, alice: User) -> None:
    response = rosa_client.delete(address(alice))
    assert (response.status_code, response.content) == (204, b"")
    assert User.objects.get() == rosa


@pytest.mark.parametrize("rank", [{"is_staff": True}, {"is_superuser": True}])
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_staff_do_not_manage_staff(rosa_client: APIClient, rank: dict[str, bool], method: str) -> None:
    colleague = UserFactory.create(**rank)
    response = getattr(rosa_client, method)(address(colleague), {"is_active": False})
    assert response.status_code == 403
    assert response.json() == PERMISSION_DENIED
    assert User.objects.get(pk=colleague.pk).is_active


def test_superuser_manages_staff(root_client: APIClient) -> None:
    colleague = UserFactory.create(is_staff=True)
    assert root_client.patch(address(colleague), {"is_active": False}).json()["is_active"] is False
    assert root_client.delete(address(colleague)).status_code == 204
