import uuid
from typing import Any

import factory
from django.utils import timezone

from finances.sync.models import SyncBatch, SyncRun


class SyncBatchFactory(factory.django.DjangoModelFactory[SyncBatch]):
    class Meta:
        model = SyncBatch

    kind = SyncBatch.Kind.PRICES
    intervals = ["1d"]
    trigger = SyncRun.Trigger.COMMAND
    started_at = factory.LazyFunction(timezone.now)
    status = SyncRun.Status.SUCCEEDED
    host = "elsewhere"
    pid = 1
    process = factory.LazyFunction(uuid.uuid4)


def batch_of(outcomes: dict[str, str], **facts: Any) -> SyncBatch:
    """batch_of({"ACME": "SUCCEEDED"}): each symbol with its status."""
    batch: SyncBatch = SyncBatchFactory.create(**facts)
    for symbol, status in outcomes.items():
        SyncRun.objects.create(
            batch=batch, symbol=symbol, status=status, trigger=batch.trigger, started_at=batch.started_at
        )
    return batch
