"""A page of a currency's rates."""

from collections.abc import Iterable
from typing import Any, cast

from django.conf import settings
from rest_framework.exceptions import ErrorDetail
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from currencies.api.serializers import rate_row
from currencies.models import Currency, ExchangeRate
from currencies.series import (
    DayRate,
    StoredRate,
    columns_known,
    day_rates,
    pair_days,
    pair_rates,
    stored_rates,
)
from finances.api.exceptions import InvalidParameters
from finances.api.pagination import SkipLimitPagination
from finances.errors import NotFound

Wanted = dict[str, Any]


def rate_page(view: GenericAPIView[Any], code: str, wanted: Wanted) -> Response:
    """Against one currency, day by day; else every stored rate to or from `code`. Raises NotFound without `code`."""
    if wanted.get("quote") or wanted.get("known_at"):
        _check_exists(code)
        found = _pair_page(view, code, wanted) if wanted.get("quote") else _page_as_known(view, code, wanted)
    else:
        found = _page(view, code, wanted)
        if not found:
            _check_exists(code)
    return view.get_paginated_response([rate_row(rate) for rate in found])


def _check_exists(code: str) -> None:
    if not Currency.objects.filter(pk=code).exists():
        raise NotFound("Not found.")


def _page(view: GenericAPIView[Any], code: str, wanted: Wanted) -> list[DayRate]:
    start, end = wanted.get("start_date"), wanted.get("end_date")
    statement = stored_rates(
        starts=start is not None,
        ends=end is not None,
        newest_first=wanted["order"] == "desc",
        sources=tuple(settings.RATE_SOURCES),
    )
    rows = cast(SkipLimitPagination, view.paginator).read_page(
        view.request, lambda skip, limit: statement.page(skip, limit, code=code, start=start, end=end)
    )
    return day_rates(code, (StoredRate(*row[:5]) for row in rows))


def _page_as_known(view: GenericAPIView[Any], code: str, wanted: Wanted) -> list[DayRate]:
    known_at = wanted["known_at"]
    rows = ExchangeRate.objects.known(known_at).seen_from(code, known_at)
    rows = rows.between(wanted.get("start_date"), wanted.get("end_date")).preferred(known_at)
    ordered = rows.order_by("-day" if wanted["order"] == "desc" else "day", "other")
    page: Iterable[Any] = view.paginate_queryset(ordered.values_list(*columns_known(known_at))) or ()
    return day_rates(code, map(StoredRate._make, page))


def _pair_page(view: GenericAPIView[Any], code: str, wanted: Wanted) -> list[DayRate]:
    quote, known_at = wanted["quote"], wanted.get("known_at")
    if quote == code:
        same = ErrorDetail("A currency has no rate against itself.", code="same_currency")
        raise InvalidParameters({"quote": [same]})
    days = pair_days(
        code, quote, start=wanted.get("start_date"), end=wanted.get("end_date"), known_at=known_at
    ).order_by("-day" if wanted["order"] == "desc" else "day")
    return pair_rates(code, quote, list(view.paginate_queryset(days) or ()), known_at)
