"""Lists of days: many rows in one body, each of another day."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail


class DayListSerializer(serializers.ListSerializer[Any]):
    """Up to `most` rows, each of another day; every violation is told, by its position."""

    default_error_messages = {"max_length": "At most {max_length} {rows} at once."}
    most: ClassVar[int]
    rows: ClassVar[str]
    """What the rows are, as a refusal calls them."""
    day_field: ClassVar[str]

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if len(data) > self.most:
            self.fail("max_length", max_length=self.most, rows=self.rows)
        violations: dict[Any, Any] = {}
        days: set[str] = set()
        rows = []
        for position, item in enumerate(data):
            row, found = self._checked(item, days)
            rows.append(row)
            if found:
                violations[position] = found
        if violations:
            raise serializers.ValidationError(violations)
        return rows

    def _checked(self, item: Any, days: set[str]) -> tuple[Any, Any]:
        """The row and what is wrong with it."""
        row, found = None, {}
        try:
            row = self.run_child_validation(item)
        except serializers.ValidationError as error:
            if not isinstance(error.detail, dict):
                return row, error.detail
            found = dict(error.detail)
        # Among rows that are wrong otherwise too, so that all is told at once; a right date has one spelling.
        day = item.get(self.day_field) if isinstance(item, Mapping) else None
        if isinstance(day, str) and self.day_field not in found:
            if day in days:
                found[self.day_field] = [ErrorDetail("This day is in the list already.", code="repeated_date")]
            days.add(day)
        return row, found
