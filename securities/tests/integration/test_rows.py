"""Bodies made of rows are, byte for byte, what the serializers make of instances."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from finances.testing.answers import serialized
from finances.testing.yahoo import Script
from finances.users.models import User
from securities.api.serializers import QuotesSerializer, SearchHitSerializer, SecuritySerializer
from securities.models import Security
from securities.search import search_securities
from securities.tests.factories import SecurityFactory, store_closes

ODD_NAMES = ['Nestlé "S.A." \\ / </script> 雀巢 🍫', "tab\tnewline\nreturn\r\b\f\x1f\x7f\u2028 ", "é e\u0301 \u200f"]
CLOSES = [None, 0.1, 1e-7, 1e22, 123456789.123, 1e16, 5e-324, 1.7976931348623157e308, 100.0]


@pytest.fixture
def _securities(alice: User) -> None:
    successor = SecurityFactory.create(symbol="NEW", name="New")
    for place, close in enumerate(CLOSES):
        security = SecurityFactory.create(
            symbol=f"S{place}",
            name=ODD_NAMES[place % 3],
            owner=alice if place == 4 else None,
            market_cap=[None, Decimal("0.01"), Decimal("9999999999999.99"), Decimal(-1)][place % 4],
            last_synced_at=[None, datetime(2022, 12, 28, tzinfo=UTC), datetime(1, 1, 1, 0, 0, 0, 5, UTC)][place % 3],
            is_active=place != 5,
            inactive_reason="RENAMED" if place == 5 else "",
            successor=successor if place == 5 else None,
        )
        if close is not None:
            store_closes(security, {date(2022, 12, 28): close})


@pytest.mark.usefixtures("_securities")
def test_securities(alice_client: APIClient, alice: User) -> None:
    securities = Security.objects.visible_to(alice).with_latest_price().with_successor_symbol()
    expected = SecuritySerializer(securities, many=True)

    assert alice_client.get("/api/v1/securities").content == serialized(expected)
    assert len(expected.data) == len(CLOSES) + 1
    for security in securities:
        for name in [str(security.uuid), *([] if security.is_manual else [security.symbol.lower()])]:
            body = alice_client.get(f"/api/v1/securities/{name}").content
            assert body == serialized(SecuritySerializer(security))


@pytest.mark.usefixtures("_securities")
def test_quotes(alice_client: APIClient) -> None:
    symbols = ["S8", "NOPE", *(f"S{place}" for place in range(8))]
    found = {row.symbol: row for row in Security.objects.listed().with_latest_price()}
    quotes = [found[symbol] for symbol in symbols if symbol in found]

    body = alice_client.get("/api/v1/securities/quotes", {"symbols": ",".join(symbols)}).content

    assert body == serialized(QuotesSerializer({"quotes": quotes, "unknown": ["NOPE", "S4"]}))


@pytest.mark.usefixtures("_securities")
def test_search(alice_client: APIClient, alice: User, fake_yahoo: Script) -> None:
    fake_yahoo.add("S99", closes={}, name=ODD_NAMES[0])
    hits = search_securities("s", limit=20, user=alice).hits

    body = alice_client.get("/api/v1/securities/search", {"query": "s", "limit": "20"}).content

    assert body == serialized(SearchHitSerializer(hits, many=True))
    assert {hit["in_database"] for hit in hits} == {True, False}


def test_a_change_of_the_list_is_seen_at_once(alice_client: APIClient) -> None:
    security = SecurityFactory.create(symbol="ACME", name="Before")
    names = []
    for name in ("Before", "After"):
        Security.objects.filter(pk=security.pk).update(name=name)
        names.append(alice_client.get("/api/v1/securities/ACME").json()["name"])

    assert names == ["Before", "After"]
