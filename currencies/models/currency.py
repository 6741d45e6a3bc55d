"""Currencies, keyed by their ISO 4217 code."""

from datetime import date
from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from finances.models import TimestampedModel


class CurrencyQuerySet(models.QuerySet[Any]):
    def current_on(self, day: date) -> Self:
        """Those in force."""
        return self.filter(Q(last_valid_on=None) | Q(last_valid_on__gte=day))

    def ended_before(self, day: date) -> Self:
        return self.filter(last_valid_on__lt=day)

    def matching(self, text: str) -> Self:
        """By a part of the code or of the name."""
        return self.filter(Q(code__icontains=text) | Q(name__icontains=text))


class Currency(TimestampedModel):
    """Reference data: what uses a currency protects it from deletion."""

    code = models.CharField(primary_key=True, max_length=3, validators=[RegexValidator(r"^[A-Z]{3}\Z")])
    name = models.CharField(max_length=100)
    symbol = models.CharField(max_length=8, blank=True)
    minor_digits = models.PositiveSmallIntegerField(default=2)
    last_valid_on = models.DateField(null=True, blank=True, help_text="Last day of validity; empty while in force.")

    objects = CurrencyQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "currencies"
        constraints = [
            models.CheckConstraint(condition=models.Q(minor_digits__lte=8), name="currency_minor_digits_in_range"),
        ]

    def __str__(self) -> str:
        return self.code
