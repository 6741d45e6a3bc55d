"""Filters of the list of holdings."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from accounts.models import Holding
from finances.api.filters import FilterSet, TotalOrdering, UpdatedSince


class HoldingFilter(FilterSet):
    account = django_filters.UUIDFilter(field_name="account_id")
    security = django_filters.CharFilter(method="of_symbol", max_length=32, help_text="Symbol, in any case.")
    updated_since = UpdatedSince()
    ordering = TotalOrdering(
        fields=[
            ("security__symbol", "symbol"), ("account__name", "account_name"), ("quantity", "quantity"),
            ("acquired_on", "acquired_on"), ("created_at", "created_at"), ("updated_at", "updated_at"),
        ]
    )  # fmt: skip

    class Meta:
        model = Holding
        fields: list[str] = []

    def of_symbol(self, holdings: QuerySet[Any], name: str, symbol: str) -> QuerySet[Any]:
        return holdings.filter(security__symbol=symbol.upper())
