"""Holdings and the ledger behind them."""

from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, Holding, Transaction
from accounts.tests.factories import AccountFactory, HoldingFactory
from finances.users.models import User
from securities.models import Security
from securities.tests.factories import SecurityFactory, SplitFactory

URL = "/api/v1/holdings"


@pytest.fixture
def depot(alice: User) -> Account:
    return AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)


@pytest.fixture
def acme() -> Security:
    security: Security = SecurityFactory.create(symbol="ACME")
    SplitFactory.create(security=security, ex_date=date(2020, 8, 31), numerator=3, denominator=1)
    return security


def state(client: APIClient, account: Account, **facts: Any) -> Any:
    return client.post(URL, {"account_id": str(account.pk), "symbol": "ACME", "quantity": "10", **facts}).json()


def trade(client: APIClient, account: Account, type_: str, day: str, quantity: str, price: str) -> Any:
    facts = {"type": type_, "symbol": "ACME", "trade_date": day, "quantity": quantity, "unit_price": price}
    return client.post(f"/api/v1/accounts/{account.pk}/transactions", facts)


def test_stating_a_holding_posts_its_opening(alice_client: APIClient, depot: Account, acme: Security) -> None:
    """In today's units, whatever splits there were since it was acquired."""
    body = state(alice_client, depot, average_cost="7.25", acquired_on="2019-05-01")

    [row] = alice_client.get("/api/v1/transactions").json()
    facts = ("type", "trade_date", "acquired_on", "quantity", "unit_price", "units_as_of", "account_id")
    market_today = timezone.now().astimezone(ZoneInfo(acme.time_zone)).date()
    assert [row[name] for name in facts] == [
        "OPENING", "2019-05-01", "2019-05-01", "10", "7.25", str(market_today), str(depot.pk),
    ]  # fmt: skip
    assert [body[name] for name in ("quantity", "average_cost", "acquired_on", "cost")] == [
        "10", "7.25", "2019-05-01", "72.50",
    ]  # fmt: skip
    # Ten of today were three and a third before the split.
    assert trade(alice_client, depot, "SELL", "2020-08-28", "3.333333333333", "1").status_code == 201
    assert trade(alice_client, depot, "SELL", "2020-08-28", "0.1", "1").json()["held"] == "0"


def test_without_a_day_it_is_of_the_day_it_was_entered(alice_client: APIClient, depot: Account, acme: Security) -> None:
    body = state(alice_client, depot)

    [row] = alice_client.get("/api/v1/transactions").json()
    assert (row["trade_date"], row["acquired_on"]) == (str(timezone.now().date()), None)
    assert (body["acquired_on"], body["average_cost"], body["quantity"]) == (None, None, "10")


def test_changing_it_amends_the_opening(alice_client: APIClient, depot: Account, acme: Security) -> None:
    at = f"{URL}/{state(alice_client, depot, average_cost='7.25')['id']}"

    alice_client.patch(at, {"quantity": "12", "acquired_on": "2019-05-01"})

    [row] = alice_client.get("/api/v1/transactions").json()
    assert (row["quantity"], row["unit_price"], row["trade_date"]) == ("12", "7.25", "2019-05-01")
    assert len(alice_client.get(f"/api/v1/transactions/{row['id']}/revisions").json()) == 1
    alice_client.patch(at, {"acquired_on": None})
    assert alice_client.get("/api/v1/transactions").json()[0]["trade_date"] == str(timezone.now().date())


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": "7.3"},
        {"quantity": "0.1"},
        {"average_cost": "8.125"},
        {"quantity": "9", "average_cost": "3.33333333"},
    ],
)
def test_changing_what_transactions_made_posts_an_adjustment(
    alice_client: APIClient, depot: Account, acme: Security, change: dict[str, str]
) -> None:
    trade(alice_client, depot, "BUY", "2024-01-02", "3", "10")
    trade(alice_client, depot, "BUY", "2024-01-03", "4", "11.11")
    [before] = alice_client.get(URL).json()
    assert before["average_cost"] == "10.63428571"

    after = alice_client.patch(f"{URL}/{before['id']}", change).json()

    facts = ("id", "quantity", "average_cost")
    assert {name: after[name] for name in facts} == {name: before[name] for name in facts} | change
    assert [row["type"] for row in alice_client.get("/api/v1/transactions").json()] == ["ADJUSTMENT", "BUY", "BUY"]


@pytest.mark.parametrize("change", [{"average_cost": None}, {"acquired_on": "2023-01-01"}])
def test_what_no_adjustment_can(
    alice_client: APIClient, depot: Account, acme: Security, change: dict[str, Any]
) -> None:
    trade(alice_client, depot, "BUY", "2024-01-02", "3", "10")
    at = f"{URL}/{Holding.objects.get().pk}"

    refused = [alice_client.patch(at, change), alice_client.delete(at)]

    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [
        (409, "holding_has_transactions")
    ] * 2
    assert alice_client.get(at).json()["quantity"] == "3"


def test_deleting_it_voids_what_stated_it(alice_client: APIClient, depot: Account, acme: Security) -> None:
    body = state(alice_client, depot, average_cost="7.25")

    assert alice_client.delete(f"{URL}/{body['id']}").status_code == 204

    assert alice_client.get("/api/v1/transactions").json() == alice_client.get(URL).json() == []
    assert Transaction.objects.exclude(voided_at=None).count() == 1


@pytest.mark.parametrize("acquired_on", [None, date(2019, 5, 1)])
def test_holdings_from_before_the_ledger_get_their_openings(
    alice_client: APIClient, alice: User, acme: Security, acquired_on: date | None
) -> None:
    """As the migration finds them: rows without transactions."""
    facts = {"quantity": Decimal("123456789012345678.123456789012"), "average_cost": Decimal("9.12345678")}
    HoldingFactory.create(account__owner=alice, security=acme, acquired_on=acquired_on, **facts)
    HoldingFactory.create(account__owner=alice, security__symbol="BOLT", average_cost=None)
    before = alice_client.get(URL).json()
    Transaction.objects.all().delete()
    Holding.objects.update(cost=None, splits_state=0, recount_on=None)

    import_module("accounts.migrations.0003_openings").write_openings(apps, None)

    assert alice_client.get(URL).json() == before
    Holding.objects.update(splits_state=-1)  # counted anew, from the openings alone
    assert alice_client.get(URL).json() == before
    assert Transaction.objects.filter(type="OPENING").count() == 2
