"""Filters of the list of currencies."""

import django_filters
from django.utils import timezone

from currencies.models import Currency
from currencies.models.currency import CurrencyQuerySet
from finances.api.filters import FilterSet, StrictBooleanFilter, TotalOrdering, UpdatedSince


class CurrencyFilter(FilterSet):
    search = django_filters.CharFilter(method="containing", max_length=100, label="Part of the code or of the name.")
    is_current = StrictBooleanFilter(method="in_force", label="Currencies in force only, or ended ones only.")
    updated_since = UpdatedSince(label="Changed at this time or later.")
    ordering = TotalOrdering(fields=["code", "name", "last_valid_on", "created_at", "updated_at"])

    class Meta:
        model = Currency
        fields: list[str] = []

    def containing(self, currencies: CurrencyQuerySet, name: str, value: str) -> CurrencyQuerySet:
        return currencies.matching(value)

    def in_force(self, currencies: CurrencyQuerySet, name: str, value: bool) -> CurrencyQuerySet:
        today = timezone.now().date()
        return currencies.current_on(today) if value else currencies.ended_before(today)
