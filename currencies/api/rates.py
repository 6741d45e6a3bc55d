"""A page of a currency's rates."""

from typing import Any

from rest_framework.exceptions import ErrorDetail
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from currencies.api.serializers import rate_row
from currencies.models import ExchangeRate
from currencies.series import day_rates, pair_days, pair_rates
from finances.api.exceptions import InvalidParameters


def rate_page(view: GenericAPIView[Any], code: str, wanted: dict[str, Any]) -> Response:
    """Against one currency, day by day; else every stored rate to or from `code`."""
    quote, sign = wanted.get("quote"), "-" if wanted["order"] == "desc" else ""
    start, end = wanted.get("start_date"), wanted.get("end_date")
    if quote == code:
        same = ErrorDetail("A currency has no rate against itself.", code="same_currency")
        raise InvalidParameters({"quote": [same]})
    if quote:
        days = view.paginate_queryset(pair_days(code, quote, start=start, end=end).order_by(f"{sign}day"))
        found = pair_rates(code, quote, list(days or ()))
    else:
        rows = ExchangeRate.objects.seen_from(code).between(start, end).order_by(f"{sign}day", "other")
        found = day_rates(code, view.paginate_queryset(rows) or ())
    return view.get_paginated_response([rate_row(rate) for rate in found])
