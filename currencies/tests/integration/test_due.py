"""Rates are ordered once a fixing is out."""

from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from currencies import due
from finances.sync.models import SyncBatch
from finances.sync.tests.factories import batch_of


@pytest.mark.parametrize(
    ("now", "fixing"),
    [
        (datetime(2022, 12, 28, 15, 15, tzinfo=UTC), datetime(2022, 12, 28, 15, 15, tzinfo=UTC)),
        (datetime(2022, 12, 28, 15, 14, tzinfo=UTC), datetime(2022, 12, 27, 15, 15, tzinfo=UTC)),
        (datetime(2022, 7, 1, 14, 15, tzinfo=UTC), datetime(2022, 7, 1, 14, 15, tzinfo=UTC)),  # summer time
        (datetime(2023, 1, 2, 9, tzinfo=UTC), datetime(2022, 12, 30, 15, 15, tzinfo=UTC)),  # Monday morning
    ],
)
def test_the_last_fixing(now: datetime, fixing: datetime) -> None:
    assert due.last_fixing(now) == fixing


@pytest.mark.parametrize(("hour", "orders"), [(15, 1), (16, 0)])
def test_once_a_fixing(hour: int, orders: int) -> None:
    batch_of({"EURUSD=X": "FAILED"}, kind="RATES", started_at=datetime(2022, 12, 28, hour, tzinfo=UTC))
    with (
        patch("django.utils.timezone.now", return_value=datetime(2022, 12, 28, 18, tzinfo=UTC)),
        patch.object(due, "default_quotes", return_value=["USD", "GBP"]),
        patch("finances.sync.queue.hand_over"),
    ):
        due.order_due()

    ordered = SyncBatch.objects.filter(trigger="SCHEDULE")
    assert [list(batch.runs.order_by("pk").values_list("symbol", flat=True)) for batch in ordered] == [
        ["EURUSD=X", "EURGBP=X"]
    ] * orders
