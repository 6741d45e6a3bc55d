from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from rest_framework.test import APIClient

from currencies.tests.factories import CurrencyFactory
from finances.sync import schedule, tasks
from finances.sync.models import SyncBatch, Turn
from finances.sync.tests.factories import batch_of
from finances.yahoo import pace
from finances.yahoo.budget import time_budget
from finances.yahoo.faults import Busy
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


def fail() -> None:
    raise ZeroDivisionError


@pytest.mark.usefixtures("_metered")
def test_jobs_of_the_schedule(settings: Any) -> None:
    settings.SCHEDULE = {"gaps": ("securities.due.order_gaps", 900), "broken": (f"{__name__}.fail", 900)}
    noon = datetime(2022, 12, 28, 12, tzinfo=UTC)
    for hours in (0, 1):
        schedule.run("gaps", now=noon + timedelta(hours=hours))
        with pytest.raises(ZeroDivisionError):
            schedule.run("broken", now=noon + timedelta(hours=hours))
    Turn.objects.filter(name="gaps").update(done_at=timezone.now() - timedelta(minutes=5), seconds=1.5)
    Turn.objects.create(name="former", taken_at=noon)
    found = {name: value for name, value in metrics().items() if name[0].startswith("finances_job_")}

    assert 300 <= found.pop(("finances_job_age_seconds", "gaps")) < 360
    since_noon = (timezone.now() - noon).total_seconds()
    assert since_noon - 60 < found.pop(("finances_job_age_seconds", "broken")) <= since_noon
    assert 0 <= found.pop(("finances_job_seconds", "broken")) < 60
    assert found == {
        ("finances_job_runs_total", "broken", "done"): 0,
        ("finances_job_runs_total", "broken", "failed"): 2,
        ("finances_job_runs_total", "gaps", "done"): 2,
        ("finances_job_runs_total", "gaps", "failed"): 0,
        ("finances_job_seconds", "gaps"): 1.5,
    }


@pytest.mark.usefixtures("_metered")
def test_tasks_of_workers(settings: Any) -> None:
    settings.SCHEDULE = {"expired": ("finances.users.expiry.flush_expired", 900), "broken": (f"{__name__}.fail", 900)}
    for name in ("expired", "broken", "expired"):
        tasks.tick.apply((name,))
    found = {name[1:]: value for name, value in metrics().items() if name[0] == "finances_tasks_total"}

    others = [
        (task, end) for task in ("begin_batch", "sync_symbol", "deliver") for end in ("done", "failed", "put_off")
    ]
    of_tick = {("done", "tick"): 2, ("failed", "tick"): 1, ("put_off", "tick"): 0}
    assert found == {**{(end, task): 0 for task, end in others}, **of_tick}
    assert 0 <= metrics()["finances_task_seconds_total", "tick"] < 60


@pytest.mark.usefixtures("_metered")
def test_the_budget_of_yahoo(settings: Any) -> None:
    settings.YAHOO_REQUESTS_PER_SECOND = 7
    for _ in range(3):
        pace.take_slot()
    settings.YAHOO_REQUESTS_PER_SECOND = 0
    with time_budget(0.0), pytest.raises(Busy):
        pace.take_slot()
    pace.strike(30.0)
    settings.YAHOO_REQUESTS_PER_SECOND = 7
    found = {name: value for name, value in metrics().items() if name[0].startswith("finances_yahoo_")}

    assert 20 < found.pop(("finances_yahoo_pause_seconds",)) <= 30
    assert found == {
        ("finances_yahoo_requests_total", "sent"): 3,
        ("finances_yahoo_requests_total", "no_slot"): 1,
        ("finances_yahoo_requests_total", "too_many"): 1,
        ("finances_yahoo_wait_seconds_total",): 0,
        ("finances_yahoo_requests_per_second_limit",): 7,
    }


@pytest.mark.usefixtures("_metered")
def test_metrics_of_an_empty_installation() -> None:
    found = metrics()

    assert ("finances_oldest_sync_age_seconds",) not in found
    assert [name for name in found if name[0].startswith(("finances_job", "finances_task"))] == []
    assert sorted(name for name in found if name[0].startswith("finances_yahoo")) == [
        ("finances_yahoo_pause_seconds",), ("finances_yahoo_requests_per_second_limit",),
    ]  # fmt: skip
    assert (found["finances_database_up",], found["finances_sessions",]) == (1, 0)


@pytest.mark.usefixtures("_metered")
def test_metrics_without_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_now: Any) -> Any:
        raise OperationalError

    monkeypatch.setattr("config.metrics._state", gone)

    assert metrics()["finances_database_up",] == 0


@pytest.mark.usefixtures("_metered")
def test_metrics_cost_seven_statements(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(7):
        metrics()
