"""The shape of a performance and its query string."""

from datetime import date
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.portfolio.parameters import PortfolioParameters
from accounts.portfolio.performance.reading import PerformanceQuery
from finances.api.fields import ExactDecimalField
from finances.api.parameters import DateRange
from securities.api.serializers import MissingSerializer
from securities.models import Security


class RateField(ExactDecimalField):
    """A yearly rate above -100 %."""

    default_error_messages = {"out_of_range": "Give a fraction above -1, at most 10."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=10, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        rate = super().to_internal_value(data)
        return rate if -1 < rate <= 10 else self.fail("out_of_range")


@extend_schema_field({"type": "string", "maxLength": 36, "example": "SPY"})
class BenchmarkField(serializers.Field[Any, Any, Any, Any]):
    """A security by symbol or id, listed or one's own."""

    default_error_messages = {"does_not_exist": "This does not exist."}

    def to_internal_value(self, data: Any) -> Security:
        if not isinstance(data, str) or "\x00" in data:
            self.fail("does_not_exist")
        visible = Security.objects.visible_to(self.context["request"].user)
        security: Security | None = visible.named(data).first()
        return self.fail("does_not_exist") if security is None else security


class PerformanceParameters(PortfolioParameters, DateRange):
    """Without start_date from the first transaction on, without end_date up to today. Raises StartAfterEnd (400)."""

    benchmark = BenchmarkField(required=False, help_text="A security to compare with: symbol or id.")
    risk_free_rate = RateField(
        required=False, help_text="Per year, as a fraction, for the Sharpe ratio: 0.02 is 2 %; default: 0."
    )


def query_of(wanted: dict[str, Any], last_day: date) -> PerformanceQuery:
    """What parameters, already in the scope of their user, ask for; `last_day` where they name none."""
    return PerformanceQuery(
        base=wanted["base"],
        start=wanted.get("start_date"),
        end=wanted.get("end_date") or max(last_day, wanted.get("start_date") or last_day),
        known_at=wanted["known_at"],
        account_ids=wanted["account_ids"],
        benchmark=wanted.get("benchmark"),
        risk_free_rate=wanted.get("risk_free_rate", Decimal(0)),
    )


class FractionField(serializers.CharField):
    """A fraction of one, to eight decimals; 0.1234 is 12.34 %."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)


class BaseMoneyField(serializers.CharField):
    """In base_currency."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)


class StageSerializer(serializers.Serializer[Any]):
    """What happened from the end of the day before start_date to that of end_date."""

    start_date = serializers.DateField()
    end_date = serializers.DateField()
    opening_value = BaseMoneyField(help_text="At the end of the day before start_date.")
    closing_value = BaseMoneyField(help_text="At the end of end_date.")
    change = BaseMoneyField(help_text="closing_value less opening_value: market + fx + income + fees + taxes + flows.")
    gain = BaseMoneyField(help_text="change less flows: what was earned.")
    market = BaseMoneyField(help_text="What prices did.")
    fx = BaseMoneyField(help_text="What exchange rates did.")
    income = BaseMoneyField(help_text="Dividends and interest, before fees and taxes.")
    fees = BaseMoneyField(help_text="Negative if paid.")
    taxes = BaseMoneyField(help_text="Negative if paid.")
    flows = BaseMoneyField(help_text="What came in from outside, less what left.")
    twr = FractionField(help_text="Time-weighted return of the whole range.")
    missing = MissingSerializer(many=True)


class DrawdownSerializer(serializers.Serializer[Any]):
    depth = FractionField(help_text="A negative fraction of the peak.")
    peak_date = serializers.DateField(allow_null=True)
    trough_date = serializers.DateField(allow_null=True)
    recovery_date = serializers.DateField(allow_null=True, help_text="Null: not yet.")


class BenchmarkSerializer(serializers.Serializer[Any]):
    security_id = serializers.UUIDField()
    symbol = serializers.CharField()
    name = serializers.CharField()
    currency_code = serializers.CharField()
    twr = FractionField(help_text="In base_currency, dividends reinvested.")
    twr_annualized = FractionField()
    excess = FractionField(help_text="The portfolio's twr less the benchmark's.")
    beta = FractionField()
    correlation = FractionField()


class LeftOutSerializer(serializers.Serializer[Any]):
    account_id = serializers.UUIDField()
    code = serializers.CharField(help_text="recorded_values_only, recorded_before_ledger or liability")
    detail = serializers.CharField()


class PerformanceSerializer(StageSerializer):
    base_currency = serializers.CharField()
    known_at = serializers.DateTimeField(allow_null=True)
    account_ids = serializers.ListField(child=serializers.UUIDField(), help_text="The accounts that count.")
    measured_days = serializers.IntegerField(help_text="From the first day with capital to the last.")
    twr_annualized = FractionField(help_text="Per 365 days, of measured_days; null below 365.")
    xirr = FractionField(help_text="Money-weighted return per 365 days.")
    risk_free_rate = serializers.CharField()
    volatility = FractionField(help_text="Per year, of the daily returns of all days.")
    sharpe = FractionField(help_text="Mean excess over risk_free_rate by its deviation, per year.")
    max_drawdown = DrawdownSerializer()
    benchmark = BenchmarkSerializer(allow_null=True)
    years = StageSerializer(many=True)
    months = StageSerializer(many=True)
    excluded_days = serializers.ListField(
        child=serializers.DateField(), help_text="On which something was earned on nothing invested: in no return."
    )
    left_out = LeftOutSerializer(many=True)
    figures = serializers.ListField(child=serializers.CharField(), help_text="Names that portfolio/explain takes.")
