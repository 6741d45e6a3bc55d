from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, Holding
from accounts.tests.factories import AccountFactory, HoldingFactory
from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, NOT_FOUND, as_text, assert_unauthenticated
from securities.tests.factories import SecurityFactory, store_closes

URL = "/api/v1/holdings"


@pytest.fixture
def depot(alice: User) -> Account:
    return AccountFactory.create(owner=alice, name="Depot", account_type=Account.Type.INVESTMENT)


@pytest.fixture
def holding(depot: Account) -> Holding:
    security = SecurityFactory.create(symbol="ACME")
    store_closes(security, {date(2022, 12, 27): 10.0, date(2022, 12, 28): 11.5})
    return HoldingFactory.create(account=depot, security=security, acquired_on=date(2022, 1, 3))


def symbols(client: APIClient, **parameters: Any) -> list[str]:
    response = client.get(URL, parameters)
    assert response.status_code == 200, response.json()
    return [holding["symbol"] for holding in response.json()]


def test_read_a_holding(alice_client: APIClient, holding: Holding) -> None:
    response = alice_client.get(f"{URL}/{holding.pk}")

    assert response.status_code == 200
    assert response.json() == {
        "id": str(holding.pk),
        "account_id": str(holding.account_id),
        "security_id": str(holding.security.uuid),
        "symbol": "ACME",
        "name": "ACME Corporation",
        "currency_code": "USD",
        "quantity": "12.5",
        "average_cost": "8.00",
        "acquired_on": "2022-01-03",
        "current_price": 11.5,
        "price_at": "2022-12-28T00:00:00Z",
        "market_value": "143.75",
        "cost": "100.00",
        "unrealized_gain": "43.75",
        "missing": [],
        "created_at": as_text(holding.created_at),
        "updated_at": as_text(holding.updated_at),
    }


def test_a_list_shows_what_the_detail_shows(alice_client: APIClient, holding: Holding) -> None:
    response = alice_client.get(URL)

    assert response.json() == [alice_client.get(f"{URL}/{holding.pk}").json()]
    assert response["X-Total-Count"] == "1"


def test_list_by_account_name_then_symbol(alice_client: APIClient, alice: User, depot: Account) -> None:
    other = AccountFactory.create(owner=alice, name="Annuity", account_type=Account.Type.RETIREMENT)
    for account, symbol in [(depot, "BOLT"), (depot, "ACME"), (other, "ZINC")]:
        HoldingFactory.create(account=account, security=SecurityFactory.create(symbol=symbol))

    assert symbols(alice_client) == ["ZINC", "ACME", "BOLT"]
    assert symbols(alice_client, ordering="-symbol") == ["ZINC", "BOLT", "ACME"]
    assert symbols(alice_client, ordering="-account_name,-symbol") == ["BOLT", "ACME", "ZINC"]
    assert symbols(alice_client, account=str(depot.pk)) == ["ACME", "BOLT"]
    assert symbols(alice_client, security="bolt") == ["BOLT"]
    assert symbols(alice_client, skip=1, limit=1) == ["ACME"]


@pytest.mark.parametrize("numbers", [("2", "10", "0.5"), ("1000000000", "999999999.999999999999", "0.000000000001")])
def test_quantities_sort_as_numbers(alice_client: APIClient, depot: Account, numbers: tuple[str, ...]) -> None:
    for number in numbers:
        HoldingFactory.create(account=depot, quantity=Decimal(number))

    listed = [holding["quantity"] for holding in alice_client.get(URL, {"ordering": "quantity"}).json()]

    assert listed == sorted(numbers, key=Decimal)


def test_updated_since(alice_client: APIClient, holding: Holding) -> None:
    assert symbols(alice_client, updated_since=as_text(holding.updated_at)) == ["ACME"]
    assert symbols(alice_client, updated_since=as_text(timezone.now())) == []


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"account": "mine"}, "account"),
        ({"account": "\x00"}, "account"),
        ({"security": "a\x00b"}, "security"),
        ({"security": "x" * 33}, "security"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"ordering": "market_value"}, "ordering"),
        ({"limit": "1001"}, "limit"),
        ({"skip": "-1"}, "skip"),
    ],
)
def test_malformed_parameters_name_themselves(alice_client: APIClient, parameters: dict[str, str], field: str) -> None:
    response = alice_client.get(URL, parameters)

    assert response.status_code == 422
    assert [violation["loc"] for violation in response.json()["detail"]] == [["query", field]]


def test_a_list_holds_nothing_of_others(charlie_client: APIClient, holding: Holding) -> None:
    assert symbols(charlie_client) == symbols(charlie_client, account=str(holding.account_id)) == []


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_anothers_holding_is_as_a_missing_one(charlie_client: APIClient, holding: Holding, method: str) -> None:
    def answer(pk: Any) -> tuple[int, Any, dict[str, str]]:
        response = getattr(charlie_client, method)(f"{URL}/{pk}", {"quantity": "1"})
        headers = {name: value for name, value in response.items() if name not in ("Date", "X-Request-ID")}
        return response.status_code, response.json(), headers

    assert answer(holding.pk) == answer(uuid4())
    assert answer(holding.pk)[:2] == answer("mine")[:2] == (404, NOT_FOUND)
    assert Holding.objects.filter(quantity=Decimal("12.5")).exists()


@pytest.mark.parametrize(
    ("method", "path"), [("get", ""), ("post", ""), ("get", "/{pk}"), ("patch", "/{pk}"), ("delete", "/{pk}")]
)
def test_holdings_need_a_login(anonymous: APIClient, holding: Holding, method: str, path: str) -> None:
    assert_unauthenticated(getattr(anonymous, method)(URL + path.format(pk=holding.pk)), NOT_AUTHENTICATED)


def test_three_rows_cost_the_queries_of_one(alice_client: APIClient, depot: Account, holding: Holding) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(URL).status_code == 200
        return len(captured)

    one = queries()
    for _ in range(2):
        more = HoldingFactory.create(account=depot)
        store_closes(more.security, {date(2022, 12, 28): 1.0})

    assert queries() == one == 2  # user, page with its count, prices and splits
