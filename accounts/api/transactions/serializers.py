"""Shapes of transactions that come in. Which of the fields a type needs is `accounts.ledger.kinds`'s to say."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, cast

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.api.holding_serializers import FixedField
from accounts.api.transactions.fields import (
    MAX_LOTS,
    FigureField,
    NamedCodeField,
    NamedIdField,
    NamedLotSerializer,
    PositiveField,
    TagsField,
    TextField,
)
from accounts.ledger.kinds import IN_SECURITYS_CURRENCY, KINDS, OF_SECURITIES, SIGNED, kind_of, unfit
from accounts.models import Account, Transaction
from accounts.models.transaction import REASON_LENGTH
from finances.api.fields import MoneyField, StrictChoiceField, StrictDateField, StrictIntegerField

Violations = dict[str, list[ErrorDetail]]
MAX_RATIO = 2**31 - 1
MAX_TRANSACTIONS = 10_000
"""Of one body."""
OPTIONAL: dict[str, Any] = {"required": False, "allow_null": True}
CHARGES = ("fees", "taxes")
NAMES = {
    "security": "security_id",
    "new_security": "new_security_id",
    "counter_account": "counter_account_id",
    "currency": "currency_code",
}
"""What a column is called in a body, where that is another name."""


class FactsSerializer(serializers.Serializer[Any]):
    """What an amendment may change, too."""

    settlement_date = StrictDateField(**OPTIONAL)
    quantity = FigureField(help_text="In units of the trade date; positive (an adjustment's may be negative).")
    unit_price = FigureField(min_value=Decimal(0), help_text="Of an opening: the cost per unit, null if unknown.")
    amount = MoneyField(**OPTIONAL, help_text="Gross, before fees and taxes, where nothing is bought or sold.")
    fees = MoneyField(**OPTIONAL, min_value=Decimal(0))
    taxes = MoneyField(**OPTIONAL, min_value=Decimal(0))
    currency_code = NamedCodeField("currency", source="currency", help_text="The security's, else the account's.")
    fx_rate = PositiveField(
        help_text="The booked rate: units of the account's currency per unit of currency_code; the cash then moves in "
        "the account's currency. Of a transfer of cash: of the receiving account's."
    )
    ratio_numerator = StrictIntegerField(**OPTIONAL, min_value=1, max_value=MAX_RATIO, help_text="New units ...")
    ratio_denominator = StrictIntegerField(**OPTIONAL, min_value=1, max_value=MAX_RATIO, help_text="... for old ones.")
    cost_fraction = FigureField(
        max_digits=13, min_value=Decimal(0), max_value=Decimal(1), help_text="Of the cost, what a spin-off takes along."
    )
    units_as_of = StrictDateField(**OPTIONAL, help_text="The day whose units quantity and price are in (openings).")
    acquired_on = StrictDateField(**OPTIONAL, help_text="Of an opening, where known: the day of purchase.")
    lots = NamedLotSerializer(  # type: ignore[call-arg]  # the list's own
        many=True, required=False, max_length=MAX_LOTS, help_text="Lots to take first."
    )
    note = TextField(max_length=500)
    external_id = TextField(max_length=100, help_text="Yours; once per account.")
    tags = TagsField()

    def fitted(self, type_: str, facts: dict[str, Any]) -> Violations:
        """What of `facts` does not fit the type; what it says nothing of is left out of them."""
        given = {name for name, fact in facts.items() if fact not in (None, [], "") and name != "type"}
        charges = {name for name in CHARGES if name in given and not facts[name]}
        return _of_names(type_, given - charges) | _signs(type_, facts)


def _of_names(type_: str, given: Collection[str]) -> Violations:
    """Columns that the type needs and that are not given, and those that it does not have."""
    missing, extra = unfit(kind_of(type_, with_security="security" in given), given)
    found = {name: [ErrorDetail("This field is required.", "required")] for name in sorted(missing)}
    found |= {name: [ErrorDetail(f"{type_} does not have this.", "not_of_this_type")] for name in sorted(extra)}
    return {NAMES.get(name, name): why for name, why in found.items()}


def _signs(type_: str, facts: Mapping[str, Any]) -> Violations:
    positive = [ErrorDetail("Ensure this value is greater than 0.", "not_positive")]
    quantity, amount, found = facts.get("quantity"), facts.get("amount"), {}
    if quantity is not None and (quantity == 0 or (quantity < 0 and type_ != Transaction.Type.ADJUSTMENT)):
        found["quantity"] = positive
    if amount is not None and amount <= 0 and type_ not in SIGNED:
        found["amount"] = positive
    return found


class NewTransactionSerializer(FactsSerializer):
    type = StrictChoiceField(Transaction.Type.choices)
    trade_date = StrictDateField(help_text="Not after today.")
    security_id = NamedIdField("security", source="security", help_text="This, or symbol.")
    symbol = NamedCodeField("listed", help_text="Of a stored security, in any case.")
    new_security_id = NamedIdField("security", source="new_security", help_text="This, or new_symbol (spin-offs).")
    new_symbol = NamedCodeField("listed")
    counter_account_id = NamedIdField(
        "account", source="counter_account", help_text="The account of yours that receives a transfer."
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        try:
            facts: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not isinstance(data, Mapping):
                raise
            told = _named_twice(data) | _unfit_names(data) | cast("dict[str, Any]", error.detail)
            raise serializers.ValidationError(told) from error
        found |= _named_twice(data)
        facts["security"] = facts.get("security") or facts.pop("symbol", None)
        facts["new_security"] = facts.get("new_security") or facts.pop("new_symbol", None)
        facts = {
            name: fact for name, fact in facts.items() if fact is not None and name not in ("symbol", "new_symbol")
        }
        found |= self.fitted(facts["type"], facts) | self._against_account(facts)
        if found:
            raise serializers.ValidationError(found)
        return self._completed(facts)

    def _against_account(self, facts: dict[str, Any]) -> Violations:
        account, found = self.context["account"], {}
        if facts.get("counter_account") == account:
            found["counter_account_id"] = [ErrorDetail("This is the same account.", "same_account")]
        found |= _unfit_spin_off(facts.get("security"), facts.get("new_security"))
        return found | other_currency(facts["type"], facts.get("security"), facts.get("currency")) | late(facts)

    def _completed(self, facts: dict[str, Any]) -> dict[str, Any]:
        account: Account = self.context["account"]
        chosen = facts.get("security") or account
        return {"currency": chosen.currency, **facts}


def _unfit_spin_off(security: Any, new_security: Any) -> Violations:
    if security is None or new_security is None:
        return {}
    if new_security == security:
        return {"new_security_id": [ErrorDetail("This is the same security.", "same_security")]}
    if new_security.currency_id != security.currency_id:
        # Its part of the cost would be in another currency than its book.
        text = f"It is priced in {new_security.currency_id}, the parent in {security.currency_id}."
        return {"new_security_id": [ErrorDetail(text, "other_currency")]}
    return {}


def late(facts: Mapping[str, Any]) -> Violations:
    acquired_on = facts.get("acquired_on")
    if acquired_on is None or acquired_on <= facts["trade_date"]:
        return {}
    return {"acquired_on": [ErrorDetail("Ensure this is not after trade_date.", "after_trade_date")]}


def other_currency(type_: str, security: Any, currency: Any) -> Violations:
    """A book has one currency."""
    if security is None or currency is None or type_ not in IN_SECURITYS_CURRENCY:
        return {}
    if currency.pk == security.currency_id:
        return {}
    text = f"{security.symbol} is booked in {security.currency_id}; fx_rate says what it came to in the account's."
    return {"currency_code": [ErrorDetail(text, "not_the_securitys")]}


def _named_twice(data: Mapping[str, Any]) -> dict[str, Any]:
    pairs = (("symbol", "security_id"), ("new_symbol", "new_security_id"))
    return {
        symbol: [ErrorDetail(f"Give {key} or {symbol}, not both.", "not_both")]
        for symbol, key in pairs
        if data.get(symbol) is not None and data.get(key) is not None
    }


def _unfit_names(data: Mapping[str, Any]) -> Violations:
    """What is missing or too much, by name alone: told beside fields that are wrong themselves."""
    type_ = data.get("type")
    if not isinstance(type_, str) or type_ not in KINDS:
        return {}
    columns = {name: column for column, name in NAMES.items()} | {"symbol": "security", "new_symbol": "new_security"}
    named = {columns.get(name, name) for name, fact in data.items() if fact not in (None, "", [])}
    return _of_names(type_, named & ALL_COLUMNS)


ALL_COLUMNS: frozenset[str] = frozenset().union(*(kind.allows for kind in (*KINDS.values(), *OF_SECURITIES.values())))
FIXED = ("type", "security_id", "symbol", "new_security_id", "new_symbol", "counter_account_id", "account_id")


class KeptField(FixedField):
    default_error_messages = {"fixed": "This cannot be changed; delete the transaction and post another."}


@extend_schema_serializer(exclude_fields=FIXED)
class TransactionChangeSerializer(FactsSerializer):
    """`instance` is the transaction that is changed."""

    type = KeptField()
    account_id = KeptField()
    counter_account_id = KeptField()
    security_id = KeptField()
    symbol = KeptField()
    new_security_id = KeptField()
    new_symbol = KeptField()
    trade_date = StrictDateField(required=False)
    reason = TextField(max_length=REASON_LENGTH, help_text="Kept with what is replaced.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        row: Transaction = cast("Transaction", self.instance)
        changes = {name: ZERO_IF_NULL.get(name) if fact is None else fact for name, fact in attrs.items()}
        if "currency" in changes and changes["currency"] is None:
            changes["currency"] = (row.security or row.account).currency
        facts = {name: getattr(row, name) for name in (*AMENDABLE, "security", "new_security", "counter_account")}
        facts |= {name: fact for name, fact in changes.items() if name != "reason"}
        found = self.fitted(row.type, facts) | late(facts) | other_currency(row.type, row.security, facts["currency"])
        if found:
            raise serializers.ValidationError(found)
        return changes


ZERO_IF_NULL: dict[str, Any] = {name: Decimal(0) for name in CHARGES}
AMENDABLE = (
    "trade_date", "settlement_date", "quantity", "unit_price", "amount", "fees", "taxes", "currency", "fx_rate",
    "ratio_numerator", "ratio_denominator", "cost_fraction", "units_as_of", "acquired_on", "lots", "note",
    "external_id", "tags",
)  # fmt: skip
