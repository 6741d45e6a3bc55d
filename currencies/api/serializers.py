"""Shapes of the currencies endpoints."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework import serializers

from currencies.api.figures import rate_text
from currencies.models import Currency
from currencies.series import DayRate
from finances.api.fields import StrictCharField, StrictDateField, StrictIntegerField
from finances.api.rows import Rows
from finances.errors import Conflict, NotFound
from finances.money import MINOR_UNITS, minor_digits


class CurrencyExists(Conflict):
    code = "currency_exists"
    message = "This currency exists already."


class CurrencySerializer(serializers.ModelSerializer[Currency]):
    code = serializers.RegexField(r"^[A-Za-z]{3}\Z", help_text="ISO 4217, in any case.")
    name = StrictCharField(max_length=100)
    symbol = StrictCharField(max_length=8, required=False, allow_blank=True)
    minor_digits = StrictIntegerField(
        min_value=0, max_value=8, required=False, help_text="Decimals of its smallest unit; default: by ISO 4217."
    )
    last_valid_on = StrictDateField(
        required=False, allow_null=True, help_text="Its last day of validity; null while in force."
    )

    class Meta:
        model = Currency
        fields = ["code", "name", "symbol", "minor_digits", "last_valid_on", "created_at", "updated_at"]
        read_only_fields = ["created_at", "updated_at"]

    def validate_code(self, text: str) -> str:
        code = text.upper()
        if self.instance is not None and code != self.instance.pk:
            raise serializers.ValidationError("A currency keeps its code.", code="immutable")
        if code in MINOR_UNITS:
            raise serializers.ValidationError("This is a minor unit of another currency.", code="minor_unit")
        return code

    def create(self, validated_data: dict[str, Any]) -> Currency:
        facts = {"minor_digits": minor_digits(validated_data["code"]), **validated_data}
        try:
            with transaction.atomic():
                currency: Currency = Currency.objects.create(**facts)
        except IntegrityError as error:
            raise CurrencyExists(f"{facts['code']} exists already.") from error
        return currency

    def update(self, instance: Currency, validated_data: dict[str, Any]) -> Currency:
        """Only what was sent: another change at the same time to other fields stays."""
        changes = {name: value for name, value in validated_data.items() if name != "code"}
        if not Currency.objects.filter(pk=instance.pk).update(**changes, updated_at=timezone.now()):
            raise NotFound
        instance.refresh_from_db()
        return instance


CURRENCY_ROWS = Rows(CurrencySerializer)


class MissingRateSerializer(serializers.Serializer[Any]):
    """Why a figure is null."""

    figure = serializers.CharField()
    code = serializers.CharField(help_text="missing_rate")
    detail = serializers.CharField()


class LegSerializer(serializers.Serializer[Any]):
    """A stored fixing that a rate follows from: units of quote for one of base."""

    base = serializers.CharField()
    quote = serializers.CharField()
    date = serializers.DateField(source="day")
    rate = serializers.SerializerMethodField()

    def get_rate(self, leg: Any) -> str:
        return rate_text(leg.quote_per_base)


DERIVATIONS = ["same", "unit", "direct", "inverse", "cross"]


class ConversionSerializer(serializers.Serializer[Any]):
    to = serializers.CharField()
    amount = serializers.CharField()
    converted = serializers.CharField(allow_null=True, help_text="Exact to 10 decimals.")
    rate = serializers.CharField(allow_null=True, help_text="Units of `to` for one of `from`, 16 significant digits.")
    rate_date = serializers.DateField(allow_null=True, help_text="Day of the fixing; of a cross the earlier one.")
    derivation = serializers.ChoiceField(DERIVATIONS, allow_null=True)
    legs = LegSerializer(many=True, help_text="The stored fixings that the rate follows from.")
    missing = MissingRateSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `from`, which no attribute can be called."""
        return {"from": serializers.CharField(), **super().get_fields()}


class ExchangeRateSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    base = serializers.CharField()
    quote = serializers.CharField()
    rate = serializers.CharField(help_text="Units of quote for one of base.")
    source = serializers.CharField()  # type: ignore[assignment]  # a field, not the name of an attribute to read
    derived = serializers.BooleanField(help_text="False where stored as shown.")
    derivation = serializers.ChoiceField(["direct", "inverse", "cross"])


def rate_row(day_rate: DayRate) -> dict[str, Any]:
    """In the shape of ExchangeRateSerializer; rows are many, so they do not go through it."""
    rate = day_rate.rate
    return {
        "date": rate.rate_date,
        "base": day_rate.base,
        "quote": day_rate.quote,
        "rate": rate_text(rate.quote_per_base),
        "source": day_rate.source,
        "derived": rate.derivation != "direct",
        "derivation": rate.derivation,
    }


class SyncedPairSerializer(serializers.Serializer[Any]):
    pair = serializers.CharField(source="symbol", help_text="Base and quote: EURUSD is USD for one EUR.")
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    error = serializers.SerializerMethodField()

    def get_error(self, line: Any) -> str | None:
        """A stable code; null where the pair was synced."""
        return line.error or None


class SyncedRatesSerializer(serializers.Serializer[Any]):
    pairs = SyncedPairSerializer(many=True)
