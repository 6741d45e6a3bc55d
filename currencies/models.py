"""Currencies, keyed by their ISO 4217 code."""

from django.core.validators import RegexValidator
from django.db import models

from finances.models import TimestampedModel


class Currency(TimestampedModel):
    """Reference data: what uses a currency protects it from deletion."""

    code = models.CharField(primary_key=True, max_length=3, validators=[RegexValidator(r"^[A-Z]{3}\Z")])
    name = models.CharField(max_length=100)
    symbol = models.CharField(max_length=8, blank=True)
    minor_digits = models.PositiveSmallIntegerField(default=2)
    last_valid_on = models.DateField(null=True, blank=True, help_text="Last day of validity; empty while in force.")

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "currencies"
        constraints = [
            models.CheckConstraint(condition=models.Q(minor_digits__lte=8), name="currency_minor_digits_in_range"),
        ]

    def __str__(self) -> str:
        return self.code
