"""Transactions as they go out: made from tuples, since a serializer's cost per row is most of a list's."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Transaction
from finances.api.fields import ExactDecimalField, MoneyField, decimal_text, money_text

COLUMNS = (
    "id", "account_id", "type", "counter_account_id", "security__uuid", "security__symbol", "new_security__uuid",
    "new_security__symbol", "trade_date", "settlement_date", "quantity", "unit_price", "amount", "fees", "taxes",
    "currency_id", "fx_rate", "ratio_numerator", "ratio_denominator", "cost_fraction", "units_as_of", "acquired_on",
    "lots", "note", "external_id", "tags", "sequence", "posted_at", "recorded_at", "voided_at", "void_reason",
)  # fmt: skip
NAMES = {
    "security__uuid": "security_id", "security__symbol": "symbol", "new_security__uuid": "new_security_id",
    "new_security__symbol": "new_symbol", "currency_id": "currency_code",
}  # fmt: skip
FIELDS = tuple(NAMES.get(column, column) for column in COLUMNS)
DECIMALS = ("quantity", "unit_price", "fx_rate", "cost_fraction")
MONEY = ("amount", "fees", "taxes")


def body(row: Iterable[Any]) -> dict[str, Any]:
    """Of a tuple of COLUMNS."""
    shown = dict(zip(FIELDS, row, strict=True))
    code = shown["currency_code"]
    for name in DECIMALS:
        if shown[name] is not None:
            shown[name] = decimal_text(shown[name])
    for name in MONEY:
        if shown[name] is not None:
            shown[name] = money_text(shown[name], code)
    shown["lots"] = [{**lot, "quantity": decimal_text(Decimal(lot["quantity"]))} for lot in shown["lots"]]
    return shown


def _figure(**options: Any) -> ExactDecimalField:
    return ExactDecimalField(max_digits=30, decimal_places=12, read_only=True, allow_null=True, **options)


def _money(*, null: bool = False) -> MoneyField:
    return MoneyField(currency="currency_code", read_only=True, allow_null=null)


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class WordsField(serializers.ListField):
    """Tags."""


class TakenLotSerializer(serializers.Serializer[Any]):
    lot_id = serializers.CharField()
    quantity = serializers.CharField()


class TransactionSerializer(serializers.Serializer[Any]):
    """The shape of `body`, for the API document."""

    id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    type = serializers.ChoiceField(Transaction.Type.choices)
    counter_account_id = serializers.UUIDField(allow_null=True)
    security_id = serializers.UUIDField(allow_null=True)
    symbol = serializers.CharField(allow_null=True)
    new_security_id = serializers.UUIDField(allow_null=True)
    new_symbol = serializers.CharField(allow_null=True)
    trade_date = serializers.DateField()
    settlement_date = serializers.DateField(allow_null=True)
    quantity = _figure()
    unit_price = _figure()
    amount = _money(null=True)
    fees = _money()
    taxes = _money()
    currency_code = serializers.CharField()
    fx_rate = _figure()
    ratio_numerator = serializers.IntegerField(allow_null=True)
    ratio_denominator = serializers.IntegerField(allow_null=True)
    cost_fraction = _figure()
    units_as_of = serializers.DateField(allow_null=True)
    acquired_on = serializers.DateField(allow_null=True)
    lots = TakenLotSerializer(many=True)
    note = serializers.CharField()
    external_id = serializers.CharField()
    tags = WordsField(child=serializers.CharField())
    sequence = serializers.IntegerField(help_text="The order of entry, which orders a day.")
    posted_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField(help_text="When these figures came in.")
    voided_at = serializers.DateTimeField(allow_null=True)
    void_reason = serializers.CharField()


class RevisionSerializer(TransactionSerializer):
    superseded_at = serializers.DateTimeField(help_text="When it was amended or deleted.")
    reason = serializers.CharField()
