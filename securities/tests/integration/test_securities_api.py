from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from currencies.tests.factories import CurrencyFactory
from finances.users.models import User
from securities.models import Security
from securities.tests.factories import SecurityFactory, store_closes

URL = "/api/v1/securities"


def symbols(client: APIClient, **parameters: Any) -> list[str]:
    response = client.get(URL, parameters)
    assert response.status_code == 200, response.json()
    return [security["symbol"] for security in response.json()]


def shown(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_read_a_security(alice_client: APIClient) -> None:
    security = SecurityFactory.create(symbol="ACME", sector="Technology", market_cap=1_000_000)
    store_closes(security, {date(2022, 12, 27): 10.0, date(2022, 12, 28): 11.5})

    response = alice_client.get(f"{URL}/acme")

    assert response.status_code == 200
    assert response.json() == {
        "id": str(security.uuid),
        "symbol": "ACME",
        "name": "ACME Corporation",
        "security_type": "STOCK",
        "exchange": "NasdaqGS",
        "currency_code": "USD",
        "quote_unit": "USD",
        "sector": "Technology",
        "industry": "",
        "market_cap": "1000000.00",
        "isin": "",
        "time_zone": "America/New_York",
        "is_manual": False,
        "is_active": True,
        "inactive_reason": "",
        "successor_symbol": None,
        "current_price": 11.5,
        "price_at": "2022-12-28T00:00:00Z",
        "missing": [],
        "last_synced_at": None,
        "created_at": shown(security.created_at),
        "updated_at": shown(security.updated_at),
    }
    assert alice_client.get(f"{URL}/{security.uuid}").json() == response.json()


def test_a_security_without_prices_says_so(alice_client: APIClient) -> None:
    SecurityFactory.create(symbol="ACME")

    body = alice_client.get(f"{URL}/ACME").json()

    assert (body["current_price"], body["price_at"]) == (None, None)
    assert body["missing"] == [
        {"figure": "current_price", "code": "missing_price", "detail": "No price is stored yet."}
    ]


@pytest.mark.parametrize("name", ["^IXIC", "EURUSD=X", "BRK-B", "SYNP.L", "BTC-USD"])
def test_symbols_of_every_kind_are_addresses(alice_client: APIClient, name: str) -> None:
    SecurityFactory.create(symbol=name)

    assert alice_client.get(f"{URL}/{name}").json()["symbol"] == name


@pytest.mark.parametrize("name", ["NOPE", "6b1d2f0c-9d0e-4a53-9f6a-3f1b7a2d9c11", "%00", "A B", "x" * 40])
def test_an_unknown_security_is_not_found(alice_client: APIClient, name: str) -> None:
    response = alice_client.get(f"{URL}/{name}")

    assert response.status_code == 404
    assert response.json() == {"detail": "Not found.", "code": "not_found"}


def test_anothers_own_security_is_not_found(alice_client: APIClient, charlie: User) -> None:
    house = SecurityFactory.create(symbol="HOUSE", owner=charlie)

    by_id, missing = alice_client.get(f"{URL}/{house.uuid}"), alice_client.get(f"{URL}/{house.uuid.hex[::-1]}")

    assert (by_id.status_code, by_id.json()) == (missing.status_code, missing.json()) == (404, missing.json())
    assert symbols(alice_client) == []


def test_ones_own_security_never_shadows_a_listed_one(alice_client: APIClient, alice: User) -> None:
    listed = SecurityFactory.create(symbol="ACME")
    own = SecurityFactory.create(symbol="ACME", owner=alice)

    assert alice_client.get(f"{URL}/ACME").json()["id"] == str(listed.uuid)
    assert alice_client.get(f"{URL}/{own.uuid}").json()["id"] == str(own.uuid)


def test_list_filters(alice_client: APIClient) -> None:
    SecurityFactory.create(symbol="STK", exchange="NYSE")
    SecurityFactory.create(symbol="FND", security_type=Security.Type.ETF, currency=CurrencyFactory.create(code="EUR"))

    assert symbols(alice_client) == ["FND", "STK"]
    assert symbols(alice_client, type="ETF") == ["FND"]
    assert symbols(alice_client, exchange="nyse") == ["STK"]
    assert symbols(alice_client, currency="EUR") == ["FND"]
    assert symbols(alice_client, updated_since=shown(timezone.now())) == []
    assert symbols(alice_client, ordering="-symbol") == ["STK", "FND"]
    assert symbols(alice_client, skip=1, limit=1) == ["STK"]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"type": "BOND"}, "type"),
        ({"ordering": "password"}, "ordering"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"currency": "EURO"}, "currency"),
        ({"exchange": "a\x00b"}, "exchange"),
        ({"limit": "1001"}, "limit"),
        ({"skip": "-1"}, "skip"),
    ],
)
def test_list_refuses_malformed_parameters(alice_client: APIClient, parameters: dict[str, str], field: str) -> None:
    response = alice_client.get(URL, parameters)

    assert response.status_code == 422
    assert [violation["loc"] for violation in response.json()["detail"]] == [["query", field]]


def test_list_costs_the_same_queries_for_three_rows_as_for_one(alice_client: APIClient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            alice_client.get(URL)
        return len(captured)

    store_closes(SecurityFactory.create(), {date(2022, 12, 28): 1.0})
    one = queries()
    for _ in range(2):
        store_closes(SecurityFactory.create(), {date(2022, 12, 28): 1.0})

    assert queries() == one


def test_quotes(alice_client: APIClient) -> None:
    store_closes(SecurityFactory.create(symbol="ACME"), {date(2022, 12, 28): 11.5})
    SecurityFactory.create(symbol="BARE")

    response = alice_client.get(f"{URL}/quotes", {"symbols": "bare,ACME,NOPE,acme"})

    missing = [{"figure": "current_price", "code": "missing_price", "detail": "No price is stored yet."}]
    assert response.status_code == 200
    assert response.json() == {
        "quotes": [
            {"symbol": "BARE", "name": "BARE Corporation", "currency_code": "USD", "current_price": None,
             "price_at": None, "missing": missing},
            {"symbol": "ACME", "name": "ACME Corporation", "currency_code": "USD", "current_price": 11.5,
             "price_at": "2022-12-28T00:00:00Z", "missing": []},
        ],
        "unknown": ["NOPE"],
    }  # fmt: skip


@pytest.mark.parametrize("value", ["", " , ", ",".join(f"S{number}" for number in range(101)), "a\x00"])
def test_quotes_take_1_to_100_symbols(alice_client: APIClient, value: str) -> None:
    response = alice_client.get(f"{URL}/quotes", {"symbols": value})

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["query", "symbols"]


def test_quotes_cost_the_same_queries_for_three_symbols_as_for_one(
    alice_client: APIClient, django_assert_num_queries: Any
) -> None:
    for name in ("A", "B", "C"):
        store_closes(SecurityFactory.create(symbol=name), {date(2022, 12, 28): 1.0})

    for wanted in ("A", "A,B,C"):
        with django_assert_num_queries(2):
            alice_client.get(f"{URL}/quotes", {"symbols": wanted})


@pytest.mark.parametrize("path", ["", "/ACME", "/search?query=a", "/quotes?symbols=A", "/ACME/prices"])
def test_reads_need_a_login(anonymous: APIClient, path: str) -> None:
    response = anonymous.get(f"{URL}{path}")

    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"
