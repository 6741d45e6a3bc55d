"""Filters of lists: declared per view as a FilterSet, refused with 422 where malformed, in a total order."""

import re
from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.fields import get_error_detail

from finances.api.exceptions import InvalidParameters


class StrictFilterBackend(DjangoFilterBackend):
    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise InvalidParameters(get_error_detail(ValidationError(filterset.errors.as_data())))
        found: QuerySet[Any] = filterset.qs
        return found


@extend_schema_field({"type": "boolean"})
class StrictBooleanFilter(django_filters.TypedChoiceFilter):
    """`true` or `false`; anything else is a 422, where BooleanFilter would ignore it."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce="true".__eq__, **kwargs)


class TotalOrdering(django_filters.OrderingFilter):
    """`ordering=name,-created_at`; the primary key decides among equals, so that pages never overlap."""

    def filter(self, qs: QuerySet[Any], value: list[str] | None) -> QuerySet[Any]:
        ordered: QuerySet[Any] = super().filter(qs, value)
        return ordered.order_by(*ordered.query.order_by, "pk") if value else ordered


DAY, TIME, ZONE = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}(:\d{2}([.,]\d{1,6})?)?", r"[Zz]|[+-]\d{2}:?\d{2}"
MOMENT = re.compile(f"{DAY}([T ]{TIME}({ZONE})?)?", re.ASCII)


class MomentField(IsoDateTimeField):
    """A moment in UTC; one that has no UTC form (the first hours of year 1, the last of 9999) is refused."""

    def to_python(self, value: Any) -> datetime | None:
        if value and not MOMENT.fullmatch(str(value)):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        moment: datetime | None = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class UpdatedSince(django_filters.IsoDateTimeFilter):
    """`updated_since=`: what has changed at that moment or later."""

    field_class = MomentField

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"field_name": "updated_at", "lookup_expr": "gte", **options})
