"""POST market-data/sync."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import HoldingFactory
from finances.sync.models import SyncBatch
from finances.sync.tests.factories import batch_of
from finances.testing.yahoo import Script
from finances.users.models import User
from securities import batch as batches
from securities.tests.factories import SecurityFactory

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/market-data/sync"


@pytest.fixture(autouse=True)
def _listed(fake_yahoo: Script) -> None:
    fake_yahoo.now = datetime(2022, 12, 29, 22, tzinfo=UTC)
    for symbol in ("ACME", "BOLT"):
        fake_yahoo.add(symbol, closes={date(2022, 12, 27): 10.0, date(2022, 12, 28): 11.0})


def order(client: APIClient, **body: Any) -> Any:
    response = client.post(URL, body)
    assert response.status_code == 202, response.json()
    return response


def test_an_order_is_a_run_to_be_read(alice_client: APIClient, alice: User) -> None:
    response = order(alice_client, symbols=["acme", "NOSUCH", "ACME"])

    batch = SyncBatch.objects.get()
    shown = response.json()
    assert response["Location"] == f"http://testserver/api/v1/market-data/sync-runs/{batch.uuid}"
    assert (shown["id"], shown["trigger"], shown["scope"]) == (str(batch.uuid), "API", "SYMBOLS")
    assert (shown["started_by"], shown["intervals"], shown["symbols"]) == (str(alice.pk), ["1d"], 2)
    later = alice_client.get(response["Location"]).json()
    assert [(row["symbol"], row["status"], row["error_code"], row["bars_added"]) for row in later["outcomes"]] == [
        ("ACME", "SUCCEEDED", "", 2), ("NOSUCH", "FAILED", "symbol_not_found", 0),
    ]  # fmt: skip


def test_what_one_holds(alice_client: APIClient, alice: User, charlie: User) -> None:
    for owner, symbol in ((alice, "BOLT"), (alice, "ACME"), (charlie, "CLAW")):
        HoldingFactory.create(account__owner=owner, security=SecurityFactory.create(symbol=symbol))
    HoldingFactory.create(account__owner=alice, security=SecurityFactory.create(symbol="HOUSE", owner=alice))

    shown = order(alice_client, holdings=True).json()

    assert shown["scope"] == "HOLDINGS"
    assert [row["symbol"] for row in shown["outcomes"]] == ["ACME", "BOLT"]


def test_nothing_held_is_nothing_to_sync(alice_client: APIClient) -> None:
    response = alice_client.post(URL, {"holdings": True})

    assert (response.status_code, response.json()["code"]) == (400, "nothing_to_sync")


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["body"]),
        ({"symbols": ["ACME"], "holdings": True}, ["body"]),
        ({"symbols": []}, ["body", "symbols"]),
        ({"symbols": ["A"] * 501}, ["body", "symbols"]),
        ({"symbols": "ACME"}, ["body", "symbols"]),
        ({"symbols": ["A" * 33]}, ["body", "symbols", 0]),
        ({"symbols": ["A\u0000"]}, ["body", "symbols", 0]),
        ({"symbols": [7]}, ["body", "symbols", 0]),
        ({"holdings": "yes"}, ["body", "holdings"]),
        ({"symbols": ["ACME"], "intervals": ["2d"]}, ["body", "intervals", 0]),
        ({"symbols": ["ACME"], "intervals": []}, ["body", "intervals"]),
    ],
)
def test_bad_orders_name_what_is_wrong(alice_client: APIClient, body: Any, loc: list[Any]) -> None:
    response = alice_client.post(URL, body)

    assert response.status_code == 422
    assert [each["loc"] for each in response.json()["detail"]] == [loc]
    assert SyncBatch.objects.count() == 0


def test_only_so_much_waits(alice_client: APIClient, alice: User, charlie: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(batches, "QUEUED_AT_MOST", 2)
    batch_of({"A": "PENDING", "B": "SUCCEEDED"}, started_by=alice, status="RUNNING", is_queued=True)
    batch_of({"A": "PENDING", "B": "PENDING"}, started_by=charlie, status="RUNNING", is_queued=True)

    response = alice_client.post(URL, {"symbols": ["ACME", "BOLT"]})

    assert (response.status_code, response.json()["code"]) == (409, "too_much_queued")
    order(alice_client, symbols=["ACME"])


def test_anonymous_orders_nothing(anonymous: APIClient) -> None:
    assert anonymous.post(URL, {"symbols": ["ACME"]}).status_code == 401
