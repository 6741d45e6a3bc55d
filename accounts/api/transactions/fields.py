"""Fields of transactions' bodies."""

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.transactions.references import NamedField
from finances.api.fields import ExactDecimalField, StrictCharField

QUANTITY: dict[str, Any] = {"max_digits": 30, "decimal_places": 12}
LOT = re.compile(r"[0-9a-f-]{36}(\.[0-9]{1,6})?")
MAX_TAGS, MAX_LOTS = 20, 200


@extend_schema_field({"type": "string", "format": "uuid"})
class NamedIdField(NamedField):
    """By its UUID."""


@extend_schema_field({"type": "string", "maxLength": 36})
class NamedCodeField(NamedField):
    """By its symbol or code."""


class FigureField(ExactDecimalField):
    """Optional; null as good as absent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**QUANTITY, "required": False, "allow_null": True, **kwargs})


class PositiveField(FigureField):
    default_error_messages = {"not_positive": "Ensure this value is greater than 0."}

    def to_internal_value(self, data: Any) -> Decimal:
        figure = super().to_internal_value(data)
        return figure if figure > 0 else self.fail("not_positive")


class TextField(StrictCharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "allow_blank": True, **kwargs})


class NamedLotSerializer(serializers.Serializer[Any]):
    lot_id = serializers.RegexField(LOT, help_text="As `holdings/{id}/lots` names it.")
    quantity = PositiveField(required=True, allow_null=False, help_text="In units of the trade date.")

    def to_internal_value(self, data: Any) -> dict[str, str]:
        lot = super().to_internal_value(data)
        return {"lot_id": lot["lot_id"], "quantity": str(lot["quantity"])}


class TagField(StrictCharField):
    def __init__(self) -> None:
        super().__init__(max_length=30)


class TagsField(serializers.ListField):
    """Each once, in the order given."""

    def __init__(self) -> None:
        text = f"Up to {MAX_TAGS} words of your own."
        super().__init__(child=TagField(), required=False, max_length=MAX_TAGS, help_text=text)

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(super().to_internal_value(data)))
