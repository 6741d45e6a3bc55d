"""Shapes of values: single days, many days, and the latest of all accounts."""

from datetime import date
from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.models import Account
from finances.api.fields import MoneyField, StrictDateField
from securities.api.serializers import MissingSerializer

MAX_VALUES = 10_000
"""How many days one body may hold."""


class AccountValueSerializer(serializers.Serializer[Any]):
    account_id = serializers.UUIDField(read_only=True)
    value_date = serializers.DateField(read_only=True)
    value = MoneyField(currency="currency_code", read_only=True)
    currency_code = serializers.CharField(read_only=True)
    recorded_at = serializers.DateTimeField(read_only=True, help_text="When this figure came in.")


class AmountSerializer(serializers.Serializer[Any]):
    value = MoneyField(help_text="String or number. Of a liability the positive amount owed; negative is a credit.")


class DayValueListSerializer(serializers.ListSerializer[Any]):
    """Up to MAX_VALUES days, each once; every violation is told, by its position."""

    default_error_messages = {"max_length": "At most {max_length} values at once."}
    _days: set[str]

    def to_internal_value(self, data: Any) -> dict[date, Decimal]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if len(data) > MAX_VALUES:
            self.fail("max_length", max_length=MAX_VALUES)
        violations: dict[Any, Any] = {}
        self._days, rows = set(), []
        for position, item in enumerate(data):
            try:
                rows.append(self.run_child_validation(item))
            except serializers.ValidationError as error:
                violations[position] = error.detail
        if violations:
            raise serializers.ValidationError(violations)
        return {row["value_date"]: row["value"] for row in rows}

    def run_child_validation(self, data: Any) -> Any:
        row, found = None, {}
        try:
            row = super().run_child_validation(data)
        except serializers.ValidationError as error:
            detail: Any = error.detail
            found = dict(detail) if isinstance(detail, dict) else {"non_field_errors": detail}
        # Among rows that are wrong otherwise too, so that all is told at once; a right date has one spelling.
        day = data.get("value_date") if isinstance(data, dict) else None
        if isinstance(day, str) and "value_date" not in found:
            if day in self._days:
                found["value_date"] = [ErrorDetail("This day is in the list already.", code="repeated_date")]
            self._days.add(day)
        if found:
            raise serializers.ValidationError(found)
        return row


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
