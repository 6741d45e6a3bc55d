"""Answers kept under the keys that clients give their writes."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q

from finances.models import OwnedModel

KEPT = timedelta(hours=24)


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def expired(self, now: datetime) -> Self:
        """Kept long enough, or claimed by a request that never ended."""
        return self.filter(Q(created_at__lte=now - KEPT) | Q(status=None, claimed_until__lte=now))


class IdempotencyKey(OwnedModel):
    """One write of its owner: which request, and, once it is done, the answer.

    The row is written in the transaction of the write, so that either both are there or neither. A write that calls
    others over the network has no such transaction: its row is committed first and claimed up to a moment, after which
    the process is taken for dead.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    created_at = models.DateTimeField(db_index=True)
    claimed_until = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers: Any = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="idempotency_key_of_owner")]

    def __str__(self) -> str:
        return self.key
