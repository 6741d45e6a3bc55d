"""Query strings are validated like bodies: by a serializer, every violation at once."""

import threading
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
    # A plain dict: DRF takes a QueryDict for an HTML form, where an absent boolean is False whatever its default.
    given = {name: text for name, text in request.query_params.items() if text}
    serializer: Any = kept.of(serializer_class)
    serializer._context = {"request": request}
    try:
        return dict(serializer.run_validation(given))
    except serializers.ValidationError as error:
        raise InvalidParameters(error.detail) from error
