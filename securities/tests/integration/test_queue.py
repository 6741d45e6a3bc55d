"""Batches that workers do."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from finances.errors import YahooUnavailable
from finances.sync import queue, tasks
from finances.sync.leases import held_lease
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.tests.factories import batch_of
from finances.testing.yahoo import Script
from securities.models import Price

pytestmark = pytest.mark.django_db(transaction=True)
SYMBOLS = ["ACME", "BOLT", "CLAW"]


@pytest.fixture(autouse=True)
def _listed(fake_yahoo: Script) -> None:
    fake_yahoo.now = datetime(2022, 12, 29, 22, tzinfo=UTC)
    for symbol in SYMBOLS:
        fake_yahoo.add(symbol, closes={date(2022, 12, 27): 10.0, date(2022, 12, 28): 11.0})


def ordered(**facts: Any) -> SyncBatch:
    batch = queue.order(SyncBatch.Kind.PRICES, SYMBOLS, trigger=SyncRun.Trigger.API, **{"intervals": ["1d"], **facts})
    return SyncBatch.objects.get(pk=batch.pk)


def outcomes(batch: SyncBatch) -> list[tuple[Any, ...]]:
    return list(batch.runs.order_by("pk").values_list("symbol", "status", "bars_added"))


def test_without_a_broker_it_is_done_here(fake_yahoo: Script) -> None:
    fake_yahoo.fail("BOLT", YahooUnavailable())

    batch = ordered()

    assert (batch.status, batch.error_code, batch.is_queued) == ("FAILED", "yahoo_unavailable", True)
    assert outcomes(batch) == [("ACME", "SUCCEEDED", 2), ("BOLT", "FAILED", 0), ("CLAW", "SUCCEEDED", 2)]


def test_with_a_broker_each_symbol_is_a_message(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://broker"
    with patch.object(tasks.begin_batch, "apply_async") as begin, patch.object(tasks.sync_symbol, "delay") as sent:
        batch = ordered()
        begin.assert_called_once_with((str(batch.uuid),), argsrepr="(...)")
        tasks.begin_batch(str(batch.uuid))

    assert [call.args for call in sent.call_args_list] == [(str(batch.uuid), symbol) for symbol in SYMBOLS]
    assert batch.status == "PENDING"


def test_the_first_begins_it_and_the_last_ends_it(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://broker"
    with patch.object(tasks.begin_batch, "apply_async"):
        batch = ordered()

    states = []
    for symbol in SYMBOLS:
        tasks.sync_symbol(str(batch.uuid), symbol)
        batch.refresh_from_db()
        states.append((batch.status, batch.finished_at is None))

    assert states == [("RUNNING", True), ("RUNNING", True), ("SUCCEEDED", False)]
    assert Price.objects.count() == 6


def test_a_message_that_comes_again_does_nothing(fake_yahoo: Script) -> None:
    batch = ordered()
    finished, calls = batch.finished_at, list(fake_yahoo.calls)

    tasks.sync_symbol(str(batch.uuid), "ACME")

    batch.refresh_from_db()
    assert (batch.finished_at, fake_yahoo.calls) == (finished, calls)


def test_a_run_whose_worker_was_killed_is_done_by_another() -> None:
    states = {"ACME": "SUCCEEDED", "BOLT": "RUNNING", "CLAW": "PENDING"}
    batch = batch_of(states, status="RUNNING", is_queued=True, trigger="API")

    for symbol in SYMBOLS:
        tasks.sync_symbol(str(batch.uuid), symbol)

    batch.refresh_from_db()
    assert batch.status == "SUCCEEDED"
    assert outcomes(batch) == [("ACME", "SUCCEEDED", 0), ("BOLT", "SUCCEEDED", 2), ("CLAW", "SUCCEEDED", 2)]


def test_what_another_worker_is_at_is_left_to_it() -> None:
    batch = batch_of({"ACME": "RUNNING"}, status="RUNNING", is_queued=True)

    with held_lease("sync:ACME"):
        tasks.sync_symbol(str(batch.uuid), "ACME")

    batch.refresh_from_db()
    assert (batch.status, outcomes(batch)) == ("RUNNING", [("ACME", "RUNNING", 0)])


@pytest.mark.parametrize(("silent_for", "status"), [(179, "PENDING"), (181, "SUCCEEDED")])
def test_what_nobody_has_been_at_is_handed_over_again(silent_for: int, status: str) -> None:
    seen_at = timezone.now() - timedelta(seconds=silent_for)
    batch = batch_of({"ACME": "PENDING"}, status="PENDING", is_queued=True, seen_at=seen_at)

    queue.requeue_stalled()

    batch.refresh_from_db()
    assert batch.status == status


def test_while_workers_are_at_something_nothing_is_handed_over_again() -> None:
    hour_ago = timezone.now() - timedelta(hours=1)
    waiting = batch_of({"ACME": "PENDING"}, status="PENDING", is_queued=True, seen_at=hour_ago)
    batch_of({"BOLT": "RUNNING"}, status="RUNNING", is_queued=True)

    queue.requeue_stalled()

    waiting.refresh_from_db()
    assert waiting.status == "PENDING"


def test_a_broker_that_takes_nothing_leaves_it_to_this_process(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://broker"
    with (
        patch.object(tasks.begin_batch, "apply_async", side_effect=OperationalError),
        patch.object(tasks.sync_symbol, "delay", side_effect=OperationalError),
    ):
        batch = ordered()

    assert batch.status == "SUCCEEDED"
    assert outcomes(batch) == [(symbol, "SUCCEEDED", 2) for symbol in SYMBOLS]
