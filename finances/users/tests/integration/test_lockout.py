"""Who fails too often is refused for a while: by account and address, in the database."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone
from rest_framework.test import APIClient

from finances.users import email_tokens
from finances.users.clients import Client
from finances.users.models import EmailToken, LoginFailures, Session, User
from finances.users.tests.bodies import assert_unauthenticated
from finances.users.tests.factories import PASSWORD, UserFactory
from finances.users.tests.races import at_once
from finances.users.tokens import issue_tokens

URL = "/api/v1/auth/login"
ALICE = "alice@example.test"
REFUSED = {"detail": "The e-mail address or the password is wrong.", "code": "invalid_credentials"}
LOCKED = {"detail": "Too many failed attempts. Try again later.", "code": "locked_out"}
HERE, THERE = "192.0.2.1", "198.51.100.1"


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> None:
    settings.LOGIN_FAILURES, settings.LOGIN_FAILURES_ACCOUNT, settings.LOGIN_FAILURES_ADDRESS = 2, 4, 6


def log_in(email: str = ALICE, password: str = "wrong", *, at: str = HERE, **headers: str) -> Any:
    return APIClient().post(URL, {"email": email, "password": password}, REMOTE_ADDR=at, headers=headers)


def assert_locked(response: Any, *, seconds: int = 15 * 60) -> None:
    assert (response.status_code, response.json()) == (429, LOCKED)
    assert seconds - 10 <= int(response["Retry-After"]) <= seconds


@pytest.mark.parametrize("email", [ALICE, "nobody@example.test"])
def test_an_account_at_an_address(alice: User, email: str) -> None:
    for _ in range(2):
        assert_unauthenticated(log_in(email), REFUSED)
    assert_locked(log_in(email))
    assert_locked(log_in(email.upper(), PASSWORD))
    assert not Session.objects.exists()


def test_elsewhere_and_others_are_not_locked(alice: User, charlie: User) -> None:
    for _ in range(3):
        log_in()
    assert log_in(ALICE, PASSWORD, at=THERE).status_code == 200
    assert log_in(charlie.email, PASSWORD).status_code == 200


def test_it_ends(alice: User) -> None:
    for _ in range(3):
        log_in()
    LoginFailures.objects.update(expires_at=timezone.now())
    assert log_in(ALICE, PASSWORD).status_code == 200


def test_failures_are_forgotten_after_their_window(alice: User) -> None:
    log_in()
    LoginFailures.objects.update(expires_at=timezone.now())
    for _ in range(2):
        assert_unauthenticated(log_in(), REFUSED)
    assert_locked(log_in())


def test_a_success_forgets(alice: User) -> None:
    log_in()
    assert log_in(ALICE, PASSWORD).status_code == 200
    for _ in range(2):
        assert_unauthenticated(log_in(), REFUSED)


def test_a_locked_attempt_prolongs_nothing(alice: User) -> None:
    for _ in range(2):
        log_in()
    before = list(LoginFailures.objects.order_by("pk").values())
    assert_locked(log_in())
    assert list(LoginFailures.objects.order_by("pk").values()) == before


def test_an_address(alice: User, charlie: User) -> None:
    for number in range(6):
        assert_unauthenticated(log_in(f"guess{number}@example.test"), REFUSED)
    assert_locked(log_in(charlie.email, PASSWORD))
    assert log_in(charlie.email, PASSWORD, at=THERE).status_code == 200


def test_an_ipv6_network_is_one_address(alice: User) -> None:
    for number in range(2):
        log_in(at=f"2001:db8::{number}")
    assert_locked(log_in(at="2001:db8::ffff"))
    assert_unauthenticated(log_in(at="2001:db8:0:1::1"), REFUSED)


def fail_from_everywhere(email: str) -> None:
    for number in range(4):
        assert_unauthenticated(log_in(email, at=f"203.0.113.{number}"), REFUSED)


@pytest.mark.parametrize("email", [ALICE, "nobody@example.test"])
def test_an_account_from_many_addresses(alice: User, email: str) -> None:
    fail_from_everywhere(email)
    assert_locked(log_in(email, PASSWORD))


def test_the_owner_is_not_locked_out_where_they_have_been(alice: User) -> None:
    issue_tokens(alice, Client(THERE))
    fail_from_everywhere(ALICE)
    assert_locked(log_in(ALICE, PASSWORD))
    assert log_in(ALICE, PASSWORD, at=THERE).status_code == 200
    for _ in range(2):
        assert_unauthenticated(log_in(at=THERE), REFUSED)
    assert_locked(log_in(ALICE, PASSWORD, at=THERE))


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_spoofed_address_helps_nobody(alice: User, settings: Any, proxies: int) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    spoofed = [f"10.0.0.{number}" + (f", {HERE}" if proxies else "") for number in range(3)]
    answers = [log_in(at="127.0.0.1" if proxies else HERE, **{"X-Forwarded-For": text}) for text in spoofed]
    assert [answer.status_code for answer in answers] == [401, 401, 429]


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_learn_no_more(alice: User) -> None:
    answers = at_once([log_in] * 8)
    assert answers == [(401, "invalid_credentials")] * 2 + [(429, "locked_out")] * 6


def test_without_a_cache(alice: User, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.2},
        }
    }
    assert [log_in().status_code for _ in range(3)] == [401, 401, 429]


def test_wrong_current_passwords_count(alice: User, alice_client: APIClient) -> None:
    body = {"current_password": "wrong", "new_password": "another good long secret"}
    answers = [alice_client.post("/api/v1/auth/change-password", body).json()["code"] for _ in range(3)]
    assert answers == ["wrong_password", "wrong_password", "locked_out"]
    email = {"email": "new@example.test", "current_password": PASSWORD}
    assert_locked(alice_client.patch("/api/v1/users/me", email))


def test_a_new_password_by_mail_unlocks(alice: User) -> None:
    for _ in range(2):
        log_in()
    token = email_tokens.issue(alice, EmailToken.Purpose.RESET_PASSWORD, to=alice.email)
    body = {"token": token, "new_password": "another good long secret"}
    assert APIClient().post("/api/v1/auth/reset-password", body, REMOTE_ADDR=HERE).status_code == 204
    assert log_in(ALICE, "another good long secret").status_code == 200


@pytest.fixture
def office() -> Browser:
    UserFactory.create(email="root@example.test", is_staff=True, is_superuser=True)
    return Browser(REMOTE_ADDR=HERE)


def enter(office: Browser, password: str) -> Any:
    return office.post("/admin/login/?next=/admin/", {"username": "root@example.test", "password": password})


def test_the_back_office(office: Browser) -> None:
    assert [enter(office, "wrong").status_code for _ in range(2)] == [200, 200]
    response = enter(office, PASSWORD)
    assert response.status_code == 429
    assert 14 * 60 < int(response["Retry-After"]) <= 15 * 60
    assert LOCKED["detail"] in response.content.decode()
    assert_locked(log_in("root@example.test", PASSWORD))


def test_staff_see_and_end_lockouts(alice: User) -> None:
    for _ in range(2):
        log_in()
    root = Browser()
    root.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    page = root.get("/admin/users/loginfailures/").content.decode()
    assert f"{ALICE} at {HERE}" in page
    chosen = {
        "action": "delete_selected", "post": "yes",
        "_selected_action": list(LoginFailures.objects.filter(account=ALICE).values_list("pk", flat=True)),
    }  # fmt: skip
    assert root.post("/admin/users/loginfailures/", chosen).status_code == 302
    assert log_in(ALICE, PASSWORD).status_code == 200


def test_operators_end_lockouts(alice: User) -> None:
    for _ in range(2):
        log_in()
    out = StringIO()
    call_command("unlock_login", "ALICE@example.test", stdout=out)
    assert out.getvalue() == "Forgot 2 counters.\n"
    assert log_in(ALICE, PASSWORD).status_code == 200


def test_the_counters(alice: User) -> None:
    now = timezone.now()
    log_in()
    found = LoginFailures.objects.order_by("account", "address").values_list("account", "address", "failures")
    assert list(found) == [("", HERE, 1), (ALICE, "", 1), (ALICE, HERE, 1)]
    assert all(now < row.expires_at <= timezone.now() + timedelta(minutes=15) for row in LoginFailures.objects.all())
