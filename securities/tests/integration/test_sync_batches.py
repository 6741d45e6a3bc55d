"""Each order to sync is a record: by command, back office or request."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from finances.errors import YahooUnavailable
from finances.sync.leases import SyncInProgress, held_lease
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.record import recorded_batch
from finances.sync.tests.factories import batch_of
from finances.testing.yahoo import Script
from finances.users.models import User
from securities.batch import sync_many

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _listed(fake_yahoo: Script) -> None:
    fake_yahoo.now = datetime(2022, 12, 29, 22, tzinfo=UTC)
    for symbol in ("ACME", "BOLT", "CLAW"):
        fake_yahoo.add(symbol, closes={date(2022, 12, 27): 10.0, date(2022, 12, 28): 11.0})


def run(*arguments: str) -> tuple[Any, int]:
    out = StringIO()
    try:
        call_command("sync_prices", *arguments, "--json", stdout=out, stderr=StringIO())
    except SystemExit as leaving:
        return json.loads(out.getvalue()), int(leaving.code or 0)
    return json.loads(out.getvalue()), 0


def outcomes(batch: SyncBatch) -> list[tuple[Any, ...]]:
    return list(batch.runs.order_by("pk").values_list("symbol", "status", "error_code", "bars_added"))


def cut_off(outcomes: dict[str, str], **facts: Any) -> SyncBatch:
    return batch_of(outcomes, **{"status": "RUNNING", "seen_at": timezone.now() - LONG_AGO, **facts})


def test_a_command_is_a_batch_with_a_row_a_symbol(fake_yahoo: Script) -> None:
    fake_yahoo.fail("BOLT", YahooUnavailable())

    run("ACME", "BOLT", "NOPE", "--interval", "1d", "--workers", "1")

    batch = SyncBatch.objects.get()
    assert (batch.kind, batch.scope, batch.trigger, batch.started_by) == ("PRICES", "SYMBOLS", "COMMAND", None)
    assert (batch.status, batch.error_code, batch.intervals) == ("FAILED", "", ["1d"])
    assert batch.finished_at is not None
    assert outcomes(batch) == [
        ("ACME", "SUCCEEDED", "", 2),
        ("BOLT", "FAILED", "yahoo_unavailable", 0),
        ("NOPE", "FAILED", "symbol_not_found", 0),
    ]


@pytest.mark.parametrize(("option", "scope"), [(["--all"], "ALL"), (["--stale", "0"], "STALE")])
def test_a_batch_tells_its_scope(option: list[str], scope: str) -> None:
    run("ACME")

    run(*option)

    batch = SyncBatch.objects.order_by("-pk")[0]
    assert (batch.scope, batch.status, outcomes(batch)) == (scope, "SUCCEEDED", [("ACME", "SUCCEEDED", "", 0)])


def test_a_request_is_a_batch_of_one(alice_client: APIClient, alice: User) -> None:
    alice_client.post("/api/v1/securities/ACME/sync", {"intervals": ["1d"]}, format="json")
    alice_client.post("/api/v1/securities/NOPE/sync")

    one, failed = SyncBatch.objects.order_by("pk")
    assert (one.status, one.trigger, one.started_by, one.intervals) == ("SUCCEEDED", "API", alice, ["1d"])
    assert outcomes(one) == [("ACME", "SUCCEEDED", "", 2)]
    assert (failed.status, failed.error_code) == ("FAILED", "symbol_not_found")


def test_what_cannot_be_begun_is_closed_with_its_reason() -> None:
    with held_lease("sync:ACME"):
        run("ACME")

    assert outcomes(SyncBatch.objects.get()) == [("ACME", "FAILED", "sync_in_progress", 0)]


def test_all_rows_are_there_before_the_first_is_begun(fake_yahoo: Script) -> None:
    lines = sync_many(["ACME", "BOLT", "CLAW"], intervals=("1d",), workers=1, trigger=SyncRun.Trigger.COMMAND)
    next(lines)
    assert SyncRun.objects.count() == 3

    lines.close()  # type: ignore[attr-defined]

    batch = SyncBatch.objects.get()
    assert batch.status == "INTERRUPTED"
    assert ("CLAW", "PENDING", "", 0) in outcomes(batch)


def test_resume_goes_on_with_what_was_left() -> None:
    left = cut_off({"ACME": "SUCCEEDED", "BOLT": "RUNNING", "CLAW": "PENDING", "NOPE": "FAILED"}, intervals=["1d"])

    printed, status = run("--resume")

    assert (status, [line["symbol"] for line in printed]) == (0, ["BOLT", "CLAW"])
    batch = SyncBatch.objects.order_by("-pk")[0]
    assert (batch.scope, batch.resumes, batch.intervals, batch.status) == ("RESUMED", left, ["1d"], "SUCCEEDED")


def test_resume_takes_the_newest_that_nobody_has_resumed() -> None:
    now = timezone.now()
    cut_off({"ACME": "PENDING"}, started_at=now - LONG_AGO)
    cut_off({"BOLT": "PENDING"}, started_at=now)
    batch_of({"CLAW": "PENDING"}, started_at=now, status="RUNNING")  # still at work
    cut_off({"CLAW": "PENDING"}, started_at=now, trigger="API")
    cut_off({"CLAW": "PENDING"}, started_at=now, kind="RATES")
    cut_off({"CLAW": "FAILED"}, started_at=now)

    resumed = [[line["symbol"] for line in run("--resume")[0]] for _ in range(3)]

    assert resumed == [["BOLT"], ["ACME"], []]


def test_a_resumed_symbol_can_fail(fake_yahoo: Script) -> None:
    cut_off({"ACME": "PENDING"})
    fake_yahoo.fail("ACME", YahooUnavailable())

    assert run("--resume")[1] == 1


def test_nobody_resumes_the_same_twice() -> None:
    left = cut_off({"ACME": "PENDING"})
    again: dict[str, Any] = {"trigger": SyncRun.Trigger.COMMAND, "resumes": left}
    first, second = (recorded_batch(SyncBatch.Kind.PRICES, ["ACME"], **again) for _ in range(2))

    with first, pytest.raises(SyncInProgress):
        second.__enter__()

    assert SyncBatch.objects.filter(resumes=left).count() == 1


@pytest.mark.parametrize("arguments", [["--resume", "ACME"], ["--resume", "--all"], ["--resume", "--interval", "1h"]])
def test_resume_stands_alone(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)
