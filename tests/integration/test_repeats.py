"""An answer is repeated without a question to the database, and never once something that it depends on has changed."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.core.cache import cache, caches
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from psycopg import sql
from pytest_django import Settings
from redis.exceptions import RedisError
from rest_framework.test import APIClient

from accounts.models import Account, AccountValue
from accounts.tests.factories import AccountFactory, AccountValueFactory, FinancialInstitutionFactory, HoldingFactory
from finances.api import repeats
from finances.api.counted import kept as asking
from finances.api.throttles import RequestThrottle
from finances.archive.loading import load_rows
from finances.data_versions import VERSIONS, Replacing, act_for, act_for_all, note_writes, of_user
from finances.testing.plugin import client_of
from finances.testing.yahoo import Script
from finances.users.models import Session, User
from finances.users.tests.factories import PersonalTokenFactory, UserFactory
from securities.models import Security
from securities.tests.factories import SecurityFactory, store_closes

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql" or not hasattr(cache, "client"), reason="of PostgreSQL with Redis"
    ),
]
API = "/api/v1"
PATHS = {
    "accounts": "/accounts",
    "account": "/accounts/{account}",
    "values": "/accounts/{account}/values",
    "institutions": "/financial-institutions",
    "institution": "/financial-institutions/{institution}",
    "holdings": "/holdings?account={account}",
    "holding": "/holdings/{holding}",
    "securities": "/securities",
    "security": "/securities/ACME",
    "own security": "/securities/{own}",
    "prices": "/securities/ACME/prices",
    "quotes": "/securities/quotes?symbols=ACME",
    "search": "/securities/search?query=ACME&limit=1",
}


@pytest.fixture(autouse=True)
def kept(settings: Settings) -> Iterator[None]:
    # So long that no test runs into the end of it.
    settings.ANSWERS_KEPT_SECONDS = 10**10
    with connection.execute_wrapper(note_writes):
        yield


@pytest.fixture
def account(alice: User) -> Account:
    return AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)


@pytest.fixture
def acme() -> Security:
    security = SecurityFactory.create(symbol="ACME", security_type=Security.Type.CRYPTO)
    store_closes(security, {date(2022, 12, 28): 1.0})
    return security


@pytest.fixture
def paths(alice: User, account: Account, acme: Security) -> dict[str, str]:
    AccountValueFactory.create(account=account)
    facts = {
        "account": account.pk,
        "institution": FinancialInstitutionFactory.create(owner=alice).pk,
        "holding": HoldingFactory.create(account=account, security=acme).pk,
        "own": SecurityFactory.create(owner=alice).uuid,
    }
    return {name: API + path.format(**facts) for name, path in PATHS.items()}


def queries_of(client: APIClient, path: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(path, headers=headers)
    return len(captured)


def learn(client: APIClient, path: str, **headers: str) -> None:
    """Until the answer is repeated: the first request gives versions to what has none."""
    for _ in range(3):
        client.get(path, headers=headers)
    assert queries_of(client, path, **headers) == 0


@pytest.mark.parametrize("name", PATHS)
def test_a_repeated_answer_is_the_first_and_asks_nothing(
    alice_client: APIClient, paths: dict[str, str], name: str
) -> None:
    first = alice_client.get(paths[name])
    assert first.status_code == 200, first.content
    learn(alice_client, paths[name])

    again = alice_client.get(paths[name])

    assert (again.status_code, again.content) == (200, first.content)
    assert {**again.headers, "X-Request-ID": ""} == {**first.headers, "X-Request-ID": ""}
    assert again["X-Request-ID"] != first["X-Request-ID"]


@pytest.mark.parametrize("name", PATHS)
def test_it_depends_on_tables_whose_writes_are_told(alice_client: APIClient, paths: dict[str, str], name: str) -> None:
    alice_client.get(f"{API}/users/me")  # who it is, is kept elsewhere
    with CaptureQueriesContext(connection) as captured:
        assert alice_client.get(paths[name]).status_code == 200

    tables = "|".join(model._meta.db_table for model in apps.get_models())
    read = {table.partition("_")[0] for query in captured for table in re.findall(rf"\b(?:{tables})\b", query["sql"])}

    assert read
    assert all(VERSIONS[app] for app in read)


def by_statement(account: Account, acme: Security) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update accounts_account set name = 'Other'")
        cursor.execute("update securities_security set name = 'Other'")


def by_composed_statement(account: Account, acme: Security) -> None:
    with connection.cursor() as cursor:
        for table in ("accounts_account", "securities_security"):
            cursor.execute(sql.SQL("update {} set name = 'Other'").format(sql.Identifier(table)))


def by_queryset(account: Account, acme: Security) -> None:
    Account.objects.filter(pk=account.pk).update(name="Other")
    Security.objects.filter(pk=acme.pk).update(name="Other")


def by_row(account: Account, acme: Security) -> None:
    for row in (account, acme):
        row.name = "Other"
        row.save()


def in_a_transaction(account: Account, acme: Security) -> None:
    with transaction.atomic():
        by_queryset(account, acme)


def after_an_undone_savepoint(account: Account, acme: Security) -> None:
    with transaction.atomic():
        with suppress(ZeroDivisionError), transaction.atomic():
            by_queryset(account, acme)
            raise ZeroDivisionError
        by_queryset(account, acme)


def before_a_hook_that_fails(account: Account, acme: Security) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with suppress(ZeroDivisionError), transaction.atomic():
        transaction.on_commit(fail)
        by_queryset(account, acme)


def by_statements_whose_answer_is_lost(account: Account, acme: Security) -> None:
    def lose(execute: Callable[..., Any], *arguments: Any) -> Any:
        execute(*arguments)
        raise OperationalError

    with connection.execute_wrapper(lose):
        for rows in (Account.objects.filter(pk=account.pk), Security.objects.filter(pk=acme.pk)):
            with suppress(OperationalError):
                rows.update(name="Other")


def by_a_commit_whose_answer_is_lost(account: Account, acme: Security) -> None:
    driver = connection.connection

    def lose() -> None:
        type(driver).commit(driver)
        raise psycopg.OperationalError

    with suppress(OperationalError), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        by_queryset(account, acme)
        patch.setattr(driver, "commit", lose)


WRITES = [
    by_statement, by_composed_statement, by_queryset, by_row, in_a_transaction, after_an_undone_savepoint,
    before_a_hook_that_fails, by_statements_whose_answer_is_lost, by_a_commit_whose_answer_is_lost,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
def test_the_next_answer_knows_of_a_write(
    alice_client: APIClient, account: Account, acme: Security, write: Callable[[Account, Security], None]
) -> None:
    for path in (f"{API}/accounts/{account.pk}", f"{API}/securities/ACME"):
        learn(alice_client, path)

    write(account, acme)

    assert alice_client.get(f"{API}/accounts/{account.pk}").json()["name"] == "Other"
    assert alice_client.get(f"{API}/securities/ACME").json()["name"] == "Other"


def test_bars_written_as_columns_are_known(alice_client: APIClient, acme: Security) -> None:
    for path in ("/securities/ACME/prices", "/securities/quotes?symbols=ACME"):
        learn(alice_client, API + path)

    store_closes(acme, {date(2022, 12, 29): 2.0})

    assert [bar["close"] for bar in alice_client.get(f"{API}/securities/ACME/prices").json()] == [2.0, 1.0]
    assert alice_client.get(f"{API}/securities/quotes?symbols=ACME").json()["quotes"][0]["current_price"] == 2.0


def test_rows_copied_as_a_restore_does_are_known(alice_client: APIClient, account: Account) -> None:
    values = f"{API}/accounts/{account.pk}/values"
    learn(alice_client, values)

    day = [str(uuid4()), str(account.pk), "2024-02-29", "1.00", "2024-02-29T12:00:00Z"]
    load_rows(AccountValue, ["id", "account_id", "value_date", "value", "recorded_at"], [[day]])

    assert [row["value"] for row in alice_client.get(values).json()] == ["1.00"]


def test_ones_own_writes_over_the_api_are_known(alice_client: APIClient, account: Account) -> None:
    path, values = f"{API}/accounts/{account.pk}", f"{API}/accounts/{account.pk}/values"
    for seen in (path, values, f"{API}/accounts"):
        learn(alice_client, seen)

    alice_client.patch(path, {"name": "Other"})
    alice_client.post(values, {"value_date": "2024-02-29", "value": "1.00"})

    assert alice_client.get(path).json()["name"] == "Other"
    assert alice_client.get(f"{API}/accounts").json()[0]["latest_value"] == "1.00"
    assert [row["value"] for row in alice_client.get(values).json()] == ["1.00"]


def test_a_write_in_the_back_office_is_known(alice_client: APIClient, account: Account, admin_client: Any) -> None:
    path, form = f"{API}/accounts/{account.pk}", reverse("admin:accounts_account_change", args=[account.pk])
    learn(alice_client, path)
    inlines = ["holdings", "transactions", "values", "revisions"]
    management = {f"{prefix}-{count}_FORMS": 0 for prefix in inlines for count in ("TOTAL", "INITIAL")}

    saved = admin_client.post(form, {"name": "Other", "account_type": "INVESTMENT", "is_active": "on", **management})

    assert saved.status_code == 302
    assert alice_client.get(path).json()["name"] == "Other"


def test_another_users_writes_leave_it(alice_client: APIClient, charlie: User, account: Account) -> None:
    charlies = client_of(charlie)
    learn(alice_client, f"{API}/accounts")

    assert charlies.post(f"{API}/accounts", {"name": "Hers", "account_type": "CHECKING"}).status_code == 201

    assert queries_of(alice_client, f"{API}/accounts") == 0


def test_what_a_thread_of_a_request_writes_is_known_to_all(
    alice_client: APIClient, charlie: User, account: Account
) -> None:
    learn(alice_client, f"{API}/accounts")

    def rename() -> None:
        Account.objects.filter(pk=account.pk).update(name="Other")
        connections.close_all()

    act_for(charlie)
    try:
        with ThreadPoolExecutor(1) as threads:
            threads.submit(copy_context().run, rename).result()
    finally:
        act_for_all()

    assert alice_client.get(f"{API}/accounts").json()[0]["name"] == "Other"


def test_what_a_thread_writes_after_its_request_is_known_to_all(
    alice_client: APIClient, charlie_client: APIClient, account: Account
) -> None:
    learn(alice_client, f"{API}/accounts")
    charlie_client.get(f"{API}/accounts")

    Account.objects.filter(pk=account.pk).update(name="Other")

    assert alice_client.get(f"{API}/accounts").json()[0]["name"] == "Other"


def test_what_is_undone_leaves_it(alice_client: APIClient, account: Account) -> None:
    learn(alice_client, f"{API}/accounts")

    with suppress(ZeroDivisionError), transaction.atomic():
        Account.objects.update(name="Other")
        raise ZeroDivisionError

    assert queries_of(alice_client, f"{API}/accounts") == 0


def test_a_transaction_tells_once(account: Account) -> None:
    with transaction.atomic():
        for _ in range(3):
            AccountValue.objects.all().delete()
            Account.objects.update(name="Other")
        hooks: list[Any] = [hook[1] for hook in connection.run_on_commit]
        told = [hook for hook in hooks if isinstance(hook, Replacing)]

    assert told == [Replacing("data-version:people")]


def revoke(user: User) -> None:
    Session.objects.filter(user=user).revoke(timezone.now())


def deactivate(user: User) -> None:
    user.change(is_active=False)


def delete(user: User) -> None:
    user.delete()


@pytest.mark.parametrize("end", [revoke, deactivate, delete])
def test_who_is_no_longer_let_in_is_not_answered(
    alice_client: APIClient, alice: User, end: Callable[[User], None]
) -> None:
    learn(alice_client, f"{API}/accounts")

    end(alice)

    assert alice_client.get(f"{API}/accounts").status_code == 401


def test_a_token_that_expired_is_not_answered(alice_client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    learn(alice_client, f"{API}/accounts")
    now = timezone.now().timestamp()

    monkeypatch.setattr("time.time", lambda: now + 31 * 60)

    assert alice_client.get(f"{API}/accounts").status_code == 401


def test_nothing_is_kept_beyond_a_multiple_of_its_time(
    alice_client: APIClient, account: Account, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ANSWERS_KEPT_SECONDS = 30
    end = (timezone.now().timestamp() // 30 + 1) * 30
    monkeypatch.setattr("time.time", lambda: end - 1)
    learn(alice_client, f"{API}/accounts")

    monkeypatch.setattr("time.time", lambda: end)

    assert queries_of(alice_client, f"{API}/accounts") > 0


def test_repeated_answers_count(alice_client: APIClient, settings: Settings) -> None:
    path = f"{API}/accounts"
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "user": "5/day"},
    }

    statuses = [alice_client.get(path).status_code for _ in range(7)]

    assert statuses == [200] * 5 + [429] * 2


def test_without_a_rate_they_are_not_counted(alice_client: APIClient, settings: Settings) -> None:
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "user": ""},
    }

    learn(alice_client, f"{API}/accounts")


def test_a_request_whose_answer_fell_away_counts_once(alice_client: APIClient, alice: User, account: Account) -> None:
    learn(alice_client, f"{API}/accounts")
    counter = RequestThrottle().counter_of(alice.pk)
    assert counter is not None
    before = cache.get(counter.name)
    Account.objects.update(name="Other")

    assert alice_client.get(f"{API}/accounts").json()[0]["name"] == "Other"

    assert cache.get(counter.name) == before + 1
    learn(alice_client, f"{API}/accounts")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://app.example.test"},
        {"Host": "localhost"},
        {"Accept-Encoding": "gzip"},
        {"If-None-Match": "*"},
        {"X-Forwarded-Proto": "https"},
    ],
)
def test_who_asks_in_another_way_has_an_answer_of_their_own(
    alice_client: APIClient, acme: Security, settings: Settings, headers: dict[str, str]
) -> None:
    SecurityFactory.create_batch(10)
    path = f"{API}/securities?limit=5"
    learn(alice_client, path)
    wanted = client_of(UserFactory.create()).get(path, headers=headers)
    learn(alice_client, path, **headers)

    answer = alice_client.get(path, headers=headers)

    assert (answer.status_code, answer.content) == (wanted.status_code, wanted.content)
    assert {**answer.headers, "X-Request-ID": ""} == {**wanted.headers, "X-Request-ID": ""}


def test_who_asks_by_the_address_of_the_server_is_led_to_it(alice_client: APIClient, acme: Security) -> None:
    SecurityFactory.create()
    learn(alice_client, f"{API}/securities?limit=1")

    answer = alice_client.get(f"{API}/securities?limit=1", SERVER_NAME="localhost", SERVER_PORT="8001")

    assert answer["Link"].startswith(f"<http://localhost:8001{API}/securities?limit=1&skip=1>")


def test_a_cookie_that_is_renewed_is_renewed_each_time(alice_client: APIClient, account: Account) -> None:
    learn(alice_client, f"{API}/accounts")

    answers = [alice_client.get(f"{API}/accounts", headers={"Cookie": "csrftoken=odd"}) for _ in range(3)]

    assert len({answer.cookies["csrftoken"].value for answer in answers}) == 3


def is_kept(client: APIClient, path: str) -> bool:
    for _ in range(3):
        client.get(path)
    return queries_of(client, path) == 0


def test_a_search_that_asked_yahoo_is_not_kept(alice_client: APIClient, acme: Security) -> None:
    assert not is_kept(alice_client, f"{API}/securities/search?query=ACME&limit=2")


def test_a_search_that_yahoo_filled_with_what_is_stored_is_not_kept(
    alice_client: APIClient, acme: Security, fake_yahoo: Script
) -> None:
    SecurityFactory.create(symbol="BOLT", name="Screws")
    fake_yahoo.add("BOLT", closes={}, name="Acme Bolts")
    path = f"{API}/securities/search?query=acme&limit=2"
    assert [hit["in_database"] for hit in alice_client.get(path).json()] == [True, True]

    assert not is_kept(alice_client, path)


def test_errors_are_not_kept(alice_client: APIClient) -> None:
    assert not is_kept(alice_client, f"{API}/securities/NOPE")


def test_large_answers_are_not_kept(alice_client: APIClient, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "LARGEST", 10)

    assert not is_kept(alice_client, f"{API}/accounts")


def test_personal_tokens_are_answered_anew(alice: User, account: Account) -> None:
    client = client_of(None)
    PersonalTokenFactory.create(user=alice, secret="fin_pat_a-secret")  # noqa: S106 - of this test
    client.credentials(HTTP_AUTHORIZATION="Bearer fin_pat_a-secret")

    assert not is_kept(client, f"{API}/accounts")


def test_redis_away_is_answered_anew(alice_client: APIClient, account: Account, monkeypatch: Any) -> None:
    learn(alice_client, f"{API}/accounts")

    def fail(*_: Any) -> Any:
        raise RedisError

    monkeypatch.setattr(repeats, "ask", fail)

    assert queries_of(alice_client, f"{API}/accounts") > 0


def test_versions_that_the_cache_lost_are_not_believed(alice_client: APIClient, account: Account) -> None:
    learn(alice_client, f"{API}/accounts")
    kept = dict(caches["answers"]._cache)  # type: ignore[attr-defined]

    cache.delete_pattern("data-version:*")  # type: ignore[attr-defined]
    Account.objects.update(name="Other")
    cache.delete_pattern("data-version:*")  # type: ignore[attr-defined]

    assert kept
    assert alice_client.get(f"{API}/accounts").json()[0]["name"] == "Other"


def test_versions_that_redis_has_again_are_not_believed(alice_client: APIClient, account: Account) -> None:
    learn(alice_client, f"{API}/accounts")
    before = cache.get_many(of_user(account.owner_id))
    assert len(before) == 3
    Account.objects.update(name="Other")

    # As of a Redis that was restarted with what it had saved, or of a replica in its place.
    cache.set_many(before)
    client: Any = asking.script.registered_client
    client.connection.disconnect()

    assert alice_client.get(f"{API}/accounts").json()[0]["name"] == "Other"


def test_answers_of_before_another_thread_connected_are_not_repeated(alice_client: APIClient, account: Account) -> None:
    learn(alice_client, f"{API}/accounts")

    with ThreadPoolExecutor(1) as threads:
        threads.submit(asking.on, cache.client.get_client().connection_pool).result()  # type: ignore[attr-defined]

    assert queries_of(alice_client, f"{API}/accounts") > 0
    learn(alice_client, f"{API}/accounts")


def test_a_write_that_redis_did_not_take_is_made_up_for(
    alice_client: APIClient, account: Account, acme: Security
) -> None:
    paths = [f"{API}/accounts", f"{API}/securities"]
    for path in paths:
        learn(alice_client, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(caches["default"]), "set", lambda *_: None)
        Account.objects.update(name="Other")
        Security.objects.update(name="Other")
    for thread in threading.enumerate():
        if thread.name == "versions":
            thread.join()

    assert [alice_client.get(path).json()[0]["name"] for path in paths] == ["Other", "Other"]


def test_metrics_know_the_route(alice: User, settings: Settings) -> None:
    settings.METRICS_TOKEN = "metrics"  # noqa: S105 - of this test
    path, client = f"{API}/accounts", client_of(alice)
    learn(client, path)
    answered, repeated = counted("requests"), counted("answers_repeated")

    assert queries_of(client, path) == 0
    assert (counted("requests"), counted("answers_repeated")) == (answered + 1, repeated + 1)


def counted(what: str) -> float:
    text = client_of(None).get("/metrics", headers={"Authorization": "Bearer metrics"}).content.decode()
    found = re.search(rf'^finances_{what}_total\{{.*route="account-list".*\}} ([\d.]+)$', text, re.M)
    assert found
    return float(found[1])
