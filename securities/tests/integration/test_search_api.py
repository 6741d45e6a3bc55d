from typing import Any

import pytest
from rest_framework.test import APIClient

from finances.errors import YahooUnavailable
from finances.testing.yahoo import Script
from finances.users.models import User
from securities.tests.factories import SecurityFactory

URL = "/api/v1/securities/search"


def found(client: APIClient, query: str, **parameters: Any) -> list[tuple[str, bool]]:
    response = client.get(URL, {"query": query, **parameters})
    assert response.status_code == 200, response.json()
    return [(hit["symbol"], hit["in_database"]) for hit in response.json()]


def test_symbols_come_before_names(alice_client: APIClient, fake_yahoo: Script) -> None:
    for symbol, name in [("ZZZ", "Old AAP trust"), ("AAPL", "Apple Inc."), ("AAP", "Advance"), ("YYY", "aaplied")]:
        SecurityFactory.create(symbol=symbol, name=name)

    assert [symbol for symbol, _ in found(alice_client, "aap")] == ["AAP", "AAPL", "YYY", "ZZZ"]


def test_yahoo_tops_up(alice_client: APIClient, fake_yahoo: Script) -> None:
    security = SecurityFactory.create(symbol="ACME")
    fake_yahoo.add("ACME", closes={}, name="Acme Corporation")
    fake_yahoo.add("ACMX", closes={}, name="Acmex Fund", security_type="ETF")

    response = alice_client.get(URL, {"query": "acm"})

    assert response.json() == [
        {"id": str(security.uuid), "symbol": "ACME", "name": "ACME Corporation", "security_type": "STOCK",
         "exchange": "NasdaqGS", "currency_code": "USD", "is_manual": False, "in_database": True},
        {"id": None, "symbol": "ACMX", "name": "Acmex Fund", "security_type": "ETF",
         "exchange": response.json()[1]["exchange"], "currency_code": None, "is_manual": False, "in_database": False},
    ]  # fmt: skip


def test_yahoo_is_not_asked_when_enough_is_stored(alice_client: APIClient, fake_yahoo: Script) -> None:
    SecurityFactory.create(symbol="ACME")

    assert found(alice_client, "acme", limit=1) == [("ACME", True)]
    assert fake_yahoo.calls == []


def test_yahoo_failing_never_fails_the_search(alice_client: APIClient, fake_yahoo: Script) -> None:
    SecurityFactory.create(symbol="ACME")
    fake_yahoo.fail("*", YahooUnavailable())

    assert found(alice_client, "acme") == [("ACME", True)]


@pytest.mark.parametrize("wildcard", ["%", "_", "\\", "A%"])
def test_wildcards_stand_for_themselves(alice_client: APIClient, fake_yahoo: Script, wildcard: str) -> None:
    SecurityFactory.create(symbol="ACME")

    assert found(alice_client, wildcard) == []


def test_anothers_own_security_is_not_found(alice_client: APIClient, charlie: User, fake_yahoo: Script) -> None:
    SecurityFactory.create(symbol="HOUSE", owner=charlie)

    assert found(alice_client, "house") == []


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({}, "query"),
        ({"query": ""}, "query"),
        ({"query": "x" * 101}, "query"),
        ({"query": "a\x00b"}, "query"),
        ({"query": "a", "limit": "51"}, "limit"),
        ({"query": "a", "limit": "0"}, "limit"),
    ],
)
def test_malformed_parameters_name_themselves(
    alice_client: APIClient, fake_yahoo: Script, parameters: dict[str, str], field: str
) -> None:
    response = alice_client.get(URL, parameters)

    assert response.status_code == 422
    assert [violation["loc"] for violation in response.json()["detail"]] == [["query", field]]
