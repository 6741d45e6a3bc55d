"""An exchange of money is one transfer between accounts of two currencies, at the rate that was booked."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.tests.factories import AccountFactory
from accounts.tests.trees import Follower
from currencies.tests.factories import CurrencyFactory, store_rate
from finances.users.models import User


@pytest.fixture
def accounts(alice: User) -> list[Account]:
    alice.base_currency = "EUR"
    alice.save()
    for day, rate in ((1, "1.10"), (2, "1.10"), (3, "1.20")):
        store_rate("EUR/USD", date(2024, 1, day), rate)
    return [
        AccountFactory.create(owner=alice, name=code, currency=CurrencyFactory.create(code=code))
        for code in ("EUR", "USD")
    ]


def post(client: APIClient, account: Account, **body: Any) -> Any:
    response = client.post(f"/api/v1/accounts/{account.pk}/transactions", body)
    assert response.status_code == 201, response.json()
    return response.json()


def balances(client: APIClient, account: Account) -> dict[str, str]:
    rows = client.get(f"/api/v1/accounts/{account.pk}/cash").json()["balances"]
    return {row["currency_code"]: row["balance"] for row in rows}


def test_one_transaction_with_two_sides(alice_client: APIClient, accounts: list[Account]) -> None:
    euros, dollars = accounts
    post(alice_client, euros, type="DEPOSIT", trade_date="2024-01-01", amount="1000")
    moved = {"type": "TRANSFER", "trade_date": "2024-01-02", "amount": "100", "fx_rate": "1.08", "fees": "1.50"}
    own = post(alice_client, euros, **moved, counter_account_id=str(dollars.pk))["id"]

    assert [balances(alice_client, account) for account in accounts] == [{"EUR": "898.50"}, {"USD": "108.00"}]
    (seen,) = alice_client.get(f"/api/v1/accounts/{dollars.pk}/transactions").json()
    assert seen["id"] == own
    alice_client.patch(f"/api/v1/transactions/{own}", {"fx_rate": "1.09"})
    assert balances(alice_client, dollars) == {"USD": "109.00"}
    alice_client.delete(f"/api/v1/transactions/{own}")
    assert [balances(alice_client, account) for account in accounts] == [{"EUR": "1000.00"}, {}]


def test_what_it_cost_is_told(alice_client: APIClient, accounts: list[Account]) -> None:
    """108 dollars for 100 euros, when the day's rate would have given 110, and then dollars fall by a twelfth."""
    euros, dollars = accounts
    post(alice_client, euros, type="DEPOSIT", trade_date="2024-01-01", amount="1000")
    moved = {"type": "TRANSFER", "trade_date": "2024-01-02", "amount": "100", "fx_rate": "1.08"}
    post(alice_client, euros, **moved, counter_account_id=str(dollars.pk))
    parameters = {"start_date": "2024-01-02", "end_date": "2024-01-03"}

    body = alice_client.get("/api/v1/portfolio/performance", parameters).json()

    names = ("opening_value", "closing_value", "market", "fx", "income", "fees", "taxes", "flows")
    assert {name: body[name] for name in names} == dict.fromkeys(names, "0.00") | {
        "opening_value": "1000.00", "closing_value": "990.00", "fx": "-10.00",
    }  # fmt: skip
    assert Follower(alice_client, **parameters).value_of("performance:fx") == Decimal("-10.00")
