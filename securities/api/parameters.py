"""The query strings of the securities endpoints."""

from datetime import date, timedelta
from typing import Any

from rest_framework import serializers

from finances.api.fields import IntegerParameter, KnownAtField
from finances.api.parameters import DateRange
from finances.errors import RuleViolation
from securities.history import PriceQuery

LAST_DAY = date(9000, 1, 1)
PERIODS: dict[str, timedelta | None] = {
    "1d": timedelta(days=0),
    "5d": timedelta(days=4),
    "1mo": timedelta(days=30),
    "3mo": timedelta(days=91),
    "6mo": timedelta(days=182),
    "1y": timedelta(days=365),
    "5y": timedelta(days=1826),
    "10y": timedelta(days=3652),
    "ytd": None,
    "max": None,
}


class PeriodWithDates(RuleViolation):
    code = "period_with_dates"
    message = "period stands instead of start_date and end_date; give one or the other."


class PriceParameters(DateRange):
    interval = serializers.ChoiceField(["1m", "1h", "1d", "1wk"], default="1d")
    period = serializers.ChoiceField(list(PERIODS), required=False, help_text="Up to today, instead of dates.")
    limit = IntegerParameter(min_value=1, max_value=20_000, default=100, help_text="Keeps the newest.")
    order = serializers.ChoiceField(["asc", "desc"], default="desc")
    adjusted = serializers.ChoiceField(
        ["none", "splits", "all"],
        default="splits",
        help_text="none: as traded; splits: in today's shares; all: for dividends too.",
    )
    format = serializers.ChoiceField(
        ["rows", "columns"], default="rows", help_text="rows: an object a bar; columns: an array a figure, for charts."
    )
    known_at = KnownAtField()
    continuous = serializers.BooleanField(
        default=True,
        help_text="One history with what the security was called before and after; false: its own bars alone.",
    )


def price_query(values: dict[str, Any], *, today: date) -> PriceQuery:
    """Raises PeriodWithDates (400)."""
    start, end, period = values.get("start_date"), values.get("end_date"), values.get("period")
    # No bar is later, and the end of time cannot be reckoned with.
    start, end = start and min(start, LAST_DAY), end and min(end, LAST_DAY)
    if period and (start or end):
        raise PeriodWithDates
    return PriceQuery(
        interval=values["interval"],
        start=start_of(period, today) if period else start,
        end=end,
        limit=values["limit"],
        newest_first=values["order"] == "desc",
        adjusted=values["adjusted"],
        known_at=values.get("known_at"),
        continuous=values["continuous"],
    )


def start_of(period: str, today: date) -> date | None:
    """First day of a period that ends today; None for all there is."""
    if period == "ytd":
        return today.replace(month=1, day=1)
    length = PERIODS[period]
    return None if length is None else today - length


class SearchParameters(serializers.Serializer[Any]):
    query = serializers.CharField(max_length=100)
    limit = IntegerParameter(min_value=1, max_value=50, default=10)


class QuoteParameters(serializers.Serializer[Any]):
    symbols = serializers.CharField(max_length=4000, help_text="Up to 100 symbols, separated by commas.")

    def validate_symbols(self, value: str) -> list[str]:
        symbols = list(dict.fromkeys(symbol.strip().upper() for symbol in value.split(",") if symbol.strip()))
        if not 1 <= len(symbols) <= 100:
            raise serializers.ValidationError("Give 1 to 100 symbols.", code="count")
        return symbols
