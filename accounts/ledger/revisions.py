"""What a transaction said before."""

import uuid
from typing import Any

from django.db.models import F, QuerySet

from accounts.ledger.entries import column_of_revision
from accounts.models import Transaction, TransactionRevision


def past_versions(pk: uuid.UUID, columns: tuple[str, ...]) -> "QuerySet[Any, tuple[Any, ...]]":
    """Tuples of `columns`, superseded_at and reason, newest first: what was amended, and at last what was voided."""
    replaced = TransactionRevision.objects.filter(transaction=pk).order_by().values_list(
        *(column_of_revision(name) for name in columns), "superseded_at", "reason"
    )  # fmt: skip
    voided = Transaction.objects.filter(pk=pk).order_by().exclude(voided_at=None).annotate(ended_at=F("voided_at"))
    voided = voided.annotate(why=F("void_reason")).values_list(*columns, "ended_at", "why")
    return replaced.union(voided, all=True).order_by("-superseded_at")
