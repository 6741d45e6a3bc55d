"""Shapes of cash, gains, lots and proposals."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.transactions.parameters import KnownAtParameters
from accounts.ledger.proposals import Proposal
from accounts.models import Transaction
from finances.api.fields import ExactDecimalField, MoneyField, StrictDateField, money_text
from finances.api.parameters import DateRange
from securities.api.serializers import MissingSerializer


class QuantityField(ExactDecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=30, decimal_places=12, read_only=True, **kwargs)


class AmountField(MoneyField):
    """In the currency whose code is at `currency_code`, of the object or of the context."""

    def get_attribute(self, instance: Any) -> Any:
        amount = serializers.DecimalField.get_attribute(self, instance)
        code = self.context.get("currency_code") or getattr(instance, "currency_code", None)
        return None if amount is None else money_text(amount, str(code))


def _money(**options: Any) -> AmountField:
    return AmountField(read_only=True, **options)


class CashParameters(KnownAtParameters):
    as_of = StrictDateField(required=False, help_text="By the end of this day; default: today.")


class GainParameters(KnownAtParameters, DateRange):
    pass


class ProposalParameters(DateRange):
    account = serializers.UUIDField(required=False)


class BalanceSerializer(serializers.Serializer[Any]):
    currency_code = serializers.CharField()
    balance = _money(help_text="Negative: owed.")


class RecordedSerializer(serializers.Serializer[Any]):
    value_date = serializers.DateField()
    value = _money(help_text="As an asset counts: what is owed is negative.")
    ledger = _money(allow_null=True, help_text="Cash, and securities at their closes, on that day.")
    difference = _money(allow_null=True, help_text="value less ledger.")


class CashSerializer(serializers.Serializer[Any]):
    account_id = serializers.SerializerMethodField()
    currency_code = serializers.SerializerMethodField(help_text="The account's, in which recorded values are.")
    as_of = serializers.DateField()
    ledger_from = serializers.DateField(
        allow_null=True, help_text="The first transaction: the ledger counts from then on, recorded values before."
    )
    balances = BalanceSerializer(many=True)
    recorded = serializers.SerializerMethodField(help_text="The last value recorded by as_of, beside the ledger.")
    missing = MissingSerializer(many=True)

    def get_account_id(self, cash: Any) -> str:
        return str(self.context["account"].pk)

    def get_currency_code(self, cash: Any) -> str:
        return str(self.context["account"].currency_id)

    @extend_schema_field(RecordedSerializer(allow_null=True))
    def get_recorded(self, cash: Any) -> RecordedSerializer:
        if cash.recorded is None:
            return None  # type: ignore[return-value]
        context = {"currency_code": self.context["account"].currency_id}
        return RecordedSerializer(cash.recorded, context=context).data  # type: ignore[return-value]


class LotSerializer(serializers.Serializer[Any]):
    lot_id = serializers.CharField(help_text="As `lots` of a sale or transfer names it.")
    transaction_id = serializers.UUIDField(help_text="What brought it into this account.")
    acquired_on = serializers.DateField(allow_null=True, help_text="Kept over transfers.")
    quantity = QuantityField(help_text="In today's units; negative for a short.")
    cost = _money(allow_null=True, help_text="With fees and taxes, in the security's currency.")
    fees = _money(help_text="Part of cost.")
    taxes = _money(help_text="Part of cost.")
    missing = MissingSerializer(many=True)


class GainSerializer(serializers.Serializer[Any]):
    security_id = serializers.UUIDField(source="security.uuid")
    symbol = serializers.CharField(source="security.symbol")
    lot_id = serializers.CharField()
    opened_by = serializers.UUIDField(help_text="The transaction that acquired it.")
    closed_by = serializers.UUIDField()
    is_short = serializers.BooleanField()
    acquired_on = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField()
    holding_days = serializers.IntegerField(allow_null=True)
    quantity = QuantityField(help_text="In units of closed_on.")
    currency_code = serializers.CharField()
    proceeds = _money(help_text="Less the sale's fees.")
    cost = _money(allow_null=True, help_text="With the purchase's fees and taxes.")
    gain = _money(allow_null=True, help_text="proceeds less cost.")
    fees = _money(help_text="Of the closing trade.")
    taxes = _money(help_text="Of the closing trade; a sale's are in no other figure.")
    opening_fees = _money()
    opening_taxes = _money()
    missing = MissingSerializer(many=True)


class ProposedSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="DIVIDEND")
    security_id = serializers.UUIDField()
    trade_date = serializers.DateField()
    amount = serializers.CharField()
    currency_code = serializers.CharField()
    external_id = serializers.CharField()


class ProposalSerializer(serializers.Serializer[Any]):
    account_id = serializers.UUIDField()
    security_id = serializers.UUIDField()
    symbol = serializers.CharField()
    ex_date = serializers.DateField()
    quantity = QuantityField(help_text="Held when the ex-date opened.")
    amount_per_unit = _money()
    amount = _money(help_text="Before taxes.")
    currency_code = serializers.CharField()
    transaction = serializers.SerializerMethodField(
        help_text="To be posted to accounts/{id}/transactions once it was paid; trade_date is the ex-date until you "
        "know better."
    )

    def get_transaction(self, proposal: Proposal) -> ProposedSerializer:
        facts = {
            "type": Transaction.Type.DIVIDEND,
            "security_id": proposal.security_id,
            "trade_date": proposal.ex_date,
            "amount": money_text(proposal.amount, proposal.currency_code),
            "currency_code": proposal.currency_code,
            "external_id": proposal.external_id,
        }
        return ProposedSerializer(facts).data  # type: ignore[return-value]
