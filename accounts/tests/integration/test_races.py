"""Callers that come at the same time, each with a connection of its own."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from accounts.models import Account, AccountValue, AccountValueRevision, FinancialInstitution
from accounts.tests.factories import AccountFactory, AccountValueFactory, FinancialInstitutionFactory
from finances.testing.plugin import client_of
from finances.users.models import User

pytestmark = pytest.mark.django_db(transaction=True)
Ask = Callable[[APIClient], Any]


def at_once(user: User, *asks: Ask) -> list[tuple[int, str | None]]:
    """Status and code of each answer, in order."""
    barrier, clients = Barrier(len(asks)), [client_of(user) for _ in asks]

    def run(ask: Ask, client: APIClient) -> tuple[int, str | None]:
        barrier.wait()
        try:
            response = ask(client)
            body = response.json() if response.content else None
            return response.status_code, body.get("code") if isinstance(body, dict) else None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(run, asks, clients))


def values_url(account: Account) -> str:
    return f"/api/v1/accounts/{account.pk}/values"


def test_record_one_day_by_six(alice: User) -> None:
    account = AccountFactory.create(owner=alice)
    body = {"value_date": "2026-01-31", "value": "1"}
    answers = at_once(alice, *[lambda client: client.post(values_url(account), body)] * 6)
    assert Counter(answers) == {(201, None): 1, (409, "value_exists"): 5}


def test_amend_one_day_by_eight_leaves_a_chain_without_gaps(alice: User) -> None:
    account = AccountFactory.create(owner=alice)

    def put(value: int) -> Ask:
        if value % 2:
            return lambda client: client.put(values_url(account), [{"value_date": "2026-01-31", "value": value}])
        return lambda client: client.put(f"{values_url(account)}/2026-01-31", {"value": value})

    answers = at_once(alice, *[put(value) for value in range(8)])
    assert {status for status, _ in answers} <= {200, 201}
    chain = list(AccountValueRevision.objects.order_by("recorded_at"))
    current = AccountValue.objects.get()
    assert len(chain) == 7
    assert {int(row.value) for row in (*chain, current)} == set(range(8))
    assert [row.superseded_at for row in chain] == [row.recorded_at for row in (*chain[1:], current)]


def test_delete_one_day_by_four(alice: User) -> None:
    account = AccountFactory.create(owner=alice)
    AccountValueFactory.create(account=account)
    answers = at_once(alice, *[lambda client: client.delete(f"{values_url(account)}/2026-01-31")] * 4)
    assert Counter(answers) == {(204, None): 1, (404, "not_found"): 3}
    assert AccountValueRevision.objects.count() == 1


def test_record_while_the_account_is_deleted(alice: User) -> None:
    for _ in range(5):
        account = AccountFactory.create(owner=alice)

        def record(client: APIClient, url: str = values_url(account)) -> Any:
            return client.post(url, {"value_date": "2026-01-31", "value": "1"})

        def bulk(client: APIClient, url: str = values_url(account)) -> Any:
            return client.put(url, [{"value_date": "2026-01-30", "value": "1"}])

        def delete(client: APIClient, url: str = f"/api/v1/accounts/{account.pk}") -> Any:
            return client.delete(url)

        recorded, stored, deleted = at_once(alice, record, bulk, delete)
        assert deleted == (204, None)
        assert recorded in [(201, None), (404, "not_found")]
        assert stored in [(200, None), (404, "not_found")]
    assert not Account.objects.exists()


def test_changes_of_different_fields_all_last(alice: User) -> None:
    account = AccountFactory.create(owner=alice)
    url = f"/api/v1/accounts/{account.pk}"
    changes = {"name": "New", "is_active": False, "interest_rate": "0.05", "opened_on": "2020-01-01"}
    asks = [lambda client, field=field: client.patch(url, {field: changes[field]}) for field in changes]
    for _ in range(5):
        Account.objects.update(name="Old", is_active=True, interest_rate=None, opened_on=None)
        assert at_once(alice, *asks) == [(200, None)] * 4
        stored = client_of(alice).get(url).json()
        assert {field: stored[field] for field in changes} == changes


def test_days_that_contradict_each_other(alice: User) -> None:
    account = AccountFactory.create(owner=alice)
    url = f"/api/v1/accounts/{account.pk}"
    asks: list[Ask] = [
        lambda client: client.patch(url, {"opened_on": "2020-01-02"}),
        lambda client: client.patch(url, {"closed_on": "2020-01-01"}),
    ]
    assert sorted(at_once(alice, *asks), key=str) == [(200, None), (400, "closed_before_opened")]


def test_currency_changes_while_a_value_is_recorded(alice: User) -> None:
    for _ in range(5):
        account = AccountFactory.create(owner=alice)
        alice_euro = AccountFactory.create(owner=alice, currency__code="EUR")

        def change(client: APIClient, url: str = f"/api/v1/accounts/{account.pk}") -> Any:
            return client.patch(url, {"currency_code": "EUR"})

        def record(client: APIClient, url: str = values_url(account)) -> Any:
            return client.post(url, {"value_date": "2026-01-31", "value": "1"})

        changed, recorded = at_once(alice, change, record)
        assert recorded == (201, None)
        assert changed in [(200, None), (409, "currency_in_use")]
        alice_euro.delete()


def test_institution_deleted_while_an_account_is_opened(alice: User) -> None:
    for _ in range(5):
        bank = FinancialInstitutionFactory.create(owner=alice)

        def delete(client: APIClient, key: str = str(bank.pk)) -> Any:
            return client.delete(f"/api/v1/financial-institutions/{key}")

        def open_there(client: APIClient, key: str = str(bank.pk)) -> Any:
            body = {"name": "A", "account_type": "CASH", "financial_institution_id": key}
            return client.post("/api/v1/accounts", body)

        deleted, opened = at_once(alice, delete, open_there)
        if deleted == (204, None):
            assert opened in [(422, "validation_error"), (409, "conflict")]
        else:
            assert (deleted, opened) == ((409, "institution_in_use"), (201, None))
    assert Account.objects.count() == FinancialInstitution.objects.count()


def test_first_accounts_make_the_currency_once(alice: User) -> None:
    body = {"name": "A", "account_type": "CASH"}
    assert at_once(alice, *[lambda client: client.post("/api/v1/accounts", body)] * 4) == [(201, None)] * 4
