"""Rates that look wrong, held back until staff decide."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from currencies.models.currency import Currency
from finances.sync.models import SyncRun


class QuarantineQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        return self.filter(status=QuarantinedRates.Status.OPEN)

    def of_series(self, base: str, quote: str, source: str) -> Self:
        return self.filter(base=base, quote=quote, source=source)


class QuarantinedRates(models.Model):
    """What a run would not store of one pair, for one reason. Nothing that reads rates sees it."""

    class Reason(models.TextChoices):
        IMPOSSIBLE = "impossible", "No rate can be this"
        FUTURE = "future", "Of a day that had not come"
        JUMP = "jump", "Twenty times the rate before, or a twentieth"
        FLIPPED = "flipped", "The inverse of the rate before"
        RESTATED = "restated", "Another series than the one stored"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"

    STORABLE = (Reason.JUMP, Reason.FLIPPED, Reason.RESTATED)
    """Others can only be rejected."""

    base = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+", db_index=False)
    quote = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=20)
    run = models.ForeignKey(
        SyncRun, on_delete=models.PROTECT, related_name="+", db_index=False, help_text="The last that met them."
    )
    reason = models.CharField(max_length=10, choices=Reason)
    rates = models.JSONField(help_text="[day, units of the quote for one of the base], ascending.")
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = QuarantineQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "quarantined rates"
        constraints = [
            models.UniqueConstraint(
                fields=["base", "quote", "source", "reason"],
                condition=Q(status="open"),
                name="quarantined_rates_one_open",
            ),
            models.CheckConstraint(condition=~Q(base=F("quote")), name="quarantined_rates_two_currencies"),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None) | Q(~Q(status="open"), decided_at__isnull=False),
                name="quarantined_rates_decided_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base_id}/{self.quote_id}: {self.get_reason_display()}"
