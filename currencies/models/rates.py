"""Exchange rates: one row a pair and day, always units of the quote currency for ONE of the base."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When

from currencies.models.currency import Currency
from finances.sync.models import SyncRun


class ExchangeRateQuerySet(models.QuerySet[Any]):
    def of_pair(self, base: str, quote: str) -> Self:
        return self.filter(base=base, quote=quote)

    def between(self, start: date | None, end: date | None) -> Self:
        """Both days inclusive."""
        bounds: dict[str, date] = {}
        if start is not None:
            bounds["day__gte"] = start
        if end is not None:
            bounds["day__lte"] = end
        return self.filter(**bounds)

    def touching(self, codes: Iterable[str]) -> Self:
        """Rates to or from any of `codes`."""
        wanted = list(codes)
        return self.filter(Q(base__in=wanted) | Q(quote__in=wanted))

    def seen_from(self, code: str) -> Self:
        """Rates to or from `code`, with the `other` currency; of a pair stored both ways only the one from it."""
        forward = ExchangeRate.objects.filter(base=code, quote=OuterRef("base"), day=OuterRef("day"))
        rows = self.filter(Q(base=code) | (Q(quote=code) & ~Exists(forward)))
        return rows.annotate(other=Case(When(base=code, then=F("quote")), default=F("base")))


class DailyRate(models.Model):
    """A day's rate as recorded by a run."""

    base = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+", db_index=False)
    quote = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    # SQLite keeps 15 significant digits of it; providers give 8 at most.
    quote_per_base = models.DecimalField(
        max_digits=36, decimal_places=18, help_text="Units of the quote currency for one of the base."
    )
    source = models.CharField(max_length=20, default="yahoo")
    run = models.ForeignKey(SyncRun, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.base_id}/{self.quote_id} {self.day}: {self.quote_per_base.normalize():f}"


class ExchangeRate(DailyRate):
    """The rate as known now; `run` tells when it was recorded."""

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "base", "quote"]
        # The key serves the series of a pair, the indexes its inverses and the few days before a valuation.
        indexes = [
            models.Index(fields=["quote", "day"], name="exchange_rate_quote_day"),
            models.Index(fields=["day"], name="exchange_rate_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["base", "quote", "day"], name="exchange_rate_one_per_day"),
            models.CheckConstraint(condition=Q(quote_per_base__gt=0), name="exchange_rate_positive"),
            models.CheckConstraint(condition=~Q(base=F("quote")), name="exchange_rate_two_currencies"),
        ]


class ExchangeRateRevision(DailyRate):
    """What a rate said before it was changed."""

    superseded_at = models.DateTimeField()

    class Meta:
        ordering = ["-superseded_at", "-pk"]
        indexes = [models.Index(fields=["base", "quote", "day"], name="exchange_rate_revision_day")]
