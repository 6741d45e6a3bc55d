from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field

from finances.api.filters import TotalOrdering, UpdatedSince
from finances.users.models import User, normalize_login


@extend_schema_field({"type": "boolean"})
class StrictBooleanFilter(django_filters.TypedChoiceFilter):  # type: ignore[misc]
    """`true` or `false`; anything else is a 422, where BooleanFilter would ignore it."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce="true".__eq__, **kwargs)


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]
    email = django_filters.CharFilter(method="containing", label="Part of the e-mail address.")
    is_active = StrictBooleanFilter(label="Enabled or disabled accounts only.")
    is_staff = StrictBooleanFilter(label="Staff only, or everybody else.")
    updated_since = UpdatedSince(label="Changed at this time or later.")
    ordering = TotalOrdering(fields=("email", "created_at", "updated_at"))

    def containing(self, users: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return users.filter(email__contains=normalize_login(value))
