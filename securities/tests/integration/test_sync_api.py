from datetime import UTC, date, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from finances.errors import (
    FinancesError,
    YahooBadResponse,
    YahooNoData,
    YahooNotFound,
    YahooRateLimited,
    YahooUnavailable,
)
from finances.sync.leases import held_lease
from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from finances.users.models import User
from securities.models import Price, Review
from securities.tests.factories import SecurityFactory

URL = "/api/v1/securities/ACME/sync"


@pytest.fixture
def acme(fake_yahoo: Script) -> Script:
    fake_yahoo.now = datetime(2022, 12, 29, 22, tzinfo=UTC)
    fake_yahoo.add("ACME", closes={date(2022, 12, 27): 10.0, date(2022, 12, 28): 11.0}, name="Acme Corporation")
    return fake_yahoo


def test_sync_answers_the_security_and_the_counts(alice_client: APIClient, alice: User, acme: Script) -> None:
    response = alice_client.post("/api/v1/securities/acme/sync")

    assert response.status_code == 200
    body = response.json()
    assert (body["symbol"], body["name"], body["current_price"]) == ("ACME", "Acme Corporation", 11.0)
    assert body["sync"] == {
        "bars_added": 2, "bars_changed": 0, "first_bar": "2022-12-27", "last_bar": "2022-12-28",
        "quarantined": [],
    }  # fmt: skip
    run = SyncRun.objects.get()
    assert (run.trigger, run.started_by) == ("API", alice)


def test_what_is_held_back_is_named(alice_client: APIClient, acme: Script) -> None:
    alice_client.post(URL)
    acme.add("ACME", closes={date(2022, 12, 27): 10.0, date(2022, 12, 28): 11.0, date(2022, 12, 29): -1.0})
    acme.now = datetime(2022, 12, 30, 22, tzinfo=UTC)

    response = alice_client.post(URL, {"refresh": True})

    review = Review.objects.get()
    assert response.status_code == 200
    assert response.json()["sync"] == {
        "bars_added": 0, "bars_changed": 0, "first_bar": "2022-12-27", "last_bar": "2022-12-28",
        "quarantined": [{
            "id": str(review.uuid), "reason": "impossible_price",
            "detail": "A price that is zero, negative or no number: 2022-12-29.",
        }],
    }  # fmt: skip


def test_sync_by_id(alice_client: APIClient, acme: Script) -> None:
    first = alice_client.post(URL).json()

    assert alice_client.post(f"/api/v1/securities/{first['id']}/sync").json()["sync"]["bars_added"] == 0


def test_sync_with_a_body(alice_client: APIClient, acme: Script) -> None:
    response = alice_client.post(URL, {"intervals": ["1d", "1h"], "refresh": True})

    assert (response.status_code, Price.objects.count()) == (200, 2)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (YahooNotFound(), 404, "symbol_not_found"),
        (YahooRateLimited(retry_after=7), 503, "yahoo_rate_limited"),
        (YahooUnavailable(retry_after=7), 503, "yahoo_unavailable"),
        (YahooBadResponse(retry_after=7), 503, "yahoo_bad_response"),
        (YahooNoData(retry_after=7), 503, "yahoo_no_data"),
    ],
)
def test_yahoos_failures_have_codes_of_their_own(
    alice_client: APIClient, acme: Script, error: FinancesError, status: int, code: str
) -> None:
    acme.fail("ACME", error)

    response = alice_client.post(URL)

    assert (response.status_code, response.json()) == (status, {"detail": str(error), "code": code})
    assert response.get("Retry-After") == ("7" if status == 503 else None)


def test_a_running_sync_is_a_conflict(alice_client: APIClient, acme: Script) -> None:
    with held_lease("sync:ACME"):
        response = alice_client.post(URL)

    assert response.status_code == 409
    assert response.json() == {"detail": "This is being synced already.", "code": "sync_in_progress"}


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"intervals": ["1wk"]}, ["body", "intervals", 0]),
        ({"intervals": []}, ["body", "intervals"]),
        ({"intervals": "1d"}, ["body", "intervals"]),
        ({"refresh": "yes"}, ["body", "refresh"]),
        ([], ["body"]),
    ],
)
def test_a_malformed_body_names_its_field(alice_client: APIClient, acme: Script, body: Any, loc: list[Any]) -> None:
    response = alice_client.post(URL, body)

    assert response.status_code == 422
    assert [violation["loc"] for violation in response.json()["detail"]] == [loc]
    assert acme.calls == []


def test_sync_needs_a_login(anonymous: APIClient, acme: Script) -> None:
    assert (anonymous.post(URL).status_code, acme.calls) == (401, [])


def test_an_own_security_is_not_synced(alice_client: APIClient, alice: User, acme: Script) -> None:
    own = SecurityFactory.create(symbol="ACME", owner=alice)

    response = alice_client.post(f"/api/v1/securities/{own.uuid}/sync")

    assert (response.status_code, response.json()["code"], acme.calls) == (400, "manual_security", [])


@pytest.mark.parametrize("name", ["6b1d2f0c-9d0e-4a53-9f6a-3f1b7a2d9c11", "X" * 33])
def test_what_cannot_be_a_symbol_is_not_found(alice_client: APIClient, acme: Script, name: str) -> None:
    response = alice_client.post(f"/api/v1/securities/{name}/sync")

    assert (response.status_code, response.json()) == (404, {"detail": "Not found.", "code": "not_found"})
    assert (acme.calls, SyncRun.objects.count()) == ([], 0)
