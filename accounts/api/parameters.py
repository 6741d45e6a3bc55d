"""The query strings of the values' endpoints."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from currencies.models import Currency
from finances.api.fields import CurrencyCodeField, StrictDateField
from finances.api.parameters import read_parameters
from securities.api.parameters import StartAfterEnd


class HistoryParameters(serializers.Serializer[Any]):
    start_date = StrictDateField(required=False, help_text="First day, inclusive.")
    end_date = StrictDateField(required=False, help_text="Last day, inclusive.")
    order = serializers.ChoiceField(["asc", "desc"], default="desc", help_text="By day.")


def read_history_parameters(request: Request) -> dict[str, Any]:
    """Raises InvalidParameters (422), StartAfterEnd (400)."""
    wanted = read_parameters(HistoryParameters, request)
    start, end = wanted.get("start_date"), wanted.get("end_date")
    if start and end and start > end:
        raise StartAfterEnd
    return {"start": start, "end": end, "newest_first": wanted["order"] == "desc"}


class LatestParameters(serializers.Serializer[Any]):
    as_of = StrictDateField(required=False, help_text="Values of this day or the last before; rates likewise.")
    base = CurrencyCodeField(
        queryset=Currency.objects.all(), required=False, help_text="Code of the currency of `total`."
    )
