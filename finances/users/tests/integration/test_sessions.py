"""Seeing and ending one's own sessions; what is revoked ends its access token at the next request."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from finances.users.clients import Client
from finances.users.models import Session, User
from finances.users.signing import InvalidToken
from finances.users.tests.bodies import (
    NOT_AUTHENTICATED,
    NOT_FOUND,
    TOKEN_NOT_VALID,
    as_text,
    assert_unauthenticated,
)
from finances.users.tests.factories import PASSWORD, UserFactory
from finances.users.tokens import TokenPair, end_session, issue_tokens, rotate

URL = "/api/v1/auth/sessions"
ME = "/api/v1/users/me"
# Only what is really committed takes principals out of the cache.
committed = pytest.mark.django_db(transaction=True)


def client_with(pair: TokenPair) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access_token}")
    return client


def session_of(pair: TokenPair) -> Session:
    return Session.objects.get(pk=RefreshToken(pair.refresh_token)["sid"])  # type: ignore[arg-type]


def body_of(session: Session, *, is_current: bool) -> dict[str, Any]:
    return {
        "id": str(session.pk),
        "created_at": as_text(session.created_at),
        "last_used_at": as_text(session.last_used_at),
        "expires_at": as_text(session.expires_at),
        "address": session.address,
        "user_agent": session.user_agent,
        "is_current": is_current,
    }


def test_list(alice: User, charlie: User) -> None:
    phone = issue_tokens(alice, Client("203.0.113.7", "Phone/1"))
    laptop = issue_tokens(alice)
    issue_tokens(charlie)
    for gone in (issue_tokens(alice), issue_tokens(alice)):
        end_session(gone.refresh_token)
    response = client_with(laptop).get(URL)
    assert response.status_code == 200
    assert response["X-Total-Count"] == "2"
    assert response.json() == [
        body_of(session_of(laptop), is_current=True),
        body_of(session_of(phone), is_current=False),
    ]
    assert (session_of(phone).address, session_of(phone).user_agent) == ("203.0.113.7", "Phone/1")


def test_list_leaves_out_expired(alice: User) -> None:
    pair, expired = issue_tokens(alice), issue_tokens(alice)
    Session.objects.filter(pk=session_of(expired).pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert [each["is_current"] for each in client_with(pair).get(URL).json()] == [True]


@committed
def test_list_costs_the_same_for_one_and_three(alice: User) -> None:
    client = client_with(issue_tokens(alice))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(URL).status_code == 200
        return len(captured)

    queries()
    one = queries()
    issue_tokens(alice)
    issue_tokens(alice)
    assert (one, queries()) == (2, 2)


def test_login_and_refresh_tell_whence(anonymous: APIClient, alice: User) -> None:
    browser = {"User-Agent": "Mozilla/5.0\x7f" + "x" * 200}
    body = anonymous.post("/api/v1/auth/login", {"email": alice.email, "password": PASSWORD}, headers=browser).json()
    session = Session.objects.get()
    assert (session.address, session.user_agent) == ("127.0.0.1", "Mozilla/5.0" + "x" * 109)
    assert session.last_used_at == session.created_at
    anonymous.post("/api/v1/auth/refresh", {"refresh_token": body["refresh_token"]}, REMOTE_ADDR="2001:db8::5%eth0")
    session.refresh_from_db()
    assert (session.address, session.user_agent) == ("2001:db8::5", "")
    assert session.last_used_at == session.rotated_at


def test_forwarded_nonsense_is_no_address(anonymous: APIClient, alice: User, settings: Any) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    headers = {"X-Forwarded-For": "nonsense"}
    anonymous.post("/api/v1/auth/login", {"email": alice.email, "password": PASSWORD}, headers=headers)
    assert Session.objects.get().address is None


@committed
def test_end_one(alice: User) -> None:
    mine, other = issue_tokens(alice), issue_tokens(alice)
    assert client_with(other).get(ME).status_code == 200
    response = client_with(mine).delete(f"{URL}/{session_of(other).pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert_unauthenticated(client_with(other).get(ME), TOKEN_NOT_VALID)
    with pytest.raises(InvalidToken):
        rotate(other.refresh_token)
    assert client_with(mine).get(ME).status_code == 200


@committed
def test_end_the_current_one(alice: User) -> None:
    mine = issue_tokens(alice)
    client = client_with(mine)
    assert client.delete(f"{URL}/{session_of(mine).pk}").status_code == 204
    assert_unauthenticated(client.get(ME), TOKEN_NOT_VALID)


@committed
def test_end_all_others(alice: User, charlie: User) -> None:
    mine, others, charlies = issue_tokens(alice), [issue_tokens(alice), issue_tokens(alice)], issue_tokens(charlie)
    response = client_with(mine).delete(URL)
    assert (response.status_code, response.content) == (204, b"")
    for other in others:
        assert_unauthenticated(client_with(other).get(ME), TOKEN_NOT_VALID)
    assert [client_with(pair).get(ME).status_code for pair in (mine, charlies)] == [200, 200]


@pytest.mark.parametrize("name", ["anothers", "missing", "revoked", "expired", "no id"])
def test_end_what_is_not_there(alice: User, charlie: User, name: str) -> None:
    mine, others = issue_tokens(alice), issue_tokens(charlie)
    gone, old = issue_tokens(alice), issue_tokens(alice)
    end_session(gone.refresh_token)
    Session.objects.filter(pk=session_of(old).pk).update(expires_at=timezone.now())
    ids: dict[str, UUID | str] = {
        "anothers": session_of(others).pk, "missing": uuid4(), "revoked": session_of(gone).pk,
        "expired": session_of(old).pk, "no id": "x",
    }  # fmt: skip
    response = client_with(mine).delete(f"{URL}/{ids[name]}")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)
    assert client_with(others).get(ME).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [("get", URL), ("delete", URL), ("delete", f"{URL}/7d0f5a52-5f0c-4f0e-9a51-0b8f7f2c1f7e")]
)
def test_unauthenticated(anonymous: APIClient, method: str, path: str) -> None:
    assert_unauthenticated(getattr(anonymous, method)(path), NOT_AUTHENTICATED)


@pytest.mark.parametrize("query", ["skip=-1", "limit=1001", "limit=x"])
def test_list_bad_input(alice_client: APIClient, query: str) -> None:
    assert alice_client.get(f"{URL}?{query}").status_code == 422


def log_out(pair: TokenPair) -> None:
    end_session(pair.refresh_token)


def replay(pair: TokenPair) -> None:
    rotate(pair.refresh_token)
    Session.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
    with pytest.raises(InvalidToken):
        rotate(pair.refresh_token)


def in_admin(pair: TokenPair) -> None:
    office = Browser()
    office.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    chosen = {"action": "revoke", "_selected_action": [str(session_of(pair).pk)]}
    assert office.post("/admin/users/session/", chosen).status_code == 302


@committed
@pytest.mark.parametrize("end", [log_out, replay, in_admin])
def test_an_ended_sessions_access_token_ends_at_once(alice: User, end: Callable[[TokenPair], None]) -> None:
    pair = issue_tokens(alice)
    client = client_with(pair)
    assert [client.get(ME).status_code for _ in range(2)] == [200, 200]

    end(pair)

    assert_unauthenticated(client.get(ME), TOKEN_NOT_VALID)


@committed
def test_requests_still_cost_no_query(alice: User) -> None:
    client = client_with(issue_tokens(alice))
    client.get(ME)
    with CaptureQueriesContext(connection) as captured:
        client.get(ME)
    assert len(captured) == 0
