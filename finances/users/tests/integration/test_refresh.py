from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from finances.users.models import Session, User
from finances.users.signing import InvalidToken
from finances.users.tests.bodies import NOT_AUTHENTICATED, TOKEN_NOT_VALID, assert_unauthenticated, invalid
from finances.users.tokens import TokenPair, issue_tokens, rotate

URL = "/api/v1/auth/refresh"


@pytest.fixture
def pair(alice: User) -> TokenPair:
    return issue_tokens(alice)


def refresh(token: str) -> Any:
    return APIClient().post(URL, {"refresh_token": token})


def refresh_by_header(token: str) -> Any:
    return APIClient().post(URL, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("ask", [refresh, refresh_by_header])
def test_refresh(pair: TokenPair, alice: User, ask: Callable[[str], Any]) -> None:
    response = ask(pair.refresh_token)
    body, session = response.json(), Session.objects.get()
    successor = RefreshToken(body["refresh_token"])
    assert response.status_code == 200
    assert list(body) == ["access_token", "refresh_token", "token_type"]
    assert (successor["sub"], successor["sid"], successor["jti"]) == (
        str(alice.pk),
        str(session.pk),
        session.current_jti,
    )
    assert session.expires_at.timestamp() == successor["exp"]
    client = APIClient(headers={"Authorization": f"Bearer {body['access_token']}"})
    assert client.get("/api/v1/users/me").json()["id"] == str(alice.pk)


def test_refresh_prefers_the_body_to_the_header(pair: TokenPair) -> None:
    headers = {"Authorization": f"Bearer {pair.access_token}"}
    assert APIClient().post(URL, {"refresh_token": pair.refresh_token}, headers=headers).status_code == 200


def test_refresh_twice_in_a_row(pair: TokenPair) -> None:
    successor = refresh(pair.refresh_token).json()["refresh_token"]
    assert refresh(successor).status_code == 200


def test_refresh_with_replaced_token_at_once_leaves_the_session(pair: TokenPair) -> None:
    successor = refresh(pair.refresh_token).json()["refresh_token"]
    assert_unauthenticated(refresh(pair.refresh_token), TOKEN_NOT_VALID)
    assert refresh(successor).status_code == 200


def test_refresh_with_replaced_token_later_revokes_the_session(pair: TokenPair) -> None:
    successor = refresh(pair.refresh_token).json()["refresh_token"]
    Session.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
    assert_unauthenticated(refresh(pair.refresh_token), TOKEN_NOT_VALID)
    assert_unauthenticated(refresh(successor), TOKEN_NOT_VALID)
    assert Session.objects.get().revoked_at is not None


def test_refresh_long_after_rotation_with_newest_token(pair: TokenPair) -> None:
    successor = refresh(pair.refresh_token).json()["refresh_token"]
    Session.objects.update(rotated_at=timezone.now() - timedelta(days=6))
    assert refresh(successor).status_code == 200


def test_refresh_reuse_leaves_other_sessions(pair: TokenPair, alice: User) -> None:
    other = issue_tokens(alice)
    refresh(pair.refresh_token)
    Session.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
    refresh(pair.refresh_token)
    assert refresh(other.refresh_token).status_code == 200


def test_refresh_of_expired_session(pair: TokenPair) -> None:
    Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert_unauthenticated(refresh(pair.refresh_token), TOKEN_NOT_VALID)


def test_refresh_of_expired_token(pair: TokenPair) -> None:
    token = RefreshToken(pair.refresh_token)  # type: ignore[arg-type]
    token.set_exp(lifetime=timedelta(seconds=-1))
    assert_unauthenticated(refresh(str(token)), TOKEN_NOT_VALID)


def test_refresh_of_deleted_user(pair: TokenPair, alice: User) -> None:
    alice.delete()
    assert_unauthenticated(refresh(pair.refresh_token), TOKEN_NOT_VALID)


def test_refresh_of_disabled_user(pair: TokenPair) -> None:
    User.objects.update(is_active=False)
    assert_unauthenticated(refresh(pair.refresh_token), TOKEN_NOT_VALID)


def test_refresh_after_disabling_and_enabling(pair: TokenPair) -> None:
    User.objects.set_active(False)
    User.objects.set_active(True)
    assert_unauthenticated(refresh(pair.refresh_token), TOKEN_NOT_VALID)


def test_refresh_after_password_change(pair: TokenPair, alice: User) -> None:
    alice.set_password("another good long secret")
    alice.save()
    assert_unauthenticated(refresh(pair.refresh_token), TOKEN_NOT_VALID)


def test_refresh_with_access_token(pair: TokenPair) -> None:
    assert_unauthenticated(refresh(pair.access_token), TOKEN_NOT_VALID)
    assert_unauthenticated(refresh_by_header(pair.access_token), TOKEN_NOT_VALID)


@pytest.mark.parametrize("claims", [{}, {"sub": "nobody"}, {"sid": "none"}, {"sub": "nobody", "ver": 0, "sid": "none"}])
def test_refresh_with_odd_claims(claims: dict[str, object], alice: User) -> None:
    token = RefreshToken()
    token.payload |= {"sub": str(alice.pk), "ver": 0} | claims
    assert_unauthenticated(refresh(str(token)), TOKEN_NOT_VALID)


def test_refresh_without_token() -> None:
    assert_unauthenticated(APIClient().post(URL), NOT_AUTHENTICATED)
    assert_unauthenticated(APIClient().post(URL, {}), NOT_AUTHENTICATED)


@pytest.mark.parametrize(
    ("token", "msg", "kind"),
    [
        (5, "Not a valid string.", "invalid"),
        (None, "This field may not be null.", "null"),
        ("", "This field may not be blank.", "blank"),
    ],
)
def test_refresh_bad_input(anonymous: APIClient, token: object, msg: str, kind: str) -> None:
    response = anonymous.post(URL, {"refresh_token": token})
    assert response.status_code == 422
    assert response.json() == invalid("body", "refresh_token", msg, kind)


@pytest.mark.django_db(transaction=True)
def test_refresh_one_token_by_eight_at_once(pair: TokenPair) -> None:
    barrier = Barrier(8)

    def race(_: int) -> tuple[int, str | None]:
        barrier.wait()
        try:
            response = refresh(pair.refresh_token)
            return response.status_code, response.json().get("code")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(race, range(8)))
    assert answers == [(200, None), *[(401, "token_not_valid")] * 7]
    assert Session.objects.get().revoked_at is None


def test_an_older_token_is_not_forgiven_just_after_a_rotation(alice: User) -> None:
    """Only the token that was just replaced may come twice in a hurry."""
    first = issue_tokens(alice).refresh_token
    third = rotate(rotate(first).refresh_token).refresh_token

    for revoking_then_revoked in (first, third):
        with pytest.raises(InvalidToken):
            rotate(revoking_then_revoked)
