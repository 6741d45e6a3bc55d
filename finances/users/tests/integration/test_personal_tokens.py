"""Tokens for scripts: made and listed by their user, never stored, never more than they say."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from finances.testing.plugin import client_of
from finances.users.models import PersonalToken, User, hash_secret
from finances.users.personal_tokens import owner_of
from finances.users.tests.bodies import (
    NOT_AUTHENTICATED,
    NOT_FOUND,
    PERMISSION_DENIED,
    TOKEN_NOT_VALID,
    as_text,
    assert_unauthenticated,
    invalid,
)
from finances.users.tests.factories import PASSWORD, PersonalTokenFactory, UserFactory

URL = "/api/v1/auth/tokens"
ME = "/api/v1/users/me"
NO_SESSION = {"detail": "A personal access token may not do this: log in.", "code": "personal_token_refused"}
READ_ONLY = {"detail": "This token only reads.", "code": "token_read_only"}
NEW = "another good long secret"
SECRET = "fin_pat_a-secret"
# Only what is really committed takes principals out of the cache.
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobodys_yet() -> None:
    """Whose a secret is never changes, but in tests that take the same one."""
    owner_of.cache_clear()


def asked(**changes: Any) -> dict[str, Any]:
    return {"name": "Sheet", "scope": "read-write", "expires_at": as_text(in_days(30))} | changes


def in_days(days: float) -> Any:
    return timezone.now() + timedelta(days=days)


def script(secret: str = SECRET) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def body_of(token: PersonalToken) -> dict[str, Any]:
    return {
        "id": str(token.pk),
        "name": token.name,
        "scope": token.scope,
        "created_at": as_text(token.created_at),
        "expires_at": as_text(token.expires_at),
        "last_used_at": token.last_used_at and as_text(token.last_used_at),
    }


@pytest.fixture
def token(alice: User) -> PersonalToken:
    return PersonalTokenFactory.create(user=alice, secret=SECRET)


def test_make(alice_client: APIClient, alice: User) -> None:
    response = alice_client.post(URL, asked())
    token, secret = PersonalToken.objects.get(), response.json()["token"]
    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    assert response.json() == body_of(token) | {"token": secret}
    assert (secret[:8], len(secret), token.user, token.token_hash) == ("fin_pat_", 51, alice, hash_secret(secret))
    assert secret not in str(PersonalToken.objects.values().get())
    assert script(secret).get(ME).json()["id"] == str(alice.pk)


@pytest.mark.parametrize(
    ("field", "value", "msg", "kind"),
    [
        ("name", "", "This field may not be blank.", "blank"),
        ("name", "x" * 101, "Ensure this field has no more than 100 characters.", "max_length"),
        ("scope", "all", '"all" is not a valid choice.', "invalid_choice"),
        ("expires_at", "2020-01-01T00:00:00Z", "This moment must lie within the next 366 days.", "out_of_range"),
        ("expires_at", "2999-01-01T00:00:00Z", "This moment must lie within the next 366 days.", "out_of_range"),
        ("expires_at", None, "This field may not be null.", "null"),
    ],
)
def test_make_bad_input(alice_client: APIClient, field: str, value: Any, msg: str, kind: str) -> None:
    response = alice_client.post(URL, asked(**{field: value}))
    assert (response.status_code, response.json()) == (422, invalid("body", field, msg, kind))
    assert not PersonalToken.objects.exists()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x", 5, []])
def test_make_with_an_absurd_moment(alice_client: APIClient, moment: Any) -> None:
    assert alice_client.post(URL, asked(expires_at=moment)).status_code == 422


def test_at_most_fifty(alice_client: APIClient, alice: User) -> None:
    PersonalTokenFactory.create_batch(50, user=alice)
    response = alice_client.post(URL, asked())
    assert response.status_code == 400
    assert response.json() == {"detail": "There are 50 tokens already. Revoke one first.", "code": "too_many_tokens"}
    PersonalToken.objects.filter(pk=PersonalToken.objects.first().pk).update(expires_at=timezone.now())  # type: ignore[union-attr]
    assert alice_client.post(URL, asked()).status_code == 201


def test_list(alice_client: APIClient, alice: User, charlie: User) -> None:
    older = PersonalTokenFactory.create(user=alice, scope="read", last_used_at=timezone.now())
    newer = PersonalTokenFactory.create(user=alice)
    PersonalTokenFactory.create(user=charlie)
    PersonalTokenFactory.create(user=alice, expires_at=timezone.now())
    PersonalTokenFactory.create(user=alice, token_version=7)
    response = alice_client.get(URL)
    assert (response.status_code, response["X-Total-Count"]) == (200, "2")
    assert response.json() == [body_of(newer), body_of(older)]


@committed
def test_list_costs_the_same_for_one_and_three(alice_client: APIClient, alice: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            alice_client.get(URL)
        return len(captured)

    PersonalTokenFactory.create(user=alice)
    alice_client.get(URL)
    one = queries()
    PersonalTokenFactory.create_batch(2, user=alice)
    assert (one, queries()) == (2, 2)


@committed
def test_revoke(alice_client: APIClient, token: PersonalToken) -> None:
    assert script().get(ME).status_code == 200
    response = alice_client.delete(f"{URL}/{token.pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert_unauthenticated(script().get(ME), TOKEN_NOT_VALID)


def test_revoke_anothers_or_none(charlie_client: APIClient, token: PersonalToken) -> None:
    for missing in (token.pk, uuid4(), "x"):
        response = charlie_client.delete(f"{URL}/{missing}")
        assert (response.status_code, response.json()) == (404, NOT_FOUND)
    assert script().get(ME).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [("get", URL), ("post", URL), ("delete", f"{URL}/7d0f5a52-5f0c-4f0e-9a51-0b8f7f2c1f7e")]
)
def test_unauthenticated(anonymous: APIClient, method: str, path: str) -> None:
    assert_unauthenticated(getattr(anonymous, method)(path), NOT_AUTHENTICATED)


@pytest.mark.parametrize("secret", ["fin_pat_", "fin_pat_unknown", "fin_pat_tökén", "FIN_PAT_A-SECRET"])
def test_no_token_of_anybody(token: PersonalToken, secret: str) -> None:
    assert_unauthenticated(script(secret).get(ME), TOKEN_NOT_VALID)


def test_a_token_that_expires(token: PersonalToken) -> None:
    PersonalToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert_unauthenticated(script().get(ME), TOKEN_NOT_VALID)


@committed
def test_a_token_that_expires_while_it_is_cached(token: PersonalToken, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [script().get(ME).status_code for _ in range(2)] == [200, 200]
    monkeypatch.setattr(timezone, "now", lambda: token.expires_at)
    assert_unauthenticated(script().get(ME), TOKEN_NOT_VALID)


def test_reading_only(token: PersonalToken) -> None:
    PersonalToken.objects.update(scope="read")
    assert [script().get(ME).status_code, script().options(ME).status_code] == [200, 200]
    for method in ("post", "put", "patch", "delete"):
        response = getattr(script(), method)(ME, {"time_zone": "Europe/Vienna"})
        assert (response.status_code, response.json()) == (403, READ_ONLY)


def test_reading_and_writing(token: PersonalToken) -> None:
    assert script().patch(ME, {"time_zone": "Europe/Vienna"}).json()["time_zone"] == "Europe/Vienna"


def guarded_paths() -> list[str]:
    """All of auth/* that looks at who asks."""
    found = []
    for pattern in get_resolver("finances.users.api.urls").url_patterns:
        assert isinstance(pattern, URLPattern)
        view: Any = pattern.callback
        if str(pattern.pattern).startswith("auth/") and view.cls.authentication_classes:
            found.append(str(pattern.pattern).replace("<str:pk>", "7d0f5a52-5f0c-4f0e-9a51-0b8f7f2c1f7e"))
    return found


@pytest.mark.parametrize("path", guarded_paths())
def test_nothing_under_auth(token: PersonalToken, path: str) -> None:
    for method in ("get", "post", "delete"):
        response = getattr(script(), method)(f"/api/v1/{path}")
        assert (response.status_code, response.json()) in [(403, NO_SESSION), (405, response.json())]
    assert PersonalToken.objects.get() == token


def test_paths_under_auth() -> None:
    assert len(guarded_paths()) == 8


def test_the_account_is_not_deleted(token: PersonalToken, alice: User) -> None:
    response = script().delete(ME)
    assert (response.status_code, response.json()) == (403, NO_SESSION)
    assert User.objects.get() == alice


def test_staff_are_no_staff_by_it(rosa: User) -> None:
    User.objects.update(is_superuser=True)
    PersonalTokenFactory.create(user=rosa, secret=SECRET)
    response = script().get("/api/v1/users")
    assert (response.status_code, response.json()) == (403, PERMISSION_DENIED)
    assert script().get(ME).json()["is_superuser"] is False
    assert script().patch(ME, {"time_zone": "Europe/Vienna"}).status_code == 200
    rosa.refresh_from_db()
    assert (rosa.is_staff, rosa.is_superuser, rosa.time_zone) == (True, True, "Europe/Vienna")


def test_a_user_without_privileges_is_never_saved(rosa: User) -> None:
    rosa.withhold_privileges()
    with pytest.raises(TypeError):
        rosa.save()


def change_password(user: User) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert client_of(user).post("/api/v1/auth/change-password", body).status_code == 200


def disable_and_enable(user: User) -> None:
    for active in (False, True):
        User.objects.filter(pk=user.pk).set_active(active)


def disable(user: User) -> None:
    User.objects.filter(pk=user.pk).set_active(False)


def in_admin(user: User) -> None:
    office = Browser()
    office.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    chosen = {"action": "revoke", "_selected_action": [str(PersonalToken.objects.get().pk)]}
    assert office.post("/admin/users/personaltoken/", chosen).status_code == 302


@committed
@pytest.mark.parametrize("end", [change_password, disable, disable_and_enable, lambda user: user.delete(), in_admin])
def test_the_next_request_knows(token: PersonalToken, alice: User, end: Callable[[User], Any]) -> None:
    assert [script().get(ME).status_code for _ in range(2)] == [200, 200]
    end(alice)
    assert_unauthenticated(script().get(ME), TOKEN_NOT_VALID)


def queries_of_a_request() -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert script().get(ME).status_code == 200
    return [query["sql"].split()[0] for query in captured]


@committed
def test_requests_cost_no_query_but_one_a_minute(token: PersonalToken, monkeypatch: pytest.MonkeyPatch) -> None:
    script().get(ME)
    script().get(ME)
    assert [queries_of_a_request() for _ in range(3)] == [[], [], []]
    token.refresh_from_db()
    noted, later = token.last_used_at, timezone.now() + timedelta(seconds=61)
    assert noted is not None
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert [queries_of_a_request() for _ in range(3)] == [["UPDATE"], ["SELECT"], []]
    token.refresh_from_db()
    assert token.last_used_at == later


def test_the_back_office_shows_no_secret(token: PersonalToken) -> None:
    office = Browser()
    office.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    for path in ("", f"{token.pk}/change/"):
        page = office.get(f"/admin/users/personaltoken/{path}").content.decode()
        assert "Script" in page
        assert token.token_hash not in page


def test_who_is_staff_changes_what_they_have_read(rosa: User) -> None:
    PersonalTokenFactory.create(user=rosa, secret=SECRET)
    User.objects.filter(pk=rosa.pk).update(is_superuser=True)
    read = script().get(ME)

    response = script().patch(ME, {"base_currency": "EUR"}, headers={"If-Match": read["ETag"]})

    assert (read.json()["is_superuser"], response.status_code) == (False, 200)
