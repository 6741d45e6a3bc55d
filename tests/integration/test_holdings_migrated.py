"""Holdings from before there was a ledger: migrated by the real command, they read as they did."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.installation import PASSWORD, Installation

BEFORE = f"""
from datetime import UTC, date, datetime
from decimal import Decimal
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

executor = MigrationExecutor(connection)
targets = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] != "accounts"]
targets.append(("accounts", "0001_initial"))
executor.migrate(targets)
model = MigrationExecutor(connection).loader.project_state(targets).apps.get_model
then = datetime(2023, 5, 6, 23, 30, tzinfo=UTC)

model("currencies", "Currency").objects.create(code="USD", name="US Dollar", minor_digits=2)
owner = model("users", "User").objects.create(email="old@example.test", password=make_password({PASSWORD!r}))
account = model("accounts", "Account").objects.create(
    owner=owner, name="Depot", account_type="INVESTMENT", currency_id="USD")
run = model("sync", "SyncRun").objects.create(
    symbol="ACME", trigger="COMMAND", started_at=then, recorded_at=then, status="SUCCEEDED")
facts = dict(security_type="STOCK", currency_id="USD", quote_unit="USD", time_zone="UTC")
for symbol, figures in (
    ("ACME", dict(
        quantity=Decimal("12.123456789012"), average_cost=Decimal("8.12345678"), acquired_on=date(2019, 2, 3))),
    ("BOLT", dict(quantity=Decimal("3"), average_cost=None)),
    ("COIN", dict(quantity=Decimal("100000000000000000.000000000001"), average_cost=Decimal("0"))),
):
    security = model("securities", "Security").objects.create(symbol=symbol, name=symbol.title(), **facts)
    if symbol == "ACME":
        model("securities", "Price").objects.create(
            security=security, interval=1440, ts=datetime(2023, 5, 5, tzinfo=UTC), open=8, high=9, low=8, close=8.5,
            volume=1, run=run, provisional=False)
        for day, ratio in ((date(2018, 1, 2), 2), (date(2021, 1, 4), 3)):
            model("securities", "Split").objects.create(
                security=security, ex_date=day, numerator=ratio, denominator=1, run=run)
    holding = model("accounts", "Holding").objects.create(account=account, security=security, **figures)
    model("accounts", "Holding").objects.filter(pk=holding.pk).update(created_at=then, updated_at=then)
    print(holding.pk, security.uuid, account.pk)
"""


@pytest.fixture
def product(own_database: str, tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path, {"DATABASE_URL": own_database})
    yield installation
    installation.stop()


def expected(keys: list[str], symbol: str, **figures: Any) -> dict[str, Any]:
    """What the API said of a holding before: `keys` are its own, its security's and its account's."""
    own, security, account = keys
    facts = {"id": own, "account_id": account, "security_id": security, "symbol": symbol, "name": symbol.title()}
    at = "2023-05-06T23:30:00Z"
    return {**facts, "currency_code": "USD", **figures, "created_at": at, "updated_at": at}


def without_price(*others: dict[str, str]) -> list[dict[str, str]]:
    detail = {"code": "missing_price", "detail": "No price is stored yet."}
    return [{"figure": name, **detail} for name in ("current_price", "market_value", "unrealized_gain")] + list(others)


def test_holdings_keep_their_bodies(product: Installation) -> None:
    status, printed = product.manage("shell", "--verbosity", "0", "--command", BEFORE)
    assert status == 0, printed
    acme, bolt, coin = (line.split() for line in printed.splitlines())
    assert product.manage("migrate", "--verbosity", "0")[0] == 0
    product.serve()
    person = {"email": "old@example.test", "password": PASSWORD}
    product.token = product.call("POST", "/api/v1/auth/login", person)[1]["access_token"]

    status, holdings, _headers = product.call("GET", "/api/v1/holdings")

    no_cost = [{"figure": n, "code": "missing_cost", "detail": "No average cost is recorded."}
               for n in ("cost", "unrealized_gain")]  # fmt: skip
    nothing = {"current_price": None, "price_at": None, "market_value": None, "unrealized_gain": None}
    assert holdings == [
        expected(
            acme, "ACME", quantity="12.123456789012", average_cost="8.12345678", acquired_on="2019-02-03",
            current_price=8.5, price_at="2023-05-05T00:00:00Z", market_value="103.05", cost="98.48",
            unrealized_gain="4.57", missing=[],
        ),
        expected(
            bolt, "BOLT", quantity="3", average_cost=None, acquired_on=None, **nothing, cost=None,
            missing=without_price(*no_cost),
        ),
        expected(
            coin, "COIN", quantity="100000000000000000.000000000001", average_cost="0.00", acquired_on=None, **nothing,
            cost="0.00", missing=without_price(),
        ),
    ]  # fmt: skip
    assert_ledger(product, acme)


def assert_ledger(product: Installation, keys: list[str]) -> None:
    """An OPENING says the same; before the split of 2021 it is a third of today's units."""
    _status, (row,), _headers = product.call("GET", f"/api/v1/transactions?security={keys[1]}")
    assert (row["type"], row["trade_date"], row["quantity"]) == ("OPENING", "2019-02-03", "12.123456789012")
    for as_of, quantity in (("2020-12-31", "4.041152263004"), ("2023-05-05", "12.123456789012")):
        worth = product.call("GET", f"/api/v1/portfolio/net-worth?as_of={as_of}")[1]
        assert [part["quantity"] for part in worth["parts"]] == [quantity], json.dumps(worth)
