"""GET market-data/sync-runs."""

import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from finances.sync.api import views
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.processes import this_process
from finances.sync.tests.factories import batch_of
from finances.users.models import User

URL = "/api/v1/market-data/sync-runs"
NONE = "7d0f5a52-5f0c-4f0e-9a51-0b8f7f2c1f7e"
MORNING = datetime(2022, 12, 28, 6, tzinfo=UTC)
NOTHING = {"bars_added": 0, "bars_changed": 0, "bars_quarantined": 0}


def listed(client: APIClient, **parameters: Any) -> list[str]:
    response = client.get(URL, parameters)
    assert response.status_code == 200, response.json()
    return [row["id"] for row in response.json()]


def read(client: APIClient, batch: SyncBatch) -> Any:
    response = client.get(f"{URL}/{batch.uuid}")
    assert response.status_code == 200, response.json()
    return response.json()


def test_a_run_with_its_outcomes(rosa_client: APIClient, rosa: User) -> None:
    batch = batch_of(
        {"ACME": "SUCCEEDED", "NOSUCH": "FAILED"}, started_at=MORNING, finished_at=MORNING + timedelta(seconds=3.5),
        started_by=rosa, trigger="ADMIN", status="FAILED", error_code="symbol_not_found",
    )  # fmt: skip
    done = MORNING + timedelta(seconds=1)
    SyncRun.objects.filter(symbol="ACME").update(bars_added=5, bars_changed=1, bars_quarantined=2, finished_at=done)
    SyncRun.objects.filter(symbol="NOSUCH").update(error_code="symbol_not_found", finished_at=done)

    shown = {
        "id": str(batch.uuid), "kind": "PRICES", "scope": "SYMBOLS", "intervals": ["1d"], "trigger": "ADMIN",
        "started_by": str(rosa.pk), "started_at": "2022-12-28T06:00:00Z", "finished_at": "2022-12-28T06:00:03.500000Z",
        "duration_seconds": 3.5, "status": "FAILED", "error_code": "symbol_not_found", "symbols": 2, "succeeded": 1,
        "failed": 1, "bars_added": 5, "bars_changed": 1, "bars_quarantined": 2,
    }  # fmt: skip
    times = {
        "started_at": "2022-12-28T06:00:00Z", "finished_at": "2022-12-28T06:00:01Z", "duration_seconds": 1.0,
    }  # fmt: skip
    outcomes = [
        {"symbol": "ACME", "source": "yahoo", "status": "SUCCEEDED", "error_code": "", **times,
         "bars_added": 5, "bars_changed": 1, "bars_quarantined": 2},
        {"symbol": "NOSUCH", "source": "yahoo", "status": "FAILED", "error_code": "symbol_not_found", **times,
         **NOTHING},
    ]  # fmt: skip
    assert rosa_client.get(URL).json() == [shown]
    assert read(rosa_client, batch) == {**shown, "resumes": None, "outcomes": outcomes}


def test_newest_first_in_pages(rosa_client: APIClient) -> None:
    batches = [batch_of({}, started_at=MORNING + timedelta(hours=hour)) for hour in range(3)]

    response = rosa_client.get(URL, {"skip": "1", "limit": "1"})

    assert [row["id"] for row in response.json()] == [str(batches[1].uuid)]
    assert response["X-Total-Count"] == "3"
    assert listed(rosa_client) == [str(batch.uuid) for batch in reversed(batches)]


@pytest.mark.parametrize(
    "parameters",
    [{"status": "FAILED"}, {"kind": "RATES"}, {"trigger": "API"}, {"symbol": "eurusd=x"},
     {"started_since": "2022-12-28T06:00:00Z"}],
)  # fmt: skip
def test_filters(rosa_client: APIClient, parameters: dict[str, str]) -> None:
    batch_of({"ACME": "SUCCEEDED"}, started_at=MORNING - timedelta(seconds=1))
    wanted = batch_of({"EURUSD=X": "FAILED"}, started_at=MORNING, status="FAILED", kind="RATES", trigger="API")

    assert listed(rosa_client, **parameters) == [str(wanted.uuid)]


@pytest.mark.parametrize("name", ["status", "kind", "trigger", "started_since", "limit"])
def test_bad_parameters_name_themselves(rosa_client: APIClient, name: str) -> None:
    response = rosa_client.get(URL, {name: "wrong"})

    assert response.status_code == 422
    assert [each["loc"] for each in response.json()["detail"]] == [["query", name]]


@pytest.mark.parametrize(
    ("silent_for", "process", "state"),
    [
        (0, {"host": "elsewhere", "pid": 1}, "RUNNING"),
        (89, {"host": "elsewhere", "pid": 1}, "RUNNING"),
        (91, {"host": "elsewhere", "pid": 1}, "INTERRUPTED"),
        (0, this_process(), "RUNNING"),
        (0, {**this_process(), "process": uuid.uuid4()}, "INTERRUPTED"),  # an earlier process with this one's id
        (0, {**this_process(), "process": uuid.uuid4(), "pid": os.getppid()}, "RUNNING"),
        (0, {**this_process(), "process": uuid.uuid4(), "pid": 2**22 + 1}, "INTERRUPTED"),  # above every process id
    ],
)
def test_what_runs_no_more_is_interrupted(
    rosa_client: APIClient, silent_for: int, process: dict[str, Any], state: str
) -> None:
    seen_at = timezone.now() - timedelta(seconds=silent_for)
    outcomes = {"ACME": "SUCCEEDED", "BOLT": "RUNNING", "CLAW": "PENDING"}
    batch = batch_of(outcomes, status="RUNNING", seen_at=seen_at, **process)

    shown = read(rosa_client, batch)

    assert (shown["status"], shown["symbols"], shown["succeeded"], shown["failed"]) == (state, 3, 1, 0)
    assert [outcome["status"] for outcome in shown["outcomes"]] == ["SUCCEEDED", state, "PENDING"]
    assert shown["outcomes"][2]["started_at"] is None
    assert listed(rosa_client, status=state) == [str(batch.uuid)]


def test_a_long_run_shows_its_first_outcomes_and_their_number(
    rosa_client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "OUTCOMES", 2)
    batch = batch_of(dict.fromkeys("CAB", "SUCCEEDED"))

    shown = read(rosa_client, batch)

    assert ([outcome["symbol"] for outcome in shown["outcomes"]], shown["symbols"]) == (["C", "A"], 3)


def test_a_list_costs_the_same_queries_however_long(rosa_client: APIClient) -> None:
    counts = []
    for number in (1, 2):
        for _ in range(number):
            batch_of({"ACME": "SUCCEEDED"}, status="RUNNING", **this_process())
        with CaptureQueriesContext(connection) as captured:
            assert len(listed(rosa_client)) == 2 * number - 1
        counts.append(len(captured))

    assert counts == [4, 4]  # user, what runs on this host, length, page


@pytest.mark.parametrize("path", ["", f"/{NONE}"])
def test_not_for_strangers(anonymous: APIClient, path: str) -> None:
    assert anonymous.get(URL + path).status_code == 401


def test_one_sees_what_one_ordered(alice_client: APIClient, alice: User, charlie: User) -> None:
    own = batch_of({"ACME": "SUCCEEDED"}, started_by=alice)
    others = [batch_of({"ACME": "SUCCEEDED"}, started_by=charlie), batch_of({"ACME": "SUCCEEDED"})]

    assert listed(alice_client) == [str(own.uuid)]
    assert read(alice_client, own)["symbols"] == 1
    missing = alice_client.get(f"{URL}/{NONE}")
    for batch in others:
        response = alice_client.get(f"{URL}/{batch.uuid}")
        assert (
            (response.status_code, response.json()) == (missing.status_code, missing.json()) == (404, response.json())
        )


@pytest.mark.parametrize("name", [NONE, "x", "-" * 36])
def test_unknown_runs_are_not_found(rosa_client: APIClient, name: str) -> None:
    response = rosa_client.get(f"{URL}/{name}")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
