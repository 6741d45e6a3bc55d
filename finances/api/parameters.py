"""Query strings are validated like bodies: by a serializer, every violation at once."""

import threading
from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from finances.api.exceptions import InvalidParameters
from finances.api.fields import StrictDateField
from finances.errors import RuleViolation

Parameters = serializers.Serializer[Any]


class StartAfterEnd(RuleViolation):
    code = "start_after_end"
    message = "start_date is after end_date."


class DateRange(serializers.Serializer[Any]):
    """The range of every series. Raises StartAfterEnd (400)."""

    start_date = StrictDateField(required=False, help_text="First day, inclusive.")
    end_date = StrictDateField(required=False, help_text="Last day, inclusive.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        start, end = attrs.get("start_date"), attrs.get("end_date")
        if start and end and start > end:
            raise StartAfterEnd
        return attrs


class _Kept(threading.local):
    """The serializers of one thread: making one copies each of its fields."""

    def __init__(self) -> None:
        self._made: dict[type[Parameters], Parameters] = {}

    def of(self, kind: type[Parameters]) -> Parameters:
        return self._made.get(kind) or self._made.setdefault(kind, kind())


kept = _Kept()


def read_parameters(serializer_class: type[Parameters], request: Request) -> dict[str, Any]:
    """The typed parameters of `request`; a blank one is as good as absent, and of several the last counts.

    Raises InvalidParameters (422, loc ["query", name]).
    """
    try:
        if not _names_any(serializer_class, request):
            return dict(_unasked(serializer_class))
        serializer: Any = kept.of(serializer_class)
        serializer._context = {"request": request}
        # A plain dict: DRF takes a QueryDict for an HTML form, where an absent boolean is False whatever its default.
        return dict(serializer.run_validation({name: text for name, text in request.query_params.items() if text}))
    except serializers.ValidationError as error:
        raise InvalidParameters(error.detail) from error


def _names_any(kind: type[Parameters], request: Request) -> bool:
    # Without a query string there is no need to make a QueryDict of it.
    return bool(request.META.get("QUERY_STRING")) and not _names(kind).isdisjoint(request.query_params)


@cache
def _names(kind: type[Parameters]) -> frozenset[str]:
    return frozenset(kind().fields)


@cache
def _unasked(kind: type[Parameters]) -> dict[str, Any]:
    """What counts where nothing is asked for: the same for all requests, so without one. Raises ValidationError."""
    return dict(kind().run_validation({}))
