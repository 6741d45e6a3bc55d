"""What a sync held back, or noted, for staff to decide."""

import uuid
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When

from finances.sync.models import SyncRun
from securities.models.prices import Bar

if TYPE_CHECKING:
    from securities.models.security import Security


class ReviewQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        return self.filter(status=Review.Status.OPEN)

    def decided(self) -> Self:
        return self.filter(status__in=[Review.Status.ACCEPTED, Review.Status.CORRECTED, Review.Status.REJECTED])

    def of_bars(self) -> Self:
        """Those that hold back a whole response."""
        return self.filter(reason__in=Review.BAR_REASONS)

    def remembered(self, security: "Security") -> Self:
        """All of a security, the latest last, without the bulky responses."""
        return self.filter(security=security).defer("response").order_by("pk")


class Review(models.Model):
    """One suspicion about an answer of the provider: the figures, the reason, and what staff made of it.

    A suspicion of bars holds back the whole response, one of a dividend that dividend alone; a possible split holds
    back nothing.
    """

    class Reason(models.TextChoices):
        EMPTY_HISTORY = "empty_history", "Empty history"
        TRUNCATED_HISTORY = "truncated_history", "Truncated history"
        IMPOSSIBLE_PRICE = "impossible_price", "Impossible price"
        HIGH_BELOW_LOW = "high_below_low", "High below low"
        CLOSE_OUTSIDE_RANGE = "close_outside_range", "Close outside the day's range"
        JUMP = "jump", "Jump"
        UNIT_FLIP = "unit_flip", "Change of unit"
        FUTURE_DATE = "future_date", "Date in the future"
        CURRENCY_CHANGE = "currency_change", "Another currency"
        DUPLICATE_TIMESTAMPS = "duplicate_timestamps", "One time twice"
        RESTATED_HISTORY = "restated_history", "Restated history"
        HIDDEN_SPLIT = "hidden_split", "Split applied, not listed"
        UNAPPLIED_SPLIT = "unapplied_split", "Split listed, not applied"
        POSSIBLE_SPLIT = "possible_split", "Possible split"
        DIVIDEND_UNIT = "dividend_unit", "Dividend in another unit"
        LARGE_DIVIDEND = "large_dividend", "Large dividend"
        PHANTOM_DIVIDEND = "phantom_dividend", "Dividend listed twice"

    class Status(models.TextChoices):
        OPEN = "OPEN", "Open"
        ACCEPTED = "ACCEPTED", "Accepted"
        CORRECTED = "CORRECTED", "Corrected"
        REJECTED = "REJECTED", "Rejected"
        OUTDATED = "OUTDATED", "Outdated: a later answer was in order"

    DIVIDEND_REASONS = (Reason.DIVIDEND_UNIT, Reason.LARGE_DIVIDEND, Reason.PHANTOM_DIVIDEND)
    BAR_REASONS = tuple(
        reason
        for reason in Reason
        if reason not in ("dividend_unit", "large_dividend", "phantom_dividend", "possible_split")
    )

    OPEN_FIRST = (Case(When(status=Status.OPEN, then=Value(0)), default=Value(1)), "-pk")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    security = models.ForeignKey("securities.Security", on_delete=models.CASCADE, related_name="reviews")
    run = models.ForeignKey(
        SyncRun, on_delete=models.PROTECT, related_name="+", db_index=False, help_text="The latest that met it."
    )
    interval = models.SmallIntegerField(choices=Bar.Interval)
    reason = models.CharField(max_length=20, choices=Reason)
    detail = models.CharField(max_length=300)
    evidence = models.JSONField(
        help_text="What it is about: bars as [time, close] pairs, or one dividend. Met again, it is recognised by this."
    )
    response = models.JSONField(null=True, help_text="The whole answer as recovered, where it is held back.")
    proposal = models.JSONField(
        null=True, blank=True, help_text="The correction that would be applied, if one is plain."
    )
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["status", "-id"], name="review_status")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["OPEN", "OUTDATED"], decided_at=None)
                | Q(status__in=["ACCEPTED", "CORRECTED", "REJECTED"], decided_at__isnull=False),
                name="review_decided_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.security}: {self.get_reason_display()}"

    @property
    def holds_bars(self) -> bool:
        return self.reason in self.BAR_REASONS
