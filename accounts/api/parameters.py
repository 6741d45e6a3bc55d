"""The query strings of the values' endpoints."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from currencies.models import Currency
from finances.api.fields import CurrencyCodeField, StrictDateField
from finances.api.parameters import DateRange, read_parameters


class HistoryParameters(DateRange):
    order = serializers.ChoiceField(["asc", "desc"], default="desc", help_text="By day.")


def read_history_parameters(request: Request) -> dict[str, Any]:
    """Raises InvalidParameters (422), StartAfterEnd (400)."""
    wanted = read_parameters(HistoryParameters, request)
    return {"start": wanted.get("start_date"), "end": wanted.get("end_date"), "newest_first": wanted["order"] == "desc"}


class LatestParameters(serializers.Serializer[Any]):
    as_of = StrictDateField(required=False, help_text="Values of this day or the last before; rates likewise.")
    base = CurrencyCodeField(
        queryset=Currency.objects.all(), required=False, help_text="Code of the currency of `total`."
    )
