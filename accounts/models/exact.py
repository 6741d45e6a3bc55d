"""Decimals that keep every digit on both engines."""

from decimal import Decimal
from typing import Any

from django.db import models


class ExactDecimalField(models.DecimalField):  # type: ignore[type-arg]  # not subscriptable when the code runs
    """SQLite's NUMERIC columns hold doubles, exact to 15 digits; there this keeps text instead.

    The text is padded with zeros, so that it compares and sorts as the numbers do from zero upwards. SQLite's sums of
    it are doubles again.
    """

    def get_internal_type(self) -> str:
        # The engine's converter of DecimalField would read a double.
        return "ExactDecimalField"

    def db_type(self, connection: Any) -> str:
        return "text" if connection.vendor == "sqlite" else f"numeric({self.max_digits}, {self.decimal_places})"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        adapted = super().get_db_prep_value(value, connection, prepared)
        if connection.vendor != "sqlite" or adapted is None:
            return adapted
        return f"{adapted:0{self.max_digits + 1}.{self.decimal_places}f}"

    def get_db_converters(self, connection: Any) -> list[Any]:
        # PostgreSQL's driver gives Decimals: a call for each cell of a long ledger would be for nothing.
        return [_from_text] if connection.vendor == "sqlite" else []


def _from_text(value: Any, expression: Any, connection: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, str) else value
