"""Shapes of holdings."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty

from accounts.holding_figures import HoldingFigures, columns_of_figures
from accounts.ledger.projection import COUNTED_BY
from accounts.models import Account, Holding
from finances.api.fields import ExactDecimalField, MoneyField, OwnedRelatedField, StrictCharField, StrictDateField
from finances.api.rows import Derived, Rows
from securities.api.serializers import MissingSerializer
from securities.models import Security

QUANTITY: dict[str, Any] = {"max_digits": 30, "decimal_places": 12}
is_symbol = RegexValidator(r"^[A-Za-z0-9.^=&_:\-]{1,32}\Z", "This is not a symbol.")


class FigureField(serializers.DecimalField):
    """Money that is rounded already."""

    text = str

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=None, decimal_places=None, read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return self.text(value)


class HoldingSerializer(serializers.ModelSerializer[Holding]):
    account_id = serializers.UUIDField(read_only=True)
    security_id = serializers.UUIDField(source="security.uuid", read_only=True)
    symbol = serializers.CharField(source="security.symbol", read_only=True)
    name = serializers.CharField(source="security.name", read_only=True)
    currency_code = serializers.CharField(source="currency_id", read_only=True)
    quantity = ExactDecimalField(**QUANTITY, read_only=True)
    average_cost = MoneyField(read_only=True, allow_null=True, help_text="Per unit, in currency_code.")
    current_price = serializers.FloatField(
        read_only=True,
        allow_null=True,
        help_text="Last stored daily close in currency_code, as traded but for splits since: per unit of today.",
    )
    price_at = serializers.DateTimeField(read_only=True, allow_null=True)
    market_value = FigureField()
    cost = FigureField()
    unrealized_gain = FigureField()
    missing = MissingSerializer(many=True, read_only=True)

    class Meta:
        model = Holding
        fields = [
            "id", "account_id", "security_id", "symbol", "name", "currency_code", "quantity", "average_cost",
            "acquired_on", "current_price", "price_at", "market_value", "cost", "unrealized_gain", "missing",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


HOLDING_ROWS = Rows(
    HoldingSerializer,
    Derived(
        fields=HoldingFigures._fields,
        columns=(
            "quantity", "cost", "security__currency_id", "security__time_zone", "last_close", "price_at", "splits",
        ),
        function=columns_of_figures,
    ),
    lookups={"currency_id": "security__currency_id"},
    unshown=COUNTED_BY,
)  # fmt: skip


class QuantityField(ExactDecimalField):
    default_error_messages = {"not_positive": "Ensure this value is greater than 0."}

    def to_internal_value(self, data: Any) -> Decimal:
        quantity = super().to_internal_value(data)
        if quantity <= 0:
            self.fail("not_positive")
        return quantity


@extend_schema_field({"type": "string", "format": "uuid"})
class VisibleSecurityField(OwnedRelatedField):
    """A security that the caller sees."""

    def get_queryset(self) -> Any:
        return Security.objects.visible_to(self.context["request"].user)


class NewHoldingSerializer(serializers.Serializer[Any]):
    # The validated `security` is a stored one, or a symbol that is not stored.
    account_id = OwnedRelatedField(queryset=Account.objects.all(), source="account")
    security_id = VisibleSecurityField(
        queryset=Security.objects.all(), lookup="uuid", required=False, allow_null=True, help_text="This, or symbol."
    )
    symbol = StrictCharField(
        required=False, allow_null=True, validators=[is_symbol], help_text="In any case. Synced first if not stored."
    )
    quantity = QuantityField(**QUANTITY, help_text="In today's units.")
    average_cost = MoneyField(
        min_value=Decimal(0), required=False, allow_null=True, help_text="Per unit, in the security's currency."
    )
    acquired_on = StrictDateField(required=False, allow_null=True, help_text="Not after today.")

    def validate_symbol(self, symbol: str | None) -> Security | str | None:
        return symbol and (Security.objects.listed().filter(symbol=symbol.upper()).first() or symbol.upper())

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        # Not in `validate`, which runs only once every field is right: all violations are told at once.
        unclear: dict[str, Any] = _which_security(data) if isinstance(data, Mapping) else {}
        try:
            values: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError(unclear | cast("dict[str, Any]", error.detail)) from error
        if unclear:
            raise serializers.ValidationError(unclear)
        by_id, by_symbol = values.pop("security_id", None), values.pop("symbol", None)
        return {**values, "security": by_id or by_symbol}


def _which_security(data: Mapping[str, Any]) -> dict[str, Any]:
    """The violation, if `data` does not name a security in exactly one way."""
    given = [name for name in ("security_id", "symbol") if data.get(name) is not None]
    if not given:
        return {"security_id": [ErrorDetail("Give security_id or symbol.", "required")]}
    if len(given) > 1:
        return {"symbol": [ErrorDetail("Give security_id or symbol, not both.", "not_both")]}
    return {}


class FixedField(serializers.Field[Any, Any, Any, Any]):
    """Refuses to be changed, so that no change is dropped in silence."""

    default_error_messages = {"fixed": "This cannot be changed; delete the holding and add another."}

    def __init__(self) -> None:
        super().__init__(write_only=True, required=False, allow_null=True)

    def run_validation(self, data: Any = empty) -> Any:
        if data is not empty:
            self.fail("fixed")
        return super().run_validation(data)


@extend_schema_serializer(exclude_fields=["account_id", "security_id", "symbol"])
class HoldingChangeSerializer(serializers.Serializer[Any]):
    account_id = FixedField()
    security_id = FixedField()
    symbol = FixedField()
    quantity = QuantityField(**QUANTITY, required=False)
    average_cost = MoneyField(min_value=Decimal(0), required=False, allow_null=True)
    acquired_on = StrictDateField(required=False, allow_null=True)
