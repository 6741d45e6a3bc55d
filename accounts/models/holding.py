"""Securities held in an account."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models.account import Account
from accounts.models.exact import ExactDecimalField
from finances.models import TimestampedModel
from finances.statements import Parameter
from securities.models import Bar, Price, Split

if TYPE_CHECKING:
    from finances.users.models import User


SPLIT_STATES = 1000
"""More current split rows than one security ever has."""


class HoldingQuerySet(models.QuerySet[Any]):
    def for_user(self, user: "User | Parameter") -> Self:
        return self.filter(account__owner=user)

    def listed_symbols(self) -> list[str]:
        """What of it can be synced, each once."""
        listed = self.filter(security__owner=None, security__is_active=True).order_by("security__symbol")
        return list(listed.values_list("security__symbol", flat=True).distinct())

    def with_splits_now(self) -> Self:
        """Adds splits_now, which is splits_state as long as the security's stored splits are those it was counted with.

        The newest current row and how many there are: rows are only ever added or superseded, so that two different
        sets never have both alike one after the other. An index look-up a row.
        """
        rows = Split.objects.current().filter(security=OuterRef("security")).order_by().values("security")
        state = rows.annotate(state=Max("pk") * SPLIT_STATES + Count("pk")).values("state")
        return self.annotate(splits_now=Coalesce(Subquery(state, output_field=models.BigIntegerField()), 0))

    def with_price_and_splits(self) -> Self:
        """Adds last_close, as traded, and price_at of the security's last stored day, and its splits that change
        quantities, each [ex-date, numerator, denominator]; by index look-ups."""
        latest = Price.objects.filter(security=OuterRef("security"), interval=Bar.Interval.DAY).order_by("-ts")
        splits = Split.objects.of_quantities().filter(security=OuterRef("security"))
        return self.annotate(
            last_close=Subquery(latest.values("close")[:1]),
            price_at=Subquery(latest.values("ts")[:1]),
            splits=Subquery(splits.as_json()),
        )


class Holding(TimestampedModel):
    """What the ledger comes to today, counted at each change of it (`accounts.ledger.projection`); never written by
    itself. A position that is sold has no row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="holdings", db_index=False)
    # RESTRICT, not PROTECT, which would keep a user who holds a security of their own from being deleted.
    security = models.ForeignKey("securities.Security", on_delete=models.RESTRICT, related_name="holdings")
    quantity = ExactDecimalField(max_digits=30, decimal_places=12)
    average_cost = ExactDecimalField(
        max_digits=24, decimal_places=8, null=True, blank=True, help_text="Per unit, in the security's currency."
    )
    cost = ExactDecimalField(
        max_digits=54, decimal_places=20, null=True, blank=True, help_text="Of all units, in the security's currency."
    )
    acquired_on = models.DateField(null=True, blank=True, help_text="Of the oldest lot.")
    splits_state = models.BigIntegerField(default=0, help_text="The security's splits with which it was counted.")
    recount_on = models.DateField(null=True, blank=True, help_text="Ex-date of the next split that was announced.")

    objects = HoldingQuerySet.as_manager()

    # Present on rows that came through with_price_and_splits.
    last_close: float | None
    price_at: datetime | None
    splits: list[tuple[str, int, int]] | None
    # Present on rows that came through with_splits_now.
    splits_now: int

    class Meta:
        ordering = ["account", "security", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "security"], name="holding_one_per_security"),
            models.CheckConstraint(condition=~Q(quantity=0), name="holding_quantity_not_zero"),
            models.CheckConstraint(
                # A short's may be: charges above what it was sold for.
                condition=Q(average_cost=None) | Q(average_cost__gte=0) | Q(quantity__lt=0),
                name="holding_cost_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.security} in {self.account}"

    @property
    def currency_id(self) -> str:
        """Of its costs and figures."""
        return str(self.security.currency_id)

    def clean(self) -> None:
        if hasattr(self, "account") and not self.account.may_hold_securities:
            raise ValidationError({"account": "Only investment, retirement and crypto accounts hold securities."})
        chosen = hasattr(self, "account") and hasattr(self, "security")
        if chosen and self.security.owner_id not in (None, self.account.owner_id):
            raise ValidationError({"security": "This security belongs to another user."})
