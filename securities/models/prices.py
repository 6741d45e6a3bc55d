"""Bars: one lean row each, as traded."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from finances.sync.models import SyncRun


class PriceQuerySet(models.QuerySet[Any]):
    def of(self, security: Any, interval: int) -> Self:
        return self.filter(security=security, interval=interval)

    def between(self, start: datetime | None, end: datetime | None) -> Self:
        """From `start` to before `end`."""
        bounds: dict[str, datetime] = {}
        if start is not None:
            bounds["ts__gte"] = start
        if end is not None:
            bounds["ts__lt"] = end
        return self.filter(**bounds)

    def newest_first(self) -> Self:
        return self.order_by("-ts")


class Bar(models.Model):
    """The figures of one bar, as traded, in the security's (major) currency."""

    class Interval(models.IntegerChoices):
        """In minutes. A week is aggregated when read, since a split inside it could not be undone."""

        MINUTE = 1, "1m"
        HOUR = 60, "1h"
        DAY = 1440, "1d"

    security = models.ForeignKey("securities.Security", on_delete=models.CASCADE, related_name="+", db_index=False)
    interval = models.SmallIntegerField(choices=Interval)
    ts = models.DateTimeField("time", help_text="Start of the bar; of a day, its exchange date at 00:00 UTC.")
    open = models.FloatField(null=True)
    high = models.FloatField(null=True)
    low = models.FloatField(null=True)
    close = models.FloatField()
    volume = models.BigIntegerField(null=True)
    run = models.ForeignKey(SyncRun, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.security_id} {self.get_interval_display()} {self.ts:%Y-%m-%d %H:%M}: {self.close}"


class Price(Bar):
    """The bar as known now. `run` gives its source and when it was recorded."""

    # The key is all the index there is: every read is a range of it.
    pk = models.CompositePrimaryKey("security", "interval", "ts")
    security = models.ForeignKey("securities.Security", on_delete=models.CASCADE, related_name="prices", db_index=False)
    provisional = models.BooleanField(default=False, help_text="The session was still open.")

    objects = PriceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(high__gte=F("low")), name="price_high_not_below_low"),
        ]


class PriceRevision(Bar):
    """What a settled bar said before it was changed."""

    superseded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["security", "interval", "ts"], name="price_revision_bar")]
