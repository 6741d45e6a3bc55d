import django_filters
from django.db.models import QuerySet

from finances.api.filters import FilterSet, StrictBooleanFilter, TotalOrdering, UpdatedSince
from finances.users.models import User, normalize_login


class UserFilter(FilterSet):
    email = django_filters.CharFilter(method="containing", max_length=254, label="Part of the e-mail address.")
    is_active = StrictBooleanFilter(label="Enabled or disabled accounts only.")
    is_staff = StrictBooleanFilter(label="Staff only, or everybody else.")
    updated_since = UpdatedSince(label="Changed at this time or later.")
    ordering = TotalOrdering(fields=("email", "created_at", "updated_at"))

    def containing(self, users: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return users.filter(email__contains=normalize_login(value))
