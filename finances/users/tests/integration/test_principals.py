"""What the cache says of a user never outlives a change, whoever reads or writes at the same moment."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from finances.testing.plugin import client_of
from finances.users import principal_cache
from finances.users.models import Session, User
from finances.users.principals import session_principal
from finances.users.tests.bodies import TOKEN_NOT_VALID, assert_unauthenticated
from finances.users.tests.factories import PASSWORD, UserFactory
from finances.users.tokens import issue_tokens

URL = "/api/v1/users/me"
NEW = "another good long secret"
# Only what is really committed takes the versions away.
pytestmark = pytest.mark.django_db(transaction=True)


Read = Callable[[], User]


@pytest.fixture
def session(alice: User) -> Session:
    issue_tokens(alice)
    return Session.objects.get()


@pytest.fixture
def read(alice: User, session: Session) -> Read:
    """Who alice's session is of, as a request asks."""
    return lambda: session_principal(alice.pk, session.pk).user


def queries_of(read: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        read()
    return len(captured)


def test_a_second_request_asks_nothing(alice_client: APIClient) -> None:
    first = alice_client.get(URL)

    assert queries_of(lambda: alice_client.get(URL)) == 0
    assert alice_client.get(URL).json() == first.json()


def test_it_is_a_user_whose_password_is_read_when_asked_for(alice: User, read: Read) -> None:
    read()

    principal = read()

    assert isinstance(principal, User)
    assert principal.get_deferred_fields() == {"password"}
    fields = [field.attname for field in User._meta.concrete_fields if field.attname != "password"]
    assert [getattr(principal, name) for name in fields] == [getattr(alice, name) for name in fields]
    assert queries_of(lambda: principal.check_password(PASSWORD)) == 1


def test_the_hash_is_never_in_the_cache(alice: User, session: Session, read: Read) -> None:
    read()

    assert alice.password not in repr(cache.get(f"principal:session:{session.pk}"))
    assert "alice@example.test" in repr(cache.get(f"principal:session:{session.pk}"))


def set_password(user: User) -> None:
    user.set_password(NEW)
    user.save()


def in_admin(user: User) -> None:
    office = Client()
    office.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    office.post(reverse("admin:users_user_changelist"), {"action": "deactivate", "_selected_action": [str(user.pk)]})


def change_password(user: User) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert client_of(user).post("/api/v1/auth/change-password", body).status_code == 200


ENDINGS: dict[str, Callable[[User], Any]] = {
    "update": lambda user: User.objects.update(is_active=False),
    "update of one": lambda user: User.objects.update_one(user.pk, is_active=False),
    "set_active": lambda user: User.objects.filter(pk=user.pk).set_active(False),
    "bulk_update": lambda user: User.objects.bulk_update([User(pk=user.pk, is_active=False)], ["is_active"]),
    "bulk_create that updates": lambda user: User.objects.bulk_create(
        [User(pk=user.pk, email="new@example.test", is_active=False)],
        update_conflicts=True, unique_fields=["id"], update_fields=["is_active"],
    ),
    "change": lambda user: user.change(is_active=False),
    "save": set_password,
    "change-password": change_password,
    "delete": lambda user: user.delete(),
    "delete of many": lambda user: User.objects.filter(pk=user.pk).delete(),
    "admin": in_admin,
}  # fmt: skip


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS.keys())
def test_the_next_request_knows(alice_client: APIClient, alice: User, end: Callable[[User], Any]) -> None:
    alice_client.get(URL)
    assert queries_of(lambda: alice_client.get(URL)) == 0

    end(User.objects.get(pk=alice.pk))

    assert_unauthenticated(alice_client.get(URL), TOKEN_NOT_VALID)


def test_staff_put_into_support_write_no_more(rosa: User) -> None:
    """Groups are no part of what is kept."""
    client = client_of(rosa)
    assert client.post("/api/v1/currencies", {"code": "XTA", "name": "One"}).status_code == 201

    rosa.groups.add(Group.objects.create(name="Support"))

    assert client.post("/api/v1/currencies", {"code": "XTB", "name": "Two"}).status_code == 403


def test_another_user_is_not_forgotten(alice_client: APIClient, charlie: User) -> None:
    alice_client.get(URL)

    charlie.change(time_zone="Europe/Berlin")

    assert queries_of(lambda: alice_client.get(URL)) == 0


def test_a_change_of_the_profile_is_seen(alice_client: APIClient) -> None:
    alice_client.get(URL)

    alice_client.patch(URL, {"time_zone": "Europe/Berlin"})

    assert alice_client.get(URL).json()["time_zone"] == "Europe/Berlin"


def overtaken(monkeypatch: pytest.MonkeyPatch, change: Callable[[], Any]) -> None:
    """`change` happens after the next reader has read the row and before it keeps it."""
    keep = principal_cache.keep

    def late(grant: str, values: Any, versions: Any) -> None:
        monkeypatch.setattr(principal_cache, "keep", keep)
        change()
        keep(grant, values, versions)

    monkeypatch.setattr(principal_cache, "keep", late)


def test_a_reader_that_was_overtaken_is_not_believed(
    alice_client: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken(monkeypatch, lambda: User.objects.update_one(alice.pk, is_active=False))
    assert alice_client.get(URL).status_code == 200  # it began before

    assert_unauthenticated(alice_client.get(URL), TOKEN_NOT_VALID)


def test_a_reader_overtaken_by_a_change_to_many_is_not_believed(
    alice_client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken(monkeypatch, lambda: User.objects.update(is_active=False))
    alice_client.get(URL)

    assert_unauthenticated(alice_client.get(URL), TOKEN_NOT_VALID)


def test_a_reader_within_a_change_keeps_nothing(alice: User, read: Read) -> None:
    """What it would keep is the row of before."""
    stale = User.objects.get(pk=alice.pk)
    with transaction.atomic():
        User.objects.update_one(alice.pk, is_active=False)
        values, versions = principal_cache.find(alice.pk, "session:any")
        assert (values, versions) == (None, None)
    assert stale.is_active
    assert read().is_active is False


def test_a_change_that_was_rolled_back_leaves_the_row(alice: User, read: Read) -> None:
    read()

    with transaction.atomic():
        User.objects.update_one(alice.pk, is_active=False)
        transaction.set_rollback(True)

    assert read().is_active is True
    assert queries_of(lambda: read()) == 1  # nothing is kept until the change would have ended


def test_versions_that_were_evicted_never_come_back(alice: User, read: Read) -> None:
    read()
    cache.delete(f"principal-version:{alice.pk}")

    assert queries_of(lambda: read()) == 1


def test_a_cache_that_is_emptied_costs_a_query(alice: User, session: Session, read: Read) -> None:
    read()
    cache.delete_many([f"principal:session:{session.pk}", f"principal-version:{alice.pk}", "principal-version:all"])

    assert queries_of(lambda: read()) == 1
    assert queries_of(lambda: read()) == 0


def test_columns_of_another_release_are_read_anew(alice: User, session: Session, read: Read) -> None:
    _, versions = principal_cache.find(alice.pk, f"session:{session.pk}")
    assert versions is not None
    principal_cache.keep(f"session:{session.pk}", {"user": {"id": alice.pk, "nickname": "al"}, "facts": {}}, versions)

    assert read().email == "alice@example.test"


def test_a_cache_that_is_down_costs_a_query_each_time(alice: User, read: Read, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.2},
        }
    }

    assert [queries_of(lambda: read()) for _ in range(2)] == [1, 1]
    alice.change(is_active=False)
    assert read().is_active is False


def test_each_change_is_seen_among_many_readers(alice: User, read: Read) -> None:
    """The readers keep rows all the while, overtaken ones among them."""
    done = Event()

    def read_all_the_time() -> None:
        while not done.is_set():
            read()
        connection.close()

    readers = [Thread(target=read_all_the_time) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        for number in range(30):
            zone = ("UTC", "Europe/Berlin")[number % 2]
            alice.change(time_zone=zone)
            assert [read().time_zone for _ in range(3)] == [zone] * 3
    finally:
        done.set()
        for reader in readers:
            reader.join()


def test_a_user_who_never_was() -> None:
    with pytest.raises(Session.DoesNotExist):
        session_principal(uuid4(), uuid4())


def test_anothers_session_is_nobodys(charlie: User, session: Session) -> None:
    with pytest.raises(Session.DoesNotExist):
        session_principal(charlie.pk, session.pk)


def test_each_request_counts_once(alice_client: APIClient, alice: User, settings: Settings) -> None:
    old = settings.REST_FRAMEWORK
    settings.REST_FRAMEWORK = {**old, "DEFAULT_THROTTLE_RATES": {**old["DEFAULT_THROTTLE_RATES"], "user": "3/day"}}

    assert [alice_client.get(URL).status_code for _ in range(4)] == [200, 200, 200, 429]
