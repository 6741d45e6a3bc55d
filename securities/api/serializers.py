"""Shapes of the securities endpoints."""

from typing import Any

from rest_framework import serializers

from finances.api.fields import StrictBooleanField
from finances.api.rows import Derived, Rows
from securities.models import Review, Security


class MissingSerializer(serializers.Serializer[Any]):
    """Why a figure is null."""

    figure = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class SecuritySerializer(serializers.ModelSerializer[Security]):
    id = serializers.UUIDField(source="uuid", read_only=True)
    currency_code = serializers.CharField(source="currency_id", read_only=True)
    current_price = serializers.FloatField(
        read_only=True, allow_null=True, help_text="Last stored daily close, as traded, in currency_code."
    )
    price_at = serializers.DateTimeField(read_only=True, allow_null=True)
    missing = MissingSerializer(many=True, read_only=True)
    is_manual = serializers.BooleanField(read_only=True, help_text="Your own, with the prices that you enter.")
    inactive_reason = serializers.ChoiceField([("", "Active"), *Security.InactiveReason.choices], read_only=True)
    successor_symbol = serializers.CharField(
        read_only=True, allow_null=True, help_text="What it was renamed to; their prices are read as one history."
    )

    class Meta:
        model = Security
        fields = [
            "id", "symbol", "name", "security_type", "exchange", "currency_code", "quote_unit", "sector", "industry",
            "market_cap", "isin", "time_zone", "is_manual", "is_active", "inactive_reason", "successor_symbol",
            "current_price", "price_at", "missing", "last_synced_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


SECURITY_ROWS = Rows(
    SecuritySerializer,
    Derived(
        fields=("is_manual", "missing"),
        columns=("owner_id", "current_price"),
        function=lambda owners, prices: ([owner is not None for owner in owners], map(Security.missing_of, prices)),
    ),
)


class SearchHitSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(allow_null=True, help_text="Null for what only Yahoo knows; sync it first.")
    symbol = serializers.CharField()
    name = serializers.CharField()
    security_type = serializers.ChoiceField(Security.Type.choices)
    exchange = serializers.CharField()
    currency_code = serializers.CharField(allow_null=True)
    is_manual = serializers.BooleanField(help_text="Your own, addressed by its id.")
    in_database = serializers.BooleanField()


class QuoteSerializer(serializers.Serializer[Any]):
    symbol = serializers.CharField()
    name = serializers.CharField()
    currency_code = serializers.CharField(source="currency_id")
    current_price = serializers.FloatField(allow_null=True)
    price_at = serializers.DateTimeField(allow_null=True)
    missing = MissingSerializer(many=True)


QUOTE_ROWS = Rows(
    QuoteSerializer,
    Derived(
        fields=("missing",), columns=("current_price",), function=lambda prices: [map(Security.missing_of, prices)]
    ),
)


class QuotesSerializer(serializers.Serializer[Any]):
    quotes = QuoteSerializer(many=True)
    unknown = serializers.ListField(child=serializers.CharField())


class PriceSerializer(serializers.Serializer[Any]):
    """Bars of 1d and 1wk carry `date`, those of 1h and 1m `timestamp`."""

    date = serializers.DateField(required=False)
    timestamp = serializers.DateTimeField(required=False)
    open = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    close = serializers.FloatField()
    volume = serializers.IntegerField(allow_null=True)


class PriceColumnsSerializer(serializers.Serializer[Any]):
    """The figures of the bars, each an array with an entry for every bar."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        figures = PriceSerializer().get_fields().items()
        return {name: serializers.ListField(child=field, required=field.required) for name, field in figures}


class SyncRequestSerializer(serializers.Serializer[Any]):
    intervals = serializers.ListField(
        child=serializers.ChoiceField(["1d", "1h", "1m"]), default=["1d"], min_length=1, max_length=3
    )
    refresh = StrictBooleanField(default=False, help_text="Ask Yahoo even if its last answer is still cached.")


class QuarantinedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uuid")
    reason = serializers.ChoiceField(Review.Reason.choices)
    detail = serializers.CharField()


class SyncCountsSerializer(serializers.Serializer[Any]):
    bars_added = serializers.IntegerField()
    bars_changed = serializers.IntegerField()
    first_bar = serializers.DateField(allow_null=True)
    last_bar = serializers.DateField(allow_null=True)
    quarantined = QuarantinedSerializer(many=True, help_text="Held back until staff have looked at it.")


class SyncedSecuritySerializer(SecuritySerializer):
    sync = SyncCountsSerializer(read_only=True)

    class Meta(SecuritySerializer.Meta):
        fields = [*SecuritySerializer.Meta.fields, "sync"]
        read_only_fields = fields
