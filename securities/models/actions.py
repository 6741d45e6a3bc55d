"""Splits and dividends: events, never baked into stored prices."""

from datetime import date, datetime
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Aggregate, JSONField, Q
from django.db.models.functions import JSONArray

from finances.sync.models import SyncRun

Row = TypeVar("Row", bound=models.Model)


class ActionQuerySet(models.QuerySet[Row]):
    """Splits and dividends."""

    def current(self) -> Self:
        return self.filter(superseded_at=None)

    def known(self, at: datetime | None) -> Self:
        """As known at that moment; now for None."""
        if at is None:
            return self.current()
        return self.filter(Q(superseded_at=None) | Q(superseded_at__gt=at), run__recorded_at__lte=at)

    def effective_by(self, day: date) -> Self:
        """Those whose ex-date has come; an announced one does nothing before it."""
        return self.current().filter(ex_date__lte=day)


class JSONList(Aggregate):
    """All rows' values as one JSON list; of no rows null or empty."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)


class SplitQuerySet(ActionQuerySet[Any]):
    def of_quantities(self) -> Self:
        """Those that change what is held, announced ones among them."""
        return self.current().filter(is_void=False, changes_quantities=True)

    def as_json(self, *more: str) -> Any:
        """Of one security's, in no order, the list of [ex-date, numerator, denominator] and `more`: the query of one
        value."""
        each = JSONArray("ex_date", "numerator", "denominator", *more)
        return self.order_by().values("security").annotate(listed=JSONList(each)).values("listed")

    def effective_by(self, day: date) -> Self:
        return super().effective_by(day).filter(is_void=False)


class CorporateAction(models.Model):
    """An event on an ex-date. A correction is a new row; the row it replaces is kept with `superseded_at`."""

    ex_date = models.DateField()
    run = models.ForeignKey(SyncRun, on_delete=models.PROTECT, related_name="+", db_index=False)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Split(CorporateAction):
    """`numerator` new shares for `denominator` old ones, from the opening of ex_date."""

    security = models.ForeignKey("securities.Security", on_delete=models.CASCADE, related_name="splits", db_index=False)
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()
    is_void = models.BooleanField(default=False, help_text="Listed by the provider, yet it did not happen.")
    changes_quantities = models.BooleanField(
        default=True, help_text="False for spin-offs and class dividends, which move the price but not the holding."
    )

    objects = SplitQuerySet.as_manager()

    class Meta:
        ordering = ["security", "ex_date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["security", "ex_date"], condition=Q(superseded_at=None), name="split_one_per_day"
            ),
            models.CheckConstraint(condition=Q(numerator__gt=0, denominator__gt=0), name="split_ratio_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.numerator}:{self.denominator} on {self.ex_date}"


class Dividend(CorporateAction):
    """Cash per share as of its ex-date."""

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", "Dividend"
        SPECIAL = "special", "Special dividend"
        CAPITAL_GAIN = "capital_gain", "Capital gain"

    security = models.ForeignKey(
        "securities.Security", on_delete=models.CASCADE, related_name="dividends", db_index=False
    )
    amount = models.DecimalField(max_digits=20, decimal_places=8)
    currency = models.ForeignKey(
        "currencies.Currency", on_delete=models.PROTECT, db_column="currency_code", related_name="+"
    )
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ORDINARY)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["security", "ex_date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["security", "ex_date", "kind", "currency"],
                condition=Q(superseded_at=None),
                name="dividend_one_per_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.ex_date}"
