from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from rest_framework.test import APIClient

from currencies.tests.factories import CurrencyFactory
from finances.sync.models import SyncBatch
from finances.sync.tests.factories import batch_of
from securities.models import Security
from securities.tests.factories import ReviewFactory, SecurityFactory, SyncRunFactory

TOKEN = {"authorization": "Bearer a token for Prometheus"}


@pytest.fixture
def _metered(settings: Any) -> None:
    settings.METRICS_TOKEN = "a token for Prometheus"


def metrics() -> dict[tuple[str, ...], float]:
    response = APIClient().get("/metrics", headers=TOKEN)
    assert (response.status_code, response["Content-Type"].partition(";")[0]) == (200, "text/plain")
    families = text_string_to_metric_families(response.content.decode())
    return {
        (s.name, *(s.labels[name] for name in sorted(s.labels))): s.value for family in families for s in family.samples
    }


def test_without_a_token_in_the_settings_there_are_no_metrics() -> None:
    response = APIClient().get("/metrics", headers=TOKEN)

    assert (response.status_code, response.json()) == (404, {"detail": "Not found.", "code": "not_found"})


@pytest.mark.usefixtures("_metered")
@pytest.mark.parametrize("sent", ["", "Bearer another", "a token for Prometheus", "Bearer ä"])
def test_metrics_are_for_who_has_the_token(sent: str) -> None:
    response = APIClient().get("/metrics", headers={"authorization": sent})

    assert response.status_code == 401
    assert response.json() == {"detail": "Authentication credentials were not provided.", "code": "not_authenticated"}


@pytest.mark.usefixtures("_metered")
def test_requests_are_counted_by_route(alice_client: APIClient) -> None:
    names = [("GET", "account-list", "200"), ("GET", "account-detail", "404"), ("OTHER", "none", "404"),
             ("GET", "none", "200")]  # fmt: skip
    before = metrics()
    # Many paths, methods and hosts are one route.
    for path in ("accounts", "accounts", f"accounts/{uuid4()}", f"accounts/{uuid4()}"):
        alice_client.get(f"/api/v1/{path}")
    for path in ("/nowhere", "/else"):
        alice_client.generic("BREW", path)
    alice_client.get("/health")
    after = metrics()

    keys = {name: ("finances_requests_total", *name) for name in names}
    counted = {name: after[key] - before.get(key, 0) for name, key in keys.items()}
    assert counted == dict(zip(names, [2, 2, 2, 1], strict=True))
    timed = ("finances_request_seconds_count", "account-list")
    assert after[timed] - before.get(timed, 0) == 2


@pytest.mark.usefixtures("_metered", "alice_client")
def test_the_state_of_market_data_and_sessions() -> None:
    now, usd = timezone.now(), CurrencyFactory.create()
    for hours, active in ((5, True), (3, True), (99, False)):
        SecurityFactory.create(currency=usd, last_synced_at=now - timedelta(hours=hours), is_active=active)
    for days, symbol in ((0, "A"), (0, "B"), (3, "A")):
        batch = SyncBatch.objects.create(
            kind="PRICES", trigger="COMMAND", started_at=now - timedelta(days=days), pid=1, process=Security().uuid
        )
        SyncRunFactory.create(symbol=symbol, batch=batch)
    ReviewFactory.create(security=Security.objects.all()[0])
    batch_of({"A": "PENDING", "B": "RUNNING"}, status="RUNNING", is_queued=True)
    found = metrics()

    assert found["finances_queued_symbols",] == 2

    assert found["finances_database_up",] == 1
    assert found["finances_sync_runs_last_day", "yahoo", "succeeded"] == 2
    assert 5 * 3600 <= found["finances_oldest_sync_age_seconds",] < 5 * 3600 + 60
    assert (found["finances_held_back", "prices"], found["finances_held_back", "rates"]) == (1, 0)
    assert found["finances_sessions",] == 1


@pytest.mark.usefixtures("_metered")
def test_metrics_of_an_empty_installation() -> None:
    found = metrics()

    assert ("finances_oldest_sync_age_seconds",) not in found
    assert (found["finances_database_up",], found["finances_sessions",]) == (1, 0)


@pytest.mark.usefixtures("_metered")
def test_metrics_without_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_now: Any) -> Any:
        raise OperationalError

    monkeypatch.setattr("config.metrics._state", gone)

    assert metrics()["finances_database_up",] == 0


@pytest.mark.usefixtures("_metered")
def test_metrics_cost_six_statements(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(6):
        metrics()
