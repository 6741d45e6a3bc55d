"""Holdings of symbols that are not stored yet."""

from datetime import date
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from accounts.models import Account, Holding
from accounts.tests.factories import AccountFactory
from finances.errors import FinancesError, YahooNoData, YahooNotFound, YahooRateLimited, YahooUnavailable
from finances.sync.leases import held_lease
from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from finances.users.models import User
from securities.models import Security
from securities.tests.factories import SecurityFactory


@pytest.fixture
def depot(alice: User) -> Account:
    return AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)


def post(client: APIClient, account: Account, **fields: Any) -> Any:
    return client.post("/api/v1/holdings", {"account_id": str(account.pk), "quantity": "12.5", **fields})


def test_an_unknown_symbol_is_synced_first(
    alice_client: APIClient, alice: User, depot: Account, fake_yahoo: Script
) -> None:
    fake_yahoo.add("SYNP.L", closes={date(2022, 12, 28): 250.0}, name="Synp plc", quote_unit="GBp")

    response = post(alice_client, depot, symbol="synp.l", quantity=4)

    body, run = response.json(), SyncRun.objects.get()
    assert response.status_code == 201
    assert [body[name] for name in ("symbol", "name", "currency_code", "current_price", "market_value")] == [
        "SYNP.L", "Synp plc", "GBP", 2.5, "10.00",
    ]  # fmt: skip
    assert (run.trigger, run.started_by) == (SyncRun.Trigger.API, alice)


@pytest.mark.parametrize(
    ("error", "status"),
    [(YahooNotFound(), 404), (YahooRateLimited(retry_after=7), 503), (YahooUnavailable(retry_after=7), 503),
     (YahooNoData(retry_after=7), 503)],
)  # fmt: skip
def test_yahoo_failing_creates_nothing(
    alice_client: APIClient, depot: Account, fake_yahoo: Script, error: FinancesError, status: int
) -> None:
    fake_yahoo.fail("ACME", error)

    response = post(alice_client, depot, symbol="ACME")

    assert (response.status_code, response.json()) == (status, {"detail": str(error), "code": error.code})
    assert response.get("Retry-After") == ("7" if status == 503 else None)
    assert (Holding.objects.count(), Security.objects.count()) == (0, 0)


def test_a_running_sync_of_the_symbol_is_a_conflict(
    alice_client: APIClient, depot: Account, fake_yahoo: Script
) -> None:
    with held_lease("sync:ACME"):
        response = post(alice_client, depot, symbol="ACME")

    assert (response.status_code, response.json()["code"]) == (409, "sync_in_progress")


def test_unknown_symbols_count_as_syncs(
    alice_client: APIClient, depot: Account, fake_yahoo: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "sync", "1/hour")
    SecurityFactory.create(symbol="ACME")
    post(alice_client, depot, symbol="NOPE")

    refused, stored = post(alice_client, depot, symbol="NOPE"), post(alice_client, depot, symbol="ACME")

    assert (refused.status_code, stored.status_code, len(fake_yahoo.calls)) == (429, 201, 1)
    assert 0 < int(refused["Retry-After"]) <= 3600
