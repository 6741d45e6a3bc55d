"""Lists and details of rows, each in one statement that is compiled once."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Union, cast

from django.core.exceptions import ValidationError
from django.db.models import QuerySet, UUIDField
from django_filters.utils import get_model_field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from finances.api.filters import FilterSet, apply_filters, is_bindable
from finances.api.pagination import SkipLimitPagination
from finances.api.repeats import allow_repeats
from finances.api.rows import Body, Rows
from finances.api.writes import Writes
from finances.errors import NotFound
from finances.statements import PagedStatement, Parameter, Row, Statement

if TYPE_CHECKING:
    from finances.users.models import User

Reader = Union["User", Parameter]
READER = Parameter("reader", UUIDField())
STATEMENTS = 512
"""How many shapes of lists are kept compiled; orderings can be combined without end."""


class RowReads(Writes, GenericViewSet[Any], ABC):
    """GET of lists and details, of the fields that `rows` takes from the serializer. `scope` says whose they are."""

    queryset: Any
    rows: ClassVar[Rows]
    filterset_class: ClassVar[type[FilterSet]]
    repeats: ClassVar[frozenset[str]] = frozenset()
    """Actions whose answers may be repeated (finances.api.repeats)."""

    @classmethod
    @abstractmethod
    def scope(cls, reader: Reader) -> QuerySet[Any]:
        """What `reader` may see, in its order."""

    @classmethod
    def addressed(cls, queryset: QuerySet[Any], lookup: str, value: Parameter) -> QuerySet[Any]:
        """The row that a path names by the column `lookup`."""
        return queryset.filter(**{lookup: value})

    def get_queryset(self) -> QuerySet[Any]:
        return self.scope(cast("User", self.request.user))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action in self.repeats:
            allow_repeats(request._request)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.get_paginated_response(self.bodies(self.listed()))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.body())

    def body(self) -> Body:
        """Of the row that the path names. Raises NotFound."""
        return self.bodies(self.named())[0]

    def bodies(self, rows: Sequence[Row]) -> Sequence[Body]:
        return self.rows.bodies(rows)

    def shown(self, pk: Any) -> Body:
        """What was written, as the next read shows it; gone meanwhile, it is not found."""
        return self.bodies(self.found(self._key().name, pk))[0]

    def named(self) -> Sequence[Row]:
        """The row that the path names by its key. Raises NotFound."""
        try:
            pk = self._key().to_python(self.kwargs["pk"])
        except ValidationError as error:
            raise NotFound("Not found.") from error
        return self.found(self._key().name, pk)

    def _key(self) -> Any:
        model: Any = self._none().model
        return model._meta.pk

    def _none(self) -> QuerySet[Any]:
        """Of the right model; what it would find is never asked."""
        queryset: QuerySet[Any] = self.queryset
        return queryset

    def found(self, lookup: str, value: Any) -> Sequence[Row]:
        rows = detail(type(self), lookup).rows(reader=self.request.user.pk, **{lookup: value})
        if not rows:
            raise NotFound("Not found.")
        return rows

    def listed(self) -> Sequence[Row]:
        if not self.request.META.get("QUERY_STRING"):
            return self._page(listing(type(self), (), ()), {})
        given = self.filterset_class.read(self.request.query_params)
        order = tuple(given.pop("ordering", ()))
        declared = self.filterset_class.declared()
        if all(is_bindable(declared[name]) for name in given):
            return self._page(listing(type(self), tuple(given), order), given)
        filters = self.filterset_class(self.request.query_params, self._none()).filters
        return self._page(_paged(type(self), apply_filters(filters, self.get_queryset(), given), order), {})

    def _page(self, statement: PagedStatement, values: dict[str, Any]) -> Sequence[Row]:
        paginator = cast(SkipLimitPagination, self.paginator)
        return paginator.read_page(
            self.request, lambda skip, limit: statement.page(skip, limit, reader=self.request.user.pk, **values)
        )


@lru_cache(maxsize=STATEMENTS)
def listing(view: type[RowReads], names: tuple[str, ...], order: tuple[str, ...]) -> PagedStatement:
    """Filtered by bindable filters; each run binds their values by their names, and `reader`."""
    filters = view.filterset_class.declared()
    queryset = view.scope(READER)
    values = {name: _parameter(queryset, name, filters[name].field_name) for name in names}
    return _paged(view, apply_filters(filters, queryset, values), order)


@lru_cache(maxsize=STATEMENTS)
def detail(view: type[RowReads], lookup: str) -> Statement:
    """One row by the value of its column `lookup`, which each run binds, and `reader`."""
    queryset = view.scope(READER)
    found = view.addressed(queryset, lookup, _parameter(queryset, lookup, lookup))
    return Statement(found.order_by(), view.rows.columns)


def _paged(view: type[RowReads], queryset: QuerySet[Any], order: tuple[str, ...]) -> PagedStatement:
    if order:
        queryset = view.filterset_class.declared()["ordering"].filter(queryset, list(order))
    return PagedStatement(queryset, view.rows.columns)


def _parameter(queryset: QuerySet[Any], name: str, column: str) -> Parameter:
    return Parameter(name, get_model_field(queryset.model, column))
