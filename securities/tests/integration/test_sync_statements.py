"""What a sync costs in statements: those that begin and end transactions are counted too."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.sync.models import SyncBatch, SyncRun
from finances.sync.record import recorded_batch
from finances.testing.yahoo import Script
from finances.yahoo.types import DividendEvent, SplitEvent
from securities.models import Dividend, Price, Security, Split
from securities.sync import SyncResult, sync_security

pytestmark = pytest.mark.django_db(transaction=True)

UNCHANGED, OF_A_BATCH, FIRST = (15, 13, 23) if connection.vendor == "postgresql" else (15, 13, 24)
DAYS = [date(2020, 6, 1) + timedelta(days=number) for number in range(90)]


@pytest.fixture(autouse=True)
def listings(fake_yahoo: Script) -> Script:
    fake_yahoo.now = datetime(2020, 9, 10, 22, tzinfo=UTC)
    for symbol, dividends in (("ACME", 9), ("BOLT", 1)):
        fake_yahoo.add(
            symbol,
            closes={day: 100.0 + number for number, day in enumerate(DAYS)},
            splits=[SplitEvent(date(2020, 5, 4), 2, 1)],
            dividends=[DividendEvent(day, Decimal("0.25")) for day in DAYS[5::10][:dividends]],
        )
    return fake_yahoo


def sync(symbol: str = "ACME", batch: SyncBatch | None = None) -> tuple[SyncResult, int]:
    with CaptureQueriesContext(connection) as captured:
        result = sync_security(symbol, trigger=SyncRun.Trigger.COMMAND, batch=batch)
    return result, len(captured)


def test_an_unchanged_symbol() -> None:
    sync()

    result, statements = sync()

    assert (result.bars_added, result.bars_changed) == (0, 0)
    assert (Price.objects.count(), Split.objects.count(), Dividend.objects.count()) == (90, 1, 9)
    assert statements == UNCHANGED


def test_an_unchanged_symbol_of_a_batch() -> None:
    sync()
    with recorded_batch(SyncBatch.Kind.PRICES, ["ACME"], trigger=SyncRun.Trigger.COMMAND) as batch:
        _, statements = sync(batch=batch)

    assert statements == OF_A_BATCH


def test_a_first_sync_costs_the_same_for_nine_dividends_as_for_one() -> None:
    sync("BOLT")  # with its currency
    Security.objects.all().delete()

    (one, for_one), (nine, for_nine) = sync("BOLT"), sync("ACME")

    assert (one.bars_added, nine.bars_added, Dividend.objects.count()) == (90, 90, 10)
    assert for_one == for_nine == FIRST
