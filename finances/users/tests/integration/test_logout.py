import pytest
from rest_framework.test import APIClient

from finances.users.models import Session, User
from finances.users.tests.bodies import NOT_AUTHENTICATED, TOKEN_NOT_VALID, assert_unauthenticated, invalid
from finances.users.tokens import TokenPair, issue_tokens, rotate

URL = "/api/v1/auth/logout"


@pytest.fixture
def pair(alice: User) -> TokenPair:
    return issue_tokens(alice)


def test_logout(anonymous: APIClient, pair: TokenPair) -> None:
    response = anonymous.post(URL, {"refresh_token": pair.refresh_token})
    assert (response.status_code, response.content) == (204, b"")
    assert Session.objects.get().revoked_at is not None
    refreshed = anonymous.post("/api/v1/auth/refresh", {"refresh_token": pair.refresh_token})
    assert_unauthenticated(refreshed, TOKEN_NOT_VALID)


def test_logout_by_header(anonymous: APIClient, pair: TokenPair) -> None:
    response = anonymous.post(URL, headers={"Authorization": f"Bearer {pair.refresh_token}"})
    assert response.status_code == 204
    assert Session.objects.get().revoked_at is not None


def test_logout_beside_access_token(anonymous: APIClient, pair: TokenPair) -> None:
    headers = {"Authorization": f"Bearer {pair.access_token}"}
    assert anonymous.post(URL, {"refresh_token": pair.refresh_token}, headers=headers).status_code == 204


def test_logout_leaves_other_sessions(anonymous: APIClient, pair: TokenPair, alice: User) -> None:
    other = issue_tokens(alice)
    anonymous.post(URL, {"refresh_token": pair.refresh_token})
    assert rotate(other.refresh_token).token_type == "bearer"


def test_logout_twice(anonymous: APIClient, pair: TokenPair) -> None:
    anonymous.post(URL, {"refresh_token": pair.refresh_token})
    assert_unauthenticated(anonymous.post(URL, {"refresh_token": pair.refresh_token}), TOKEN_NOT_VALID)


def test_logout_with_access_token(anonymous: APIClient, pair: TokenPair) -> None:
    assert_unauthenticated(anonymous.post(URL, {"refresh_token": pair.access_token}), TOKEN_NOT_VALID)
    assert Session.objects.get().revoked_at is None


def test_logout_without_token(anonymous: APIClient) -> None:
    assert_unauthenticated(anonymous.post(URL), NOT_AUTHENTICATED)


def test_logout_bad_input(anonymous: APIClient) -> None:
    response = anonymous.post(URL, {"refresh_token": ["x"]})
    assert response.status_code == 422
    assert response.json() == invalid("body", "refresh_token", "Not a valid string.", "invalid")
