"""Positions of the portfolio are those of the books, which count every lot."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.tests.factories import AccountFactory
from finances.users.models import User
from securities.tests.factories import SecurityFactory, SplitFactory

DAY = "2024-06-30"


@pytest.fixture
def depots(alice: User) -> list[Account]:
    return [
        AccountFactory.create(owner=alice, name=name, account_type=Account.Type.INVESTMENT) for name in ("One", "Two")
    ]


def quantities(client: APIClient, day: str) -> dict[tuple[str, str], str]:
    parts = client.get("/api/v1/portfolio/net-worth", {"as_of": day}).json()["parts"]
    return {(part["account_id"], part["symbol"]): part["quantity"] for part in parts if part["kind"] == "security"}


def test_all_kinds_of_changes(alice_client: APIClient, depots: list[Account]) -> None:
    acme, _ = SecurityFactory.create(symbol="ACME", time_zone="UTC"), SecurityFactory.create(symbol="SPUN")
    SplitFactory.create(security=acme, ex_date=date(2024, 2, 1), numerator=3, denominator=2)
    one, two = depots
    rows: list[tuple[Account, dict[str, Any]]] = [
        (one, {"type": "OPENING", "trade_date": "2024-01-02", "quantity": "9", "units_as_of": "2024-03-01"}),
        (one, {"type": "BUY", "trade_date": "2024-01-03", "quantity": "10", "unit_price": "5"}),
        (one, {"type": "SELL", "trade_date": "2024-02-01", "quantity": "1.5", "unit_price": "5"}),
        (one, {"type": "ADJUSTMENT", "trade_date": "2024-02-02", "quantity": "0.25", "amount": "1"}),
        (one, {"type": "TRANSFER", "trade_date": "2024-02-03", "quantity": "4", "counter_account_id": str(two.pk)}),
        (one, {"type": "SPIN_OFF", "trade_date": "2024-03-01", "new_symbol": "SPUN", "ratio_numerator": 1,
               "ratio_denominator": 3, "cost_fraction": "0.2"}),
        (one, {"type": "BUY", "trade_date": "2024-03-01", "quantity": "7", "unit_price": "5"}),
        (two, {"type": "SPLIT", "trade_date": "2024-04-01", "ratio_numerator": 2, "ratio_denominator": 1}),
    ]  # fmt: skip
    for account, row in rows:
        response = alice_client.post(f"/api/v1/accounts/{account.pk}/transactions", {"symbol": "ACME", **row})
        assert response.status_code == 201, response.json()

    holdings = alice_client.get("/api/v1/holdings").json()
    assert quantities(alice_client, DAY) == {(row["account_id"], row["symbol"]): row["quantity"] for row in holdings}
    assert quantities(alice_client, DAY) == {
        (str(one.pk), "ACME"): "25.75", (str(one.pk), "SPUN"): "6.25", (str(two.pk), "ACME"): "8",
    }  # fmt: skip
    # In units of the day: before the first split nine of then are six.
    assert quantities(alice_client, "2024-01-31") == {(str(one.pk), "ACME"): "16"}
    assert Decimal(quantities(alice_client, "2024-02-01")[str(one.pk), "ACME"]) == Decimal("22.5")
