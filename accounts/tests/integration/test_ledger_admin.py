"""The back office of the ledger: to look at."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Holding, Transaction
from accounts.tests.factories import AccountFactory, HoldingFactory, TransactionFactory
from finances.testing.plugin import client_of
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from securities.tests.factories import SecurityFactory

URL = "/admin/accounts/transaction/"


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


def listed(office: Client, **query: Any) -> list[str]:
    response = office.get(URL, query)
    assert response.status_code == 200
    return sorted(row.external_id for row in response.context["cl"].result_list)


def test_search_and_filters(office: Client, alice: User) -> None:
    TransactionFactory.create(account__owner=alice, account__name="Depot", external_id="a")
    gone = TransactionFactory.create(type=Transaction.Type.FEE, external_id="b")
    client_of(gone.account.owner).delete(f"/api/v1/transactions/{gone.pk}")

    assert listed(office) == ["a", "b"]
    assert listed(office, q="alice@") == listed(office, q="depot") == listed(office, state="live") == ["a"]
    assert listed(office, state="voided") == listed(office, type__exact="FEE") == ["b"]


def test_the_list_costs_the_same_queries_for_three_rows_as_for_one(office: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert office.get(URL).status_code == 200
        return len(captured)

    TransactionFactory.create()
    one = queries()
    TransactionFactory.create_batch(2)

    assert queries() == one


def test_the_page_shows_what_it_said_before_and_changes_nothing(office: Client, alice: User) -> None:
    row = TransactionFactory.create(account__owner=alice)
    client_of(alice).patch(f"/api/v1/transactions/{row.pk}", {"amount": "123.45", "reason": "misread the slip"})

    page = office.get(f"{URL}{row.pk}/change/").content.decode()

    assert "123.45" in page
    assert "100.00000000" in page
    assert "misread the slip" in page
    assert 'name="_save"' not in page
    assert office.post(f"{URL}{row.pk}/change/", {"amount": "1"}).status_code == 403
    assert office.post(f"{URL}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert office.get(f"{URL}add/").status_code == 403


def test_the_page_of_an_account_shows_its_ledger_and_positions(office: Client, alice: User) -> None:
    account = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
    HoldingFactory.create(account=account, security__symbol="ACME")

    page = office.get(f"/admin/accounts/account/{account.pk}/change/").content.decode()

    assert "ACME" in page
    assert "transactions (the newest 50)" in page.lower()
    assert "Opening" in page


def test_an_account_with_transfers_stays(office: Client, alice: User) -> None:
    here, there = AccountFactory.create_batch(2, owner=alice)
    body = {"type": "TRANSFER", "trade_date": "2024-01-02", "amount": "1", "counter_account_id": str(there.pk)}
    moved = client_of(alice).post(f"/api/v1/accounts/{here.pk}/transactions", body).json()["id"]
    for account in (here, there):
        assert office.post(f"/admin/accounts/account/{account.pk}/delete/", {"post": "yes"}).status_code == 403

    client_of(alice).delete(f"/api/v1/transactions/{moved}")
    for account in (there, here):
        assert office.post(f"/admin/accounts/account/{account.pk}/delete/", {"post": "yes"}).status_code == 302

    assert not Account.objects.exists()


def test_what_transactions_made_is_to_look_at(office: Client, alice: User) -> None:
    account = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
    SecurityFactory.create(symbol="ACME")
    body = {"type": "BUY", "symbol": "ACME", "trade_date": "2024-01-02", "quantity": "3", "unit_price": "2"}
    client_of(alice).post(f"/api/v1/accounts/{account.pk}/transactions", body)
    at = f"/admin/accounts/holding/{Holding.objects.get().pk}"

    assert office.post(f"{at}/change/", {"quantity": "5"}).status_code == 403
    assert office.post(f"{at}/delete/", {"post": "yes"}).status_code == 403
    assert Holding.objects.get().quantity == 3


def test_what_was_stated_can_be_deleted(office: Client, alice: User) -> None:
    holding = HoldingFactory.create(account__owner=alice)

    response = office.post(f"/admin/accounts/holding/{holding.pk}/delete/", {"post": "yes"})

    assert (response.status_code, Holding.objects.count()) == (302, 0)
    assert Transaction.objects.exclude(voided_at=None).count() == 1
