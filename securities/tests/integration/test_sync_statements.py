"""What a sync costs in statements: those that begin and end transactions are counted too."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.sync.models import SyncBatch, SyncRun
from finances.sync.record import recorded_batch
from finances.testing.yahoo import Script
from finances.yahoo.types import DividendEvent, SplitEvent
from securities.models import Dividend, Price, Split
from securities.sync import SyncResult, sync_security

pytestmark = pytest.mark.django_db(transaction=True)

DAYS = [date(2020, 6, 1) + timedelta(days=number) for number in range(90)]


@pytest.fixture(autouse=True)
def acme(fake_yahoo: Script) -> Script:
    from decimal import Decimal

    fake_yahoo.now = datetime(2020, 9, 10, 22, tzinfo=UTC)
    fake_yahoo.add(
        "ACME",
        closes={day: 100.0 + number for number, day in enumerate(DAYS)},
        splits=[SplitEvent(date(2020, 5, 4), 2, 1)],
        dividends=[DividendEvent(day, Decimal("0.25"), "ordinary", "USD") for day in DAYS[5::10]],
    )
    return fake_yahoo


def sync(batch: SyncBatch | None = None) -> tuple[SyncResult, int]:
    with CaptureQueriesContext(connection) as captured:
        result = sync_security("ACME", trigger=SyncRun.Trigger.COMMAND, batch=batch)
    return result, len(captured)


def test_an_unchanged_symbol_costs_15_statements() -> None:
    sync()

    result, statements = sync()

    assert (result.bars_added, result.bars_changed) == (0, 0)
    assert (Price.objects.count(), Split.objects.count(), Dividend.objects.count()) == (90, 1, 9)
    assert statements <= 15


def test_an_unchanged_symbol_of_a_batch_costs_14() -> None:
    sync()
    with recorded_batch(SyncBatch.Kind.PRICES, ["ACME"], trigger=SyncRun.Trigger.COMMAND) as batch:
        _, statements = sync(batch)

    assert statements <= 14


def test_a_first_sync_costs_the_same_for_many_events() -> None:
    result, statements = sync()

    assert (result.bars_added, Split.objects.count(), Dividend.objects.count()) == (90, 1, 9)
    assert statements <= 32
