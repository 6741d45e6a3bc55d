from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from finances.errors import YahooUnavailable
from finances.sync.batch import Line, run_many
from finances.sync.models import SyncBatch
from finances.sync.tests.factories import batch_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_symbol_is_a_sign_of_life_unless_the_last_is_recent() -> None:
    now = timezone.now()
    batch = batch_of({"ACME": "PENDING", "BOLT": "PENDING"}, status="RUNNING", seen_at=now - timedelta(minutes=1))
    seen = []

    def sync_one(symbol: str) -> tuple[int, int, int]:
        seen.append(SyncBatch.objects.get().seen_at)
        SyncBatch.objects.update(seen_at=datetime(2022, 12, 28, tzinfo=UTC))
        return 1, 0, 0

    assert list(run_many(["ACME", "BOLT"], sync_one, workers=1, batch=batch)) == [Line("ACME", 1), Line("BOLT", 1)]
    assert [moment >= now for moment in seen] == [True, False]


def test_what_fails_before_it_is_begun_is_closed() -> None:
    batch = batch_of({"ACME": "PENDING", "BOLT": "PENDING", "CLAW": "SUCCEEDED"}, status="RUNNING")

    def sync_one(symbol: str) -> tuple[int, int, int]:
        raise YahooUnavailable if symbol == "ACME" else ValueError

    list(run_many(["ACME", "BOLT"], sync_one, workers=1, batch=batch))

    assert list(batch.runs.order_by("pk").values_list("status", "error_code")) == [
        ("FAILED", "yahoo_unavailable"), ("FAILED", "internal_error"), ("SUCCEEDED", ""),
    ]  # fmt: skip
