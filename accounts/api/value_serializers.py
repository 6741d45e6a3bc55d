"""Shapes of values: single days, many days, and the latest of all accounts."""

from datetime import date
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.models import Account
from finances.api.days import DayListSerializer
from finances.api.fields import MoneyField, StrictDateField
from finances.api.rows import Derived, Rows
from securities.api.serializers import MissingSerializer

MAX_VALUES = 10_000
"""How many days one body may hold."""


class AccountValueSerializer(serializers.Serializer[Any]):
    account_id = serializers.UUIDField(read_only=True)
    value_date = serializers.DateField(read_only=True)
    value = MoneyField(currency="currency_code", read_only=True)
    currency_code = serializers.CharField(read_only=True)
    recorded_at = serializers.DateTimeField(read_only=True, help_text="When this figure came in.")


VALUE_ROWS = Rows(AccountValueSerializer, lookups={"currency_code": "account__currency_id"})


class AmountSerializer(serializers.Serializer[Any]):
    value = MoneyField(help_text="String or number. Of a liability the positive amount owed; negative is a credit.")


class DayValueListSerializer(DayListSerializer):
    most, rows, day_field = MAX_VALUES, "values", "value_date"

    def to_internal_value(self, data: Any) -> dict[date, Decimal]:  # type: ignore[override]
        return {row["value_date"]: row["value"] for row in super().to_internal_value(data)}


class DayValueSerializer(AmountSerializer):
    value_date = StrictDateField()

    class Meta:
        list_serializer_class = DayValueListSerializer


class CountsSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="What was recorded before is kept as a revision.")
    unchanged = serializers.IntegerField()


class LatestValueSerializer(serializers.Serializer[Any]):
    account_id = serializers.UUIDField(source="pk")
    account_name = serializers.CharField(source="name")
    account_type = serializers.ChoiceField(Account.Type.choices)
    classification = serializers.ChoiceField(Account.Classification.choices)
    value_date = serializers.DateField(source="latest_value_date")
    value = MoneyField(source="latest_value")
    currency_code = serializers.CharField(source="currency_id")


LATEST_ROWS = Rows(
    LatestValueSerializer,
    Derived(
        fields=("classification",),
        columns=("account_type",),
        function=lambda kinds: [map(Account.classification_of, kinds)],
    ),
)


class TotalSerializer(serializers.Serializer[Any]):
    currency_code = serializers.CharField()
    assets = MoneyField(currency="currency_code", allow_null=True)
    liabilities = MoneyField(currency="currency_code", allow_null=True, help_text="Amounts owed, positive.")
    net = MoneyField(currency="currency_code", allow_null=True, help_text="Assets less liabilities.")


class LatestMissingSerializer(MissingSerializer):
    currency_code = serializers.CharField(required=False, help_text="Of which there is no rate.")
    account_id = serializers.UUIDField(required=False, help_text="Of which there is no value.")


class LatestValuesSerializer(serializers.Serializer[Any]):
    values = LatestValueSerializer(many=True)
    totals = TotalSerializer(many=True, help_text="Of all active accounts, by currency.")
    total = TotalSerializer(allow_null=True, help_text="In `base`, if that is given.")
    missing = LatestMissingSerializer(many=True)
