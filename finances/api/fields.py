"""Serializer fields that take a JSON value of their own type only; DRF's would turn 5 into "5" and "yes" into true."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from finances.money import minor_unit

INTEGER = re.compile(r"-?[0-9]+")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,9})?", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MONEY_DIGITS = 24
MONEY_PLACES = 8
EXACT = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX)
"""In which no digit of any number is rounded away."""


def money_text(amount: Decimal, code: str) -> str:
    """At least two decimals, or the currency's minor digits if those are more."""
    shown = EXACT.quantize(amount, _shown_unit(code))
    # No currency has more than four digits; from six on str would write small amounts with an exponent.
    return str(shown) if shown == amount else decimal_text(amount)


@lru_cache(maxsize=1024)
def _shown_unit(code: str) -> Decimal:
    return min(Decimal("0.01"), minor_unit(code))


def units_text(units: int, digits: int) -> str:
    """As money_text, of whole minor units of a currency with so many `digits`."""
    whole, rest = divmod(abs(units), 10**digits)
    sign = "-" if units < 0 else ""
    fraction = f"{rest:0{digits}d}" if digits else ""
    return f"{sign}{whole}.{fraction:0<2}"


def decimal_text(number: Decimal) -> str:
    """Never with an exponent; zeros at the end of a fraction go."""
    return f"{EXACT.normalize(number):f}"


class StrictCharField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictURLField(StrictCharField, serializers.URLField):
    pass


class StrictBooleanField(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictChoiceField(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class IntegerParameter(serializers.IntegerField):
    """Of a query string: plain digits, where Python would take 1_0 and other scripts' digits, too."""

    def to_internal_value(self, data: Any) -> int:
        if not INTEGER.fullmatch(str(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictDateField(serializers.DateField):
    """`YYYY-MM-DD` and no other spelling that ISO 8601 has (2026-W01-1, 20260105)."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class KnownAtField(serializers.DateTimeField):
    """A moment that has passed, of a query string; one without an offset is in UTC."""

    default_error_messages = {"future": "This moment has not come yet."}

    def __init__(self, **kwargs: Any) -> None:
        text = "Answer as it was known at this moment (UTC, ISO 8601); default: as known now."
        super().__init__(**{"required": False, "help_text": text, **kwargs})

    def to_internal_value(self, value: Any) -> datetime:
        if isinstance(value, str) and DAY.fullmatch(value.strip()):
            self.fail("date")
        moment = super().to_internal_value(value)
        if moment > timezone.now():
            self.fail("future")
        return moment


class ExactDecimalField(serializers.DecimalField):
    """A finite decimal as a JSON string or number; answered as a string without exponent or needless zeros."""

    text: Callable[[Any], str] = staticmethod(decimal_text)
    """Makes the answer; of rows it is called for each cell without a method around it."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        # DecimalField's own takes "" for null.
        return serializers.Field.validate_empty_values(self, data)

    def to_internal_value(self, data: Any) -> Decimal:
        # The parser gives fractions as Decimal; a bool is an int to Python.
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal):
            self.fail("invalid")
        text = str(data)
        if len(text) > self.MAX_STRING_LENGTH:
            self.fail("max_string_length")
        if not NUMBER.fullmatch(text):
            self.fail("invalid")
        value = super().to_internal_value(text)
        return value if value else abs(value)  # there is no -0 in books

    def to_representation(self, value: Any) -> str:
        return self.text(value)


@extend_schema_field({"type": "string", "format": "decimal", "maxLength": 1000, "example": "50000.00"})
class MoneyField(ExactDecimalField):
    """An amount of the currency whose code is at `currency` on the same object."""

    text = str  # of what get_attribute has made

    def __init__(self, *, currency: str = "currency_id", **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(max_digits=MONEY_DIGITS, decimal_places=MONEY_PLACES, **kwargs)

    def get_attribute(self, instance: Any) -> Any:
        amount = super().get_attribute(instance)
        if amount is None:
            return None
        code = instance[self.currency] if isinstance(instance, dict) else getattr(instance, self.currency)
        return money_text(amount, code)


class ReferenceField(serializers.PrimaryKeyRelatedField[Any]):
    """Names a row by its key; what is unknown, malformed or hidden from the caller is refused in the same words."""

    default_error_messages = {"does_not_exist": "This does not exist."}
    refusal = "does_not_exist"

    def __init__(self, *, lookup: str = "pk", **kwargs: Any) -> None:
        self.lookup = lookup
        super().__init__(**kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        # RelatedField's own takes "" for null.
        return serializers.Field.run_validation(self, data)

    def get_queryset(self) -> Any:
        return super().get_queryset()

    def to_internal_value(self, data: Any) -> Any:
        key = self.key_of(data)
        row = None if key is None else self.get_queryset().filter(**{self.lookup: key}).first()
        return self.fail(self.refusal) if row is None else row

    def key_of(self, data: Any) -> Any:
        """What to look up; None for what cannot be a key."""
        return data if isinstance(data, str) and "\x00" not in data else None


class OwnedRelatedField(ReferenceField):
    """A row of the caller's own by its UUID."""

    def get_queryset(self) -> Any:
        return super().get_queryset().for_user(self.context["request"].user)

    def key_of(self, data: Any) -> UUID | None:
        try:
            return UUID(data) if isinstance(data, str) else None
        except ValueError:
            return None


@extend_schema_field({"type": "string", "minLength": 3, "maxLength": 3})
class CurrencyCodeField(ReferenceField):
    """A currency by its code. The queryset is given, since currencies stand a floor above."""

    default_error_messages = {"unknown_currency": "This currency is not known."}
    refusal = "unknown_currency"
