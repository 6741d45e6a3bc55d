"""Market data carries strong tags, wherever it is read."""

from datetime import date

import pytest
from rest_framework.test import APIClient

from currencies.tests.factories import CurrencyFactory
from securities.models import Security
from securities.tests.factories import SecurityFactory, store_closes

PATHS = [
    "/api/v1/securities",
    "/api/v1/securities/ACME",
    "/api/v1/securities/ACME/prices",
    "/api/v1/securities/ACME/prices?known_at=2020-01-01T00:00:00Z",
    "/api/v1/securities/ACME/actions",
    "/api/v1/securities/ACME/quality",
    "/api/v1/securities/quotes?symbols=ACME",
    "/api/v1/securities/search?query=ACME",
    "/api/v1/currencies",
    "/api/v1/currencies/USD",
    "/api/v1/currencies/EUR/rates",
    "/api/v1/currencies/convert?from=USD&to=EUR&as_of=2020-01-01",
]


@pytest.fixture(autouse=True)
def acme() -> Security:
    CurrencyFactory.create(code="EUR")
    # No market's calendar, which is loaded beside the first answers, and changes them.
    security = SecurityFactory.create(symbol="ACME", security_type=Security.Type.CRYPTO)
    store_closes(security, {date(2022, 12, 28): 1.0})
    return security


@pytest.mark.parametrize("path", PATHS)
def test_a_body_that_is_known_is_not_sent_again(alice_client: APIClient, path: str) -> None:
    first = alice_client.get(path)
    assert first.status_code == 200, first.content
    assert first["Cache-Control"] == "private, no-cache"
    assert "Accept-Encoding" in first["Vary"]

    second = alice_client.get(path, headers={"If-None-Match": first["ETag"]})

    assert (second.status_code, second.content) == (304, b"")
    assert second["ETag"] == first["ETag"]
    assert alice_client.get(path, headers={"If-None-Match": '"other"'}).content == first.content


@pytest.mark.parametrize("path", ["", "/ACME", "/quotes?symbols=ACME"])
def test_a_new_price_is_a_new_tag(alice_client: APIClient, acme: Security, path: str) -> None:
    first = alice_client.get(f"/api/v1/securities{path}")
    store_closes(acme, {date(2022, 12, 29): 2.0})

    second = alice_client.get(f"/api/v1/securities{path}", headers={"If-None-Match": first["ETag"]})

    assert second.status_code == 200
    assert second.json() != first.json()


def test_a_list_that_grew_beyond_its_page_is_another(alice_client: APIClient) -> None:
    """The body is the same, its X-Total-Count is not."""
    first = alice_client.get("/api/v1/securities?limit=1")
    SecurityFactory.create(symbol="ZED")

    second = alice_client.get("/api/v1/securities?limit=1", headers={"If-None-Match": first["ETag"]})

    assert (second.status_code, second["X-Total-Count"]) == (200, "2")


def test_a_tag_opens_nothing(anonymous: APIClient, alice_client: APIClient) -> None:
    tag = alice_client.get("/api/v1/securities/ACME")["ETag"]

    assert anonymous.get("/api/v1/securities/ACME", headers={"If-None-Match": tag}).status_code == 401


def test_a_list_of_ones_own_or_an_error_has_none(alice_client: APIClient) -> None:
    for path in ("/api/v1/accounts", "/api/v1/transactions", "/api/v1/securities/NOPE"):
        assert not alice_client.get(path).has_header("ETag")


def test_browsers_may_read_the_tag(alice_client: APIClient) -> None:
    response = alice_client.get("/api/v1/securities/ACME", headers={"Origin": "https://app.example.test"})

    assert "etag" in response["Access-Control-Expose-Headers"].lower()
