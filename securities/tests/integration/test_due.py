"""What the schedule orders."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from finances.sync.models import SyncBatch, SyncRun
from finances.sync.tests.factories import batch_of
from finances.testing.yahoo import Script
from securities import due
from securities.due import due_symbols
from securities.tests.factories import SecurityFactory, store_closes

# Wednesday; New York closes at 21:00 UTC.
EVENING = datetime(2022, 12, 28, 21, 31, tzinfo=UTC)


def listed(symbol: str, **facts: Any) -> Any:
    return SecurityFactory.create(symbol=symbol, **{"exchange": "NasdaqGS", **facts})


@pytest.fixture(autouse=True)
def _closes(monkeypatch: pytest.MonkeyPatch) -> None:
    closes = [datetime(2022, 12, day, 21, tzinfo=UTC) for day in (27, 28)]
    monkeypatch.setattr(due, "last_close", lambda code, now: max(c for c in closes if c <= now))


@pytest.mark.parametrize(
    ("now", "synced", "is_due"),
    [
        (EVENING, datetime(2022, 12, 28, 20, tzinfo=UTC), True),
        (EVENING, datetime(2022, 12, 28, 21, 29, tzinfo=UTC), False),  # tried within the hour
        (EVENING + timedelta(hours=2), datetime(2022, 12, 28, 21, 29, tzinfo=UTC), True),  # before it had settled
        (EVENING + timedelta(hours=2), datetime(2022, 12, 28, 21, 30, tzinfo=UTC), False),
        (EVENING - timedelta(minutes=2), datetime(2022, 12, 28, 20, tzinfo=UTC), False),  # not settled yet
        (EVENING - timedelta(minutes=2), datetime(2022, 12, 27, 20, tzinfo=UTC), True),
        (EVENING, None, True),
    ],
)
def test_after_the_close(now: datetime, synced: datetime | None, is_due: bool) -> None:
    listed("ACME", last_synced_at=synced)

    assert list(due_symbols(now=now)) == (["ACME"] if is_due else [])


def test_without_a_calendar_a_day_counts() -> None:
    listed("OLD", exchange="Nowhere", last_synced_at=EVENING - timedelta(hours=25))
    listed("NEW", exchange="Nowhere", last_synced_at=EVENING - timedelta(hours=23))

    assert list(due_symbols(now=EVENING)) == ["OLD"]


def test_the_stalest_first_and_what_is_left_out(alice: Any) -> None:
    week, month = EVENING - timedelta(days=7), EVENING - timedelta(days=30)
    listed("WEEK", last_synced_at=week)
    listed("MONTH", last_synced_at=month)
    listed("NEVER", last_synced_at=None)
    listed("OFF", last_synced_at=week, is_active=False)
    listed("OWN", last_synced_at=None, owner=alice)
    listed("GONE", last_synced_at=week)
    listed("TRIED", last_synced_at=week)
    listed("QUEUED", last_synced_at=week)
    gone = batch_of({"GONE": "FAILED"}, started_at=EVENING - timedelta(days=6))
    SyncRun.objects.filter(batch=gone).update(error_code="symbol_not_found")
    batch_of({"TRIED": "FAILED"}, started_at=EVENING - timedelta(minutes=59))
    batch_of({"WEEK": "FAILED"}, started_at=EVENING - timedelta(minutes=61))
    batch_of({"QUEUED": "PENDING"}, started_at=EVENING - timedelta(hours=3), status="PENDING", is_queued=True)

    assert list(due_symbols(now=EVENING)) == ["NEVER", "MONTH", "WEEK"]


@pytest.mark.django_db(transaction=True)
def test_it_is_ordered_and_done(fake_yahoo: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_yahoo.now = EVENING
    fake_yahoo.add("ACME", closes={EVENING.date(): 10.0})
    listed("ACME", last_synced_at=None)

    due.order_due()
    due.order_due()

    batch = SyncBatch.objects.get()
    assert (batch.scope, batch.trigger, batch.status, batch.is_queued) == ("STALE", "SCHEDULE", "SUCCEEDED", True)
    assert list(batch.runs.values_list("symbol", "status", "bars_added")) == [("ACME", "SUCCEEDED", 1)]


@pytest.mark.django_db(transaction=True)
def test_gaps_are_refilled_once_a_month(fake_yahoo: Script) -> None:
    fake_yahoo.now = EVENING
    stored = {date(2022, 12, 26): 10.0, date(2022, 12, 28): 10.0}
    for symbol in ("EURUSD=X", "USDEUR=X"):
        fake_yahoo.add(symbol, closes={**stored, date(2022, 12, 27): 10.0})
        security = listed(symbol, security_type="CURRENCY", last_synced_at=EVENING)
        store_closes(security, stored)
    batch_of({"USDEUR=X": "SUCCEEDED"}, scope="GAPS", started_at=timezone.now() - timedelta(days=29))

    due.order_gaps()

    batch = SyncBatch.objects.latest("pk")
    assert (batch.scope, batch.refresh) == ("GAPS", True)
    assert list(batch.runs.values_list("symbol", "status", "bars_added")) == [("EURUSD=X", "SUCCEEDED", 1)]
