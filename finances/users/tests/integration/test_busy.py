"""More passwords at once than the server checks: 503, wherever one is checked."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from rest_framework.test import APIClient

from finances.users import hashing
from finances.users.hashing import Places
from finances.users.models import LoginFailures, User
from finances.users.tests.factories import PASSWORD, UserFactory

BUSY = {
    "detail": "Too many passwords are being checked at the moment. Try again in a moment.",
    "code": "busy",
}
NEW = "another good long secret"


@pytest.fixture
def root() -> User:
    return UserFactory.create(email="root@example.test", is_staff=True, is_superuser=True)


@pytest.fixture
def _full(settings: Any, alice: User, root: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["finances.users.hashing.BoundedArgon2PasswordHasher"]
    for user in (alice, root):
        user.set_password(PASSWORD)
        user.save()
    monkeypatch.setattr(hashing, "PLACES", Places(running=1, waiting=0, patience=0))
    with hashing.PLACES.taken():
        yield


def assert_busy(response: Any) -> None:
    assert (response.status_code, response.json(), response["Retry-After"]) == (503, BUSY, "2")


@pytest.mark.usefixtures("_full")
@pytest.mark.parametrize("email", ["alice@example.test", "nobody@example.test"])
def test_login(anonymous: APIClient, email: str) -> None:
    assert_busy(anonymous.post("/api/v1/auth/login", {"email": email, "password": PASSWORD}))


@pytest.mark.usefixtures("_full")
def test_register(anonymous: APIClient) -> None:
    assert_busy(anonymous.post("/api/v1/auth/register", {"email": "new@example.test", "password": PASSWORD}))
    assert not User.objects.filter(email="new@example.test").exists()


@pytest.mark.usefixtures("_full")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "auth/change-password", {"current_password": PASSWORD, "new_password": NEW}),
        ("patch", "users/me", {"email": "new@example.test", "current_password": PASSWORD}),
        ("post", "auth/totp", {"password": PASSWORD}),
    ],
)
def test_one_who_is_logged_in(alice_client: APIClient, method: str, path: str, body: Any) -> None:
    assert_busy(getattr(alice_client, method)(f"/api/v1/{path}", body))


@pytest.mark.usefixtures("_full")
def test_the_back_offices_login() -> None:
    response = Browser().post("/admin/login/", {"username": "root@example.test", "password": PASSWORD})
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert BUSY["detail"] in response.content.decode()


@pytest.mark.usefixtures("_full")
def test_a_password_set_in_the_back_office(alice: User, root: User) -> None:
    office = Browser(raise_request_exception=False)
    office.force_login(root)
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert_busy(office.post(f"/admin/users/user/{alice.pk}/password/", form))


@pytest.mark.usefixtures("_full")
def test_a_refusal_is_no_failed_login(anonymous: APIClient) -> None:
    anonymous.post("/api/v1/auth/login", {"email": "alice@example.test", "password": "wrong"})
    assert not LoginFailures.objects.exists()
