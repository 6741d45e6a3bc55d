"""Securities held in an account."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from accounts.models.account import Account
from accounts.models.exact import ExactDecimalField
from finances.models import TimestampedModel
from securities.models import Bar, Price

if TYPE_CHECKING:
    from accounts.holding_figures import HoldingFigures
    from finances.users.models import User


class HoldingQuerySet(models.QuerySet[Any]):
    def for_user(self, user: "User") -> Self:
        return self.filter(account__owner=user)

    def with_latest_price(self) -> Self:
        """Adds last_close, as traded, and price_at of the security's last stored day, by index look-ups."""
        latest = Price.objects.filter(security=OuterRef("security"), interval=Bar.Interval.DAY).order_by("-ts")
        return self.annotate(
            last_close=Subquery(latest.values("close")[:1]), price_at=Subquery(latest.values("ts")[:1])
        )


class Holding(TimestampedModel):
    """Quantity in today's units, as its owner states it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="holdings", db_index=False)
    # RESTRICT, not PROTECT, which would keep a user who holds a security of their own from being deleted.
    security = models.ForeignKey("securities.Security", on_delete=models.RESTRICT, related_name="holdings")
    quantity = ExactDecimalField(max_digits=30, decimal_places=12)
    average_cost = ExactDecimalField(
        max_digits=24, decimal_places=8, null=True, blank=True, help_text="Per unit, in the security's currency."
    )
    acquired_on = models.DateField(null=True, blank=True)

    objects = HoldingQuerySet.as_manager()

    # Present on rows that came through with_latest_price.
    last_close: float | None
    price_at: datetime | None
    # Present on rows that were valued.
    figures: "HoldingFigures"

    class Meta:
        ordering = ["account", "security", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "security"], name="holding_one_per_security"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="holding_quantity_positive"),
            models.CheckConstraint(
                condition=Q(average_cost=None) | Q(average_cost__gte=0), name="holding_cost_not_negative"
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
