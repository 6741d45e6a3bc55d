"""Shape of a security's quality."""

from typing import Any

from rest_framework import serializers

from finances.api.fields import decimal_text
from securities.api.serializers import MissingSerializer
from securities.quality_score import WEIGHTS


class FractionField(serializers.CharField):
    """0 to 1, as a string."""

    def to_representation(self, value: Any) -> str:
        return decimal_text(value)


class QualityPartSerializer(serializers.Serializer[Any]):
    name = serializers.ChoiceField(list(WEIGHTS))
    weight = serializers.IntegerField(help_text="Points of the score.")
    value = FractionField(allow_null=True, help_text="0 to 1.")


class QualitySerializer(serializers.Serializer[Any]):
    symbol = serializers.CharField()
    first_bar = serializers.DateField(allow_null=True)
    last_bar = serializers.DateField(allow_null=True)
    trading_days = serializers.IntegerField(allow_null=True, help_text="From the first bar to the last.")
    missing_days = serializers.IntegerField(allow_null=True, help_text="Trading days among them without a bar.")
    missing_dates = serializers.ListField(child=serializers.DateField(), help_text="The newest 100 of them.")
    completeness = FractionField(allow_null=True, help_text="Share of the trading days with a bar, rounded down.")
    staleness_days = serializers.IntegerField(
        allow_null=True, help_text="Trading days that went by since the last bar."
    )
    changed_bars = serializers.IntegerField(help_text="Daily bars that changed after they were settled.")
    quarantined = serializers.IntegerField(help_text="Answers of the provider that await a decision of staff.")
    score = serializers.IntegerField(allow_null=True, help_text="0 to 100: the parts' values times their weights.")
    parts = QualityPartSerializer(many=True)
    missing = MissingSerializer(many=True)
