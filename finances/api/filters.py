"""Filters of lists: declared per view as a FilterSet, refused with 422 where malformed, in a total order."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import F, OrderBy, QuerySet
from django_filters.constants import EMPTY_VALUES
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.utils import get_model_field
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework.fields import get_error_detail

from finances.api.exceptions import InvalidParameters


class FilterSet(django_filters.FilterSet):
    """Makes the filters that a request names, and no others: a form of all is much of a short request."""

    def __init__(self, data: Any = None, *args: Any, **options: Any) -> None:
        given = data or {}
        self.base_filters = {name: each for name, each in self.declared().items() if name in given}
        super().__init__(data, *args, **options)

    @classmethod
    def declared(cls) -> dict[str, Any]:
        """All filters, by the names of their parameters."""
        filters: dict[str, Any] = cls.base_filters
        return filters

    @classmethod
    def read(cls, data: Any) -> dict[str, Any]:
        """The values to filter by, of valid parameters. Raises InvalidParameters (422).

        As a form would have it, which is not made: it costs more than the statement that it is for.
        """
        values, errors = {}, {}
        for name, field in _fields_of(cls).items():  # type: ignore[arg-type]  # mypy does not know that classes are hashable
            if name in data:
                try:
                    values[name] = field.clean(field.widget.value_from_datadict(data, {}, name))
                except ValidationError as error:
                    errors[name] = error
        if errors:
            raise InvalidParameters(get_error_detail(ValidationError(errors)))
        # Most are truthy, which saves comparing them (UUIDs do so in Python) with each of what counts as empty.
        return {name: value for name, value in values.items() if value or value not in EMPTY_VALUES}


@cache
def _fields_of(kind: type[FilterSet]) -> dict[str, Any]:
    return {name: each.field for name, each in kind.declared().items()}


class StrictFilterBackend(DjangoFilterBackend):
    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        return apply_filters(filterset.filters, queryset, filterset.read(request.query_params))


def apply_filters(filters: Mapping[str, Any], queryset: QuerySet[Any], values: Mapping[str, Any]) -> QuerySet[Any]:
    for name, value in values.items():
        queryset = filters[name].filter(queryset, value)
    return queryset


def is_bindable(each: Any) -> bool:
    """Whether a Parameter may stand for the filter's value: it goes into a comparison as it is."""
    plain = type(each).filter in (django_filters.Filter.filter, django_filters.ChoiceFilter.filter)
    return plain and each.method is None and not each.exclude and each.lookup_expr in ("exact", "gte")


class BoundedParameters(DjangoFilterExtension):
    """Tells the longest text that a filter takes."""

    target_class = "finances.api.filters.StrictFilterBackend"
    priority = 1

    def resolve_filter_field(self, *args: Any) -> Any:
        parameters, each = super().resolve_filter_field(*args), args[-1]  # type: ignore[no-untyped-call]
        longest = each.extra.get("max_length")
        for parameter in parameters if longest else ():
            parameter["schema"]["maxLength"] = longest
        return parameters


@extend_schema_field({"type": "boolean"})
class StrictBooleanFilter(django_filters.TypedChoiceFilter):
    """`true` or `false`; anything else is a 422, where BooleanFilter would ignore it."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce="true".__eq__, **kwargs)


class TotalOrdering(django_filters.OrderingFilter):
    """`ordering=name,-created_at`; the primary key decides among equals, so that pages never overlap."""

    def filter(self, qs: QuerySet[Any], value: list[str] | None) -> QuerySet[Any]:
        if not value:
            return qs
        return qs.order_by(*(_nulls_last(qs, self.get_ordering_value(name)) for name in value), "pk")


def _nulls_last(queryset: QuerySet[Any], name: str) -> str | OrderBy:
    """Both directions end with what has no value; PostgreSQL and SQLite alone would each do otherwise."""
    column = name.removeprefix("-")
    if column not in queryset.query.annotations and not get_model_field(queryset.model, column).null:
        return name
    return OrderBy(F(column), descending=name.startswith("-"), nulls_last=True)


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
