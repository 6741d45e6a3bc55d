"""Filters of the lists of institutions and accounts."""

import django_filters
from django.db.models import QuerySet

from accounts.models import Account, FinancialInstitution
from finances.api.filters import FilterSet, StrictBooleanFilter, TotalOrdering, UpdatedSince


class FinancialInstitutionFilter(FilterSet):
    name = django_filters.CharFilter(lookup_expr="icontains", max_length=200, label="Part of the name, in any case.")
    institution_type = django_filters.ChoiceFilter(choices=FinancialInstitution.Type.choices)
    country = django_filters.CharFilter(max_length=2)
    updated_since = UpdatedSince(label="Changed at this time or later.")
    ordering = TotalOrdering(fields=["name", "institution_type", "country", "created_at", "updated_at"])

    class Meta:
        model = FinancialInstitution
        fields: list[str] = []


class AccountFilter(FilterSet):
    name = django_filters.CharFilter(lookup_expr="icontains", max_length=200, label="Part of the name, in any case.")
    account_type = django_filters.ChoiceFilter(choices=Account.Type.choices)
    classification = django_filters.ChoiceFilter(choices=Account.Classification.choices, method="of_classification")
    is_active = StrictBooleanFilter(label="Active accounts only, or archived ones only.")
    financial_institution_id = django_filters.UUIDFilter()
    currency = django_filters.CharFilter(field_name="currency_id", max_length=3)
    updated_since = UpdatedSince(label="Changed at this time or later; a value recorded changes its account.")
    ordering = TotalOrdering(
        fields=["name", "account_type", "opened_on", "closed_on", "latest_value_date", "created_at", "updated_at"]
    )

    class Meta:
        model = Account
        fields: list[str] = []

    def of_classification(self, accounts: QuerySet[Account], name: str, value: str) -> QuerySet[Account]:
        if value == Account.Classification.LIABILITY:
            return accounts.filter(account_type__in=Account.LIABILITIES)
        return accounts.exclude(account_type__in=Account.LIABILITIES)
