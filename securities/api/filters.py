"""Filters of the list of securities."""

import django_filters

from finances.api.filters import FilterSet, StrictBooleanFilter, TotalOrdering, UpdatedSince
from securities.models import Security


class SecurityFilter(FilterSet):
    type = django_filters.ChoiceFilter(field_name="security_type", choices=Security.Type.choices)
    exchange = django_filters.CharFilter(lookup_expr="iexact", max_length=50)
    currency = django_filters.CharFilter(field_name="currency_id", max_length=3)
    is_active = StrictBooleanFilter()
    updated_since = UpdatedSince()
    ordering = TotalOrdering(
        fields=["symbol", "name", "security_type", "exchange", "last_synced_at", "created_at", "updated_at"]
    )

    class Meta:
        model = Security
        fields: list[str] = []
