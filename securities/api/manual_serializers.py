"""Shapes of manual securities and their prices."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import SkipField, empty

from currencies.models import Currency
from finances.api.days import DayListSerializer
from finances.api.fields import (
    CurrencyCodeField,
    ExactDecimalField,
    StrictCharField,
    StrictChoiceField,
    StrictDateField,
)
from finances.users.validators import validate_time_zone
from securities.manual import DailyBar
from securities.models import Security

MAX_PRICES = 20_000
"""How many days one body may hold."""
HIGHEST_PRICE = Decimal(10**15)
LARGEST_VOLUME = 2**63 - 1
is_symbol = RegexValidator(r"^[A-Za-z0-9.^=&_:\-]{1,32}\Z", "This is not a symbol.")
is_isin = RegexValidator(r"^([A-Z]{2}[A-Z0-9]{9}[0-9])?\Z", "This is not an ISIN.")


class ManualSecuritySerializer(serializers.Serializer[Any]):
    symbol = StrictCharField(validators=[is_symbol], help_text="Yours alone, in any case; it names nothing in paths.")
    name = StrictCharField(max_length=200)
    security_type = StrictChoiceField(Security.Type.choices)
    currency_code = CurrencyCodeField(
        source="currency", queryset=Currency.objects.all(), help_text="Of its prices; it stays as it is."
    )
    exchange = StrictCharField(required=False, allow_blank=True, max_length=50)
    sector = StrictCharField(required=False, allow_blank=True, max_length=100)
    industry = StrictCharField(required=False, allow_blank=True, max_length=100)
    isin = StrictCharField(required=False, allow_blank=True, validators=[is_isin])
    time_zone = StrictCharField(
        required=False, max_length=64, validators=[validate_time_zone], help_text="IANA; UTC if left out."
    )

    def validate_symbol(self, symbol: str) -> str:
        return symbol.upper()

    def validate_currency_code(self, currency: Currency) -> Currency:
        # Its prices and what its holdings cost are in it.
        if self.instance is not None and self.instance.currency_id != currency.pk:
            raise serializers.ValidationError("A security keeps its currency.", code="immutable")
        return currency


@extend_schema_field({"type": "number", "minimum": 0})
class PriceField(ExactDecimalField):
    """A price as a number or a string of digits, kept as a double, as all prices are."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=None, decimal_places=None, min_value=Decimal(0), max_value=HIGHEST_PRICE, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        price = super().run_validation(data)
        if price is None:
            return None
        if price and not float(price):
            self.fail("invalid")
        return float(price)


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": LARGEST_VOLUME})
class VolumeField(serializers.Field[Any, Any, Any, Any]):
    default_error_messages = {"invalid": "A whole number from 0 is required."}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("invalid")
        text = str(data)
        # Not isdigit, which other scripts' digits pass.
        if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST_VOLUME):
            self.fail("invalid")
        return int(text)


class ManualPriceListSerializer(DayListSerializer):
    most, rows, day_field = MAX_PRICES, "prices", "date"


class ManualPriceSerializer(serializers.Serializer[Any]):
    """One day. The context's `today` is the last that may be priced."""

    date = StrictDateField()
    open = PriceField(required=False, allow_null=True)
    high = PriceField(required=False, allow_null=True)
    low = PriceField(required=False, allow_null=True)
    close = PriceField()
    volume = VolumeField(required=False, allow_null=True)

    class Meta:
        list_serializer_class = ManualPriceListSerializer

    def to_internal_value(self, data: Any) -> DailyBar:
        if not isinstance(data, Mapping):
            super().to_internal_value(data)
        values: dict[str, Any] = {}
        found: dict[str, Any] = {}
        for name, field in self.fields.items():
            try:
                values[name] = field.run_validation(data.get(name, empty))
            except SkipField:
                pass
            except serializers.ValidationError as error:
                found[name] = error.detail
        # Not in `validate`, which runs only once every field is right: all violations are told at once.
        found |= _contradictions(values, self.context["today"])
        if found:
            raise serializers.ValidationError(found)
        names = ("open", "high", "low")
        return (values["date"], *(values.get(name) for name in names), values["close"], values.get("volume"))


def _contradictions(values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """What is wrong with fields that are right each by itself."""
    found: dict[str, Any] = {}
    if "date" in values and values["date"] > today:
        found["date"] = [ErrorDetail("This day is still to come.", "in_future")]
    prices = {name: values[name] for name in ("open", "high", "low", "close") if values.get(name) is not None}
    if "high" in prices and prices["high"] < max(prices.values()):
        found["high"] = [ErrorDetail("Another price of the day is higher.", "not_highest")]
    if "low" in prices and prices["low"] > min(prices.values()):
        found["low"] = [ErrorDetail("Another price of the day is lower.", "not_lowest")]
    return found


class PriceCountsSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="What was stored before is kept as a revision.")
    unchanged = serializers.IntegerField()


class PriceFileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(
        help_text="CSV in UTF-8 with the columns date, open, high, low, close, volume in any order, date and close "
        "required; comma or semicolon between, decimal points, dates as YYYY-MM-DD."
    )
