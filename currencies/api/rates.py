"""A page of a currency's rates."""

from typing import Any

from rest_framework.exceptions import ErrorDetail
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from currencies.api.serializers import rate_row
from currencies.models import ExchangeRate
from currencies.series import as_known, day_rates, pair_days, pair_rates
from finances.api.exceptions import InvalidParameters


def rate_page(view: GenericAPIView[Any], code: str, wanted: dict[str, Any]) -> Response:
    """Against one currency, day by day; else every stored rate to or from `code`."""
    quote, sign = wanted.get("quote"), "-" if wanted["order"] == "desc" else ""
    start, end, known_at = wanted.get("start_date"), wanted.get("end_date"), wanted.get("known_at")
    if quote == code:
        same = ErrorDetail("A currency has no rate against itself.", code="same_currency")
        raise InvalidParameters({"quote": [same]})
    if quote:
        days = pair_days(code, quote, start=start, end=end, known_at=known_at).order_by(f"{sign}day")
        found = pair_rates(code, quote, list(view.paginate_queryset(days) or ()), known_at)
    else:
        rows = ExchangeRate.objects.known(known_at).seen_from(code, known_at).between(start, end).preferred(known_at)
        page = view.paginate_queryset(rows.order_by(f"{sign}day", "other"))
        found = day_rates(code, as_known(page or (), known_at))
    return view.get_paginated_response([rate_row(rate) for rate in found])
