from functools import partial
from typing import Any

import pytest
from rest_framework.test import APIClient

from finances.api.throttles import LoginThrottle
from finances.users.models import Session, User
from finances.users.tests.bodies import NOT_AUTHENTICATED, TOKEN_NOT_VALID, assert_unauthenticated, invalid
from finances.users.tests.factories import PASSWORD
from finances.users.tests.letters import take, token_in
from finances.users.tests.races import at_once
from finances.users.tokens import TokenPair, issue_tokens

URL = "/api/v1/auth/change-password"
ME = "/api/v1/users/me"
NEW = "another good long secret"
WRONG = {"detail": "The current password is wrong.", "code": "wrong_password"}


@pytest.fixture
def pair(alice: User) -> TokenPair:
    return issue_tokens(alice)


def bearing(token: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {token}"})


def change(token: str, current: object = PASSWORD, new: object = NEW) -> Any:
    return bearing(token).post(URL, {"current_password": current, "new_password": new})


def refresh(token: str) -> Any:
    return APIClient().post("/api/v1/auth/refresh", {"refresh_token": token})


def test_change_password(pair: TokenPair) -> None:
    response = change(pair.access_token)
    body = response.json()
    assert response.status_code == 200
    assert list(body) == ["access_token", "refresh_token", "token_type"]
    assert response["Cache-Control"] == "no-store"
    assert User.objects.get().check_password(NEW)
    assert bearing(body["access_token"]).get(ME).status_code == 200
    assert refresh(body["refresh_token"]).status_code == 200


def test_change_password_ends_every_token_before(alice: User, pair: TokenPair) -> None:
    other = issue_tokens(alice)
    change(pair.access_token)
    for ended in (pair, other):
        assert_unauthenticated(bearing(ended.access_token).get(ME), TOKEN_NOT_VALID)
        assert_unauthenticated(refresh(ended.refresh_token), TOKEN_NOT_VALID)
    assert Session.objects.filter(revoked_at=None).count() == 1


def test_change_password_ends_a_reset_under_way(alice: User, pair: TokenPair) -> None:
    APIClient().post("/api/v1/auth/forgot-password", {"email": alice.email})
    change(pair.access_token)
    body = {"token": token_in(take()), "new_password": "a third good long secret"}
    assert APIClient().post("/api/v1/auth/reset-password", body).json()["code"] == "reset_token_invalid"


@pytest.mark.parametrize("current", ["wrong", PASSWORD + " ", PASSWORD.upper()])
def test_change_password_with_wrong_one(alice: User, pair: TokenPair, current: str) -> None:
    response = change(pair.access_token, current)
    assert (response.status_code, response.json()) == (400, WRONG)
    assert User.objects.get().password == alice.password
    assert bearing(pair.access_token).get(ME).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "msg", "kind"),
    [
        ("current_password", 5, "Not a valid string.", "invalid"),
        ("current_password", None, "This field may not be null.", "null"),
        ("new_password", "password1", "This password is too common.", "password_too_common"),
        ("new_password", "alice@example", "The password is too similar to the e-mail address.", "password_too_similar"),
        ("new_password", "aB3$xyz", "Ensure this field has at least 8 characters.", "min_length"),
    ],
)
def test_change_password_bad_input(pair: TokenPair, field: str, value: object, msg: str, kind: str) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW, field: value}
    response = bearing(pair.access_token).post(URL, body)
    assert response.status_code == 422
    assert response.json() == invalid("body", field, msg, kind)


def test_change_password_tells_every_violation_at_once(pair: TokenPair) -> None:
    response = bearing(pair.access_token).post(URL, {"new_password": "password1"})
    found = [(entry["loc"], entry["type"]) for entry in response.json()["detail"]]
    assert found == [(["body", "current_password"], "required"), (["body", "new_password"], "password_too_common")]


def test_change_password_unauthenticated(anonymous: APIClient) -> None:
    assert_unauthenticated(anonymous.post(URL, {}), NOT_AUTHENTICATED)


def test_change_password_is_throttled(pair: TokenPair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LoginThrottle, "get_rate", lambda self: "1/day")
    assert change(pair.access_token, "wrong").status_code == 400
    assert change(pair.access_token).status_code == 429


@pytest.mark.django_db(transaction=True)
def test_change_password_by_four_at_once(pair: TokenPair) -> None:
    answers = at_once([partial(change, pair.access_token, new=f"good long secret {number}") for number in range(4)])
    assert answers[0] == (200, None)
    # Whoever was let in before the change met the new password.
    assert set(answers[1:]) <= {(401, "token_not_valid"), (400, "wrong_password")}
    assert User.objects.get().token_version == 1
    assert Session.objects.filter(revoked_at=None).count() == 1
