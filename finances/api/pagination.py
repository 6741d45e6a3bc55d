"""Lists: `skip` and `limit` in, a bare array with X-Total-Count and Link out."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from finances.api.fields import IntegerParameter
from finances.api.parameters import read_parameters
from finances.statements import Page, Row


class PageParameters(serializers.Serializer[Any]):
    skip = IntegerParameter(
        min_value=0, max_value=2**31 - 1, default=0, help_text="How many to leave out from the start."
    )
    limit = IntegerParameter(min_value=1, max_value=1000, default=100, help_text="How many at most.")


class SkipLimitPagination(LimitOffsetPagination):
    """A list with other bounds subclasses this with other `parameters`."""

    limit_query_param = "limit"
    offset_query_param = "skip"
    request: Request
    offset: int
    limit: int
    count: int
    parameters: ClassVar[type[serializers.Serializer[Any]]] = PageParameters

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self._read_bounds(request)
        self.count = self.get_count(queryset)
        return list(queryset[self.offset : self.offset + self.limit]) if self.offset < self.count else []

    def read_page(self, request: Request, page: Callable[[int, int], Page]) -> list[Row]:
        """The rows of a statement's `page`, which also counts; what it answers is what get_paginated_response tells."""
        self._read_bounds(request)
        found = page(self.offset, self.limit)
        self.count = found.total
        return found.rows

    def _read_bounds(self, request: Request) -> None:
        wanted = read_parameters(self.parameters, request)
        self.request, self.offset, self.limit = request, wanted["skip"], wanted["limit"]

    def get_paginated_response(self, data: Any) -> Response:
        headers = {"X-Total-Count": str(self.count)}
        if links := self._links():
            headers["Link"] = links
        return Response(data, headers=headers)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return schema

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {"name": name, "in": "query", "required": False, "description": field.help_text,
             "schema": {"type": "integer", "minimum": field.min_value, "maximum": field.max_value,
                        "default": field.default}}
            for name, field in cast("dict[str, Any]", self.parameters().fields).items()
        ]  # fmt: skip

    def _links(self) -> str:
        """RFC 8288 relations; the first page's link carries no skip."""
        if not self.offset and self.count <= self.limit:
            return ""
        url = self.request.build_absolute_uri()
        pages = {"next": self.get_next_link(), "prev": self.get_previous_link()}
        if self.count > self.limit:
            pages["first"] = remove_query_param(url, "skip")
            last = (self.count - 1) // self.limit * self.limit
            pages["last"] = replace_query_param(url, "skip", last)
        return ", ".join(f'<{link}>; rel="{rel}"' for rel, link in pages.items() if link)
