"""What an account was worth on a day, as recorded by its owner."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from accounts.models.exact import ExactDecimalField
from finances.statements import Parameter

if TYPE_CHECKING:
    from finances.users.models import User


class AccountValueQuerySet(models.QuerySet[Any]):
    def for_user(self, user: "User | Parameter") -> Self:
        return self.filter(account__owner=user)

    def between(self, start: date | Parameter | None, end: date | Parameter | None) -> Self:
        """Both inclusive."""
        bounds = {"value_date__gte": start, "value_date__lte": end}
        return self.filter(**{bound: day for bound, day in bounds.items() if day is not None})


class Valued(models.Model):
    """Money in the account's currency; of a liability, the positive amount owed (negative: a credit)."""

    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    value_date = models.DateField()
    value = ExactDecimalField(max_digits=24, decimal_places=8)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.value} on {self.value_date}"


class AccountValue(Valued):
    """The current value of a day. `recorded_at` is when this figure came in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="values", db_index=False)

    objects = AccountValueQuerySet.as_manager()

    class Meta:
        ordering = ["-value_date", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "value_date"], name="account_value_one_per_day"),
        ]


class AccountValueRevision(Valued):
    """What a day's value was before it was amended or deleted."""

    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="revisions", db_index=False)
    superseded_at = models.DateTimeField()

    class Meta:
        ordering = ["-superseded_at", "-pk"]
        indexes = [models.Index(fields=["account", "value_date"], name="account_value_revision_day")]
