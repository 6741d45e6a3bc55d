"""Query strings are validated like bodies: by a serializer, every violation at once."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from finances.api.exceptions import InvalidParameters
from finances.api.fields import StrictDateField
from finances.errors import RuleViolation


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


def read_parameters(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The typed parameters of `request`; a blank one is as good as absent, and of several the last counts.

    Raises InvalidParameters (422, loc ["query", name]).
    """
    # A plain dict: DRF takes a QueryDict for an HTML form, where an absent boolean is False whatever its default.
    given = {name: text for name, text in request.query_params.items() if text}
    serializer = serializer_class(data=given, context={"request": request})
    if not serializer.is_valid():
        raise InvalidParameters(serializer.errors)
    return dict(serializer.validated_data)
