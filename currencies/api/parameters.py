"""The query strings and bodies of the currencies endpoints that are no plain rows."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from currencies.conversion import currency_unit
from currencies.models import Currency
from finances.api.fields import (
    ExactDecimalField,
    KnownAtField,
    StrictBooleanField,
    StrictCharField,
    StrictDateField,
)
from finances.api.parameters import DateRange
from finances.money import MINOR_UNITS, major_currency

UNKNOWN = serializers.ErrorDetail("This currency is not known.", code="unknown_currency")


class UnitField(StrictCharField):
    """A currency code in any case, or a minor unit, of which GBp, ZAc must be written so."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=3, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        return currency_unit(super().to_internal_value(data))


class CodeField(UnitField):
    """A currency code in any case; minor units have no rates of their own."""

    def to_internal_value(self, data: Any) -> str:
        unit = super().to_internal_value(data)
        if unit in MINOR_UNITS:
            raise serializers.ValidationError("This is a minor unit; give its currency.", code="minor_unit")
        return unit


class GivenDecimalField(ExactDecimalField):
    """With the digits that were given, not padded to all that are allowed."""

    def quantize(self, value: Decimal) -> Decimal:
        return value


class ConversionParameters(serializers.Serializer[Any]):
    amount = GivenDecimalField(
        max_digits=30, decimal_places=12, default=Decimal(1), help_text="How much of `from`; at most 12 decimals."
    )
    as_of = StrictDateField(required=False, help_text="The day whose rate counts; default today.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `from`, which no attribute can be called."""
        fields = super().get_fields()
        fields["from"] = UnitField(help_text="Currency, or a minor unit such as GBp.")
        fields["to"] = UnitField(help_text="Currency, or a minor unit such as GBp.")
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        units = {name: major_currency(attrs[name])[0] for name in ("from", "to")}
        unknown = unknown_codes(units.values())
        if unknown:
            raise serializers.ValidationError({name: [UNKNOWN] for name, code in units.items() if code in unknown})
        return attrs


class RateParameters(DateRange):
    quote = CodeField(required=False, help_text="Another currency: its units for one of this, day by day.")
    order = serializers.ChoiceField(["asc", "desc"], default="desc", help_text="By date.")
    known_at = KnownAtField()

    def validate_quote(self, quote: str) -> str:
        if unknown_codes([quote]):
            raise serializers.ValidationError([UNKNOWN])
        return quote


class SyncRatesSerializer(serializers.Serializer[Any]):
    base = CodeField(default="EUR", help_text="One of it is quoted.")
    quotes = serializers.ListField(
        child=CodeField(),
        required=False,
        min_length=1,
        max_length=100,
        help_text="Default: the ECB's reference currencies and those with rates already, as far as in force.",
    )
    since = StrictDateField(
        required=False, help_text="Fetch from this day on; default: what is new, the first time everything."
    )
    refresh = StrictBooleanField(default=False, help_text="Ask Yahoo even if its last answer is still cached.")

    def validate_since(self, since: date) -> date:
        if since > timezone.now().date():
            raise serializers.ValidationError("This day has not come yet.", code="future")
        return since

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        base, quotes = attrs["base"], attrs.get("quotes", [])
        unknown = unknown_codes([base, *quotes])
        errors: dict[str, Any] = {"base": [UNKNOWN]} if base in unknown else {}
        if wrong := {at: [UNKNOWN] for at, quote in enumerate(quotes) if quote in unknown}:
            errors["quotes"] = wrong
        elif base in quotes:
            same = serializers.ErrorDetail("A currency has no rate against itself.", code="same_currency")
            errors["quotes"] = {quotes.index(base): [same]}
        if errors:
            raise serializers.ValidationError(errors)
        return {**attrs, "quotes": list(dict.fromkeys(quotes))}


def unknown_codes(codes: Iterable[str]) -> set[str]:
    wanted = set(codes)
    return wanted - set(Currency.objects.filter(pk__in=wanted).values_list("pk", flat=True))
