from datetime import UTC, date, datetime
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from currencies.models import ExchangeRate
from currencies.tests.factories import CurrencyFactory
from finances.errors import YahooNoData, YahooNotFound, YahooRateLimited, YahooUnavailable
from finances.sync.leases import held_lease
from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from finances.users.models import User

# Pairs are synced in threads of their own.
pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/currencies/sync-rates"


@pytest.fixture(autouse=True)
def euro(fake_yahoo: Script) -> Script:
    for code in ("EUR", "USD", "GBP"):
        CurrencyFactory.create(code=code)
    fake_yahoo.now = datetime(2022, 12, 29, 22, tzinfo=UTC)
    for code in ("USD", "GBP"):
        fake_yahoo.add(f"EUR{code}=X", closes={date(2022, 12, 27): 1.06, date(2022, 12, 28): 1.07}, quote_unit=code)
    return fake_yahoo


def line(pair: str, added: int = 0, error: str | None = None) -> dict[str, Any]:
    return {"pair": pair, "added": added, "changed": 0, "error": error}


def test_without_a_body_the_reference_currencies(rosa_client: APIClient, rosa: User) -> None:
    response = rosa_client.post(URL)

    assert (response.status_code, response.json()) == (200, {"pairs": [line("EURGBP", 2), line("EURUSD", 2)]})
    assert set(SyncRun.objects.values_list("trigger", "started_by")) == {("API", rosa.pk)}


def test_with_a_body(rosa_client: APIClient) -> None:
    body = {"base": "eur", "quotes": ["usd", "USD"], "since": "2022-12-28", "refresh": True}

    assert rosa_client.post(URL, body).json() == {"pairs": [line("EURUSD", 1)]}
    assert rosa_client.post(URL, body | {"since": "2022-12-27"}).json() == {"pairs": [line("EURUSD", 1)]}


def test_one_failing_pair_stops_no_other(rosa_client: APIClient, euro: Script) -> None:
    euro.fail("EURGBP=X", YahooUnavailable())

    response = rosa_client.post(URL)

    assert response.status_code == 200
    assert response.json() == {"pairs": [line("EURGBP", error="yahoo_unavailable"), line("EURUSD", 2)]}


@pytest.mark.parametrize("error", [YahooRateLimited(retry_after=7), YahooNoData(retry_after=7)])
def test_all_failing_for_one_reason_is_that_reason(rosa_client: APIClient, euro: Script, error: Any) -> None:
    euro.fail("*", error)

    response = rosa_client.post(URL)

    assert (response.status_code, response.json()) == (503, {"detail": str(error), "code": error.code})
    assert response["Retry-After"] == "7"


def test_different_reasons_are_told_apart(rosa_client: APIClient, euro: Script) -> None:
    euro.fail("EURGBP=X", YahooUnavailable())
    euro.fail("EURUSD=X", YahooNotFound())

    assert rosa_client.post(URL).json() == {
        "pairs": [line("EURGBP", error="yahoo_unavailable"), line("EURUSD", error="symbol_not_found")]
    }


def test_a_running_sync_of_the_base_is_a_conflict(rosa_client: APIClient) -> None:
    with held_lease("rates:EUR"):
        response = rosa_client.post(URL)

    assert response.status_code == 409
    assert response.json() == {"detail": "This is being synced already.", "code": "sync_in_progress"}


def test_of_two_at_once_one_is_a_conflict(rosa_client: APIClient, euro: Script) -> None:
    euro.gate = Event()
    statuses: list[int] = []

    def first() -> None:
        try:
            statuses.append(rosa_client.post(URL).status_code)
        finally:
            connections.close_all()

    thread = Thread(target=first)
    thread.start()
    started = timezone.now()
    while not euro.calls and (timezone.now() - started).total_seconds() < 10:
        thread.join(0.01)
    second = rosa_client.post(URL).status_code
    euro.gate.set()
    thread.join(10)

    assert (second, statuses, ExchangeRate.objects.count()) == (409, [200], 4)


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"base": "AAA"}, ["body", "base"]),
        ({"base": 5}, ["body", "base"]),
        ({"base": "GBp"}, ["body", "base"]),
        ({"base": "E\x00R"}, ["body", "base"]),
        ({"quotes": []}, ["body", "quotes"]),
        ({"quotes": "USD"}, ["body", "quotes"]),
        ({"quotes": ["USD", "AAA"]}, ["body", "quotes", 1]),
        ({"quotes": ["USD", None]}, ["body", "quotes", 1]),
        ({"quotes": ["USD", "EUR"]}, ["body", "quotes", 1]),
        ({"quotes": ["USD"] * 101}, ["body", "quotes"]),
        ({"since": "soon"}, ["body", "since"]),
        ({"since": "9999-12-31"}, ["body", "since"]),
        ({"since": 20221228}, ["body", "since"]),
        ({"refresh": "yes"}, ["body", "refresh"]),
        ([], ["body"]),
    ],
)
def test_a_malformed_body_names_its_field(rosa_client: APIClient, euro: Script, body: Any, loc: list[Any]) -> None:
    response = rosa_client.post(URL, body)

    assert response.status_code == 422
    assert [violation["loc"] for violation in response.json()["detail"]] == [loc]
    assert euro.calls == []
