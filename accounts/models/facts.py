"""The figures of a transaction, which its revisions keep."""

from typing import Any

from django.db import models

from accounts.models.exact import ExactDecimalField

PRICE: dict[str, Any] = {"max_digits": 30, "decimal_places": 12}
MONEY: dict[str, Any] = {"max_digits": 24, "decimal_places": 8}
AMOUNT: dict[str, Any] = {"max_digits": 54, "decimal_places": 20}
"""Holds the exact product of any quantity and any average cost, which an adjustment of a cost may be."""


class TransactionFacts(models.Model):
    """What an amendment may change. Quantities, prices and amounts are positive unless the type says otherwise; the
    type gives the direction (`accounts.ledger.kinds`)."""

    trade_date = models.DateField()
    settlement_date = models.DateField(null=True, blank=True)
    quantity = ExactDecimalField(max_digits=30, decimal_places=12, null=True, blank=True)
    unit_price = ExactDecimalField(**PRICE, null=True, blank=True)
    amount = ExactDecimalField(**AMOUNT, null=True, blank=True, help_text="Gross, where nothing is bought or sold.")
    fees = ExactDecimalField(**MONEY, default=0)
    taxes = ExactDecimalField(**MONEY, default=0)
    currency = models.ForeignKey(
        "currencies.Currency", on_delete=models.PROTECT, db_column="currency_code", related_name="+", db_index=False
    )
    fx_rate = ExactDecimalField(
        **PRICE, null=True, blank=True, help_text="The booked rate: account currency per unit of this currency."
    )
    ratio_numerator = models.PositiveIntegerField(null=True, blank=True)
    ratio_denominator = models.PositiveIntegerField(null=True, blank=True)
    cost_fraction = ExactDecimalField(
        max_digits=13, decimal_places=12, null=True, blank=True, help_text="Of the cost, what moves with a spin-off."
    )
    units_as_of = models.DateField(
        null=True, blank=True, help_text="Quantity and price are in the units of this day; else of the trade date."
    )
    acquired_on = models.DateField(null=True, blank=True, help_text="Of what is brought in, where known.")
    lots = models.JSONField(default=list, blank=True, help_text="Named lots: lot_id and quantity of each.")
    note = models.CharField(max_length=500, blank=True)
    external_id = models.CharField(max_length=100, blank=True)
    tags = models.JSONField(default=list, blank=True)
    recorded_at = models.DateTimeField(help_text="When these figures came in.")

    class Meta:
        abstract = True
