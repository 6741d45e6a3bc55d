"""Exchange rates: one row a pair, day and source, always units of the quote currency for ONE of the base."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When

from currencies.models.currency import Currency
from finances.statements import Parameter
from finances.sync.models import SyncRun


class ExchangeRateQuerySet(models.QuerySet[Any]):
    def of_pair(self, base: str, quote: str) -> Self:
        return self.filter(base=base, quote=quote)

    def between(self, start: date | Parameter | None, end: date | Parameter | None) -> Self:
        """Both days inclusive."""
        bounds: dict[str, date | Parameter] = {}
        if start is not None:
            bounds["day__gte"] = start
        if end is not None:
            bounds["day__lte"] = end
        return self.filter(**bounds)

    def touching(self, codes: Iterable[str]) -> Self:
        """Rates to or from any of `codes`."""
        wanted = list(codes)
        return self.filter(Q(base__in=wanted) | Q(quote__in=wanted))

    def known(self, at: datetime | None) -> Self:
        """With `rate_then`: what was known at that moment, of rows that were; all as known now for None."""
        if at is None:
            return self
        key = {name: OuterRef(name) for name in ("base", "quote", "day", "source")}
        replaced = ExchangeRateRevision.objects.filter(**key, run__recorded_at__lte=at, superseded_at__gt=at)
        then = Case(
            When(run__recorded_at__lte=at, then=F("quote_per_base")),
            default=Subquery(replaced.order_by().values("quote_per_base")[:1]),
        )
        return self.annotate(rate_then=then).filter(rate_then__isnull=False)

    def preferred(self, known_at: datetime | None = None) -> Self:
        """Of several sources' rates of one pair and day the one that settings.RATE_SOURCES names first; sources that it
        does not name come last, by name."""
        same = ExchangeRate.objects.known(known_at).filter(
            base=OuterRef("base"), quote=OuterRef("quote"), day=OuterRef("day")
        )
        better = Q(rank__lt=OuterRef("rank")) | Q(rank=OuterRef("rank"), source__lt=OuterRef("source"))
        return self.alias(rank=_rank()).exclude(Exists(same.alias(rank=_rank()).filter(better)))

    def seen_from(self, code: str | Parameter, known_at: datetime | None = None) -> Self:
        """Rates to or from `code`, with the `other` currency; of a pair stored both ways only the one from it."""
        forward = ExchangeRate.objects.known(known_at).filter(base=code, quote=OuterRef("base"), day=OuterRef("day"))
        rows = self.filter(Q(base=code) | (Q(quote=code) & ~Exists(forward)))
        return rows.annotate(other=Case(When(base=code, then=F("quote")), default=F("base")))


def _rank() -> Case:
    """A source's place in the precedence, from 0."""
    sources = settings.RATE_SOURCES
    places = [When(source=source, then=Value(place)) for place, source in enumerate(sources)]
    return Case(*places, default=Value(len(sources)), output_field=IntegerField())


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

    # Present on rows that came through known.
    rate_then: Decimal

    class Meta:
        ordering = ["-day", "base", "quote"]
        # The key serves the series of a pair, the indexes what goes to or from a currency in a few days.
        indexes = [
            models.Index(fields=["quote", "day"], name="exchange_rate_quote_day"),
            models.Index(fields=["base", "day"], name="exchange_rate_base_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["base", "quote", "day", "source"], name="exchange_rate_one_per_day"),
            models.CheckConstraint(condition=Q(quote_per_base__gt=0), name="exchange_rate_positive"),
            models.CheckConstraint(condition=~Q(base=F("quote")), name="exchange_rate_two_currencies"),
        ]


class ExchangeRateRevision(DailyRate):
    """What a rate said before it was changed."""

    superseded_at = models.DateTimeField()

    class Meta:
        ordering = ["-superseded_at", "-pk"]
        indexes = [models.Index(fields=["base", "quote", "day"], name="exchange_rate_revision_day")]
