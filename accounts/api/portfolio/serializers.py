"""Shapes of the portfolio's answers, for the OpenAPI document; `bodies` makes them."""

from typing import Any

from rest_framework import serializers

from accounts.models import Account
from accounts.portfolio.lines import Kind
from finances.api.fields import ExactDecimalField

BASES = ("ledger", "recorded", "none")


def _money(text: str = "", **options: Any) -> ExactDecimalField:
    return ExactDecimalField(max_digits=40, decimal_places=8, allow_null=True, help_text=text, **options)


class CoverageSerializer(serializers.Serializer[Any]):
    known = serializers.IntegerField(help_text="Parts whose value is known.")
    parts = serializers.IntegerField(
        help_text="Parts there are: positions, cash by currency, recorded values, and accounts of unknown value."
    )


class GapSerializer(serializers.Serializer[Any]):
    figure = serializers.CharField(help_text="The part that is not known; the totals it belongs to are null, too.")
    code = serializers.CharField(help_text="missing_price, stale_price, missing_rate or missing_value")
    detail = serializers.CharField()
    since = serializers.DateField(help_text="From when on; of a rate, the first day asked for.")
    until = serializers.DateField(help_text="The last day asked for of which this holds.")
    account_id = serializers.UUIDField()
    security_id = serializers.UUIDField(allow_null=True)
    currency_code = serializers.CharField(allow_null=True)


class KnownSidesSerializer(serializers.Serializer[Any]):
    net_worth = _money()
    assets = _money()
    liabilities = _money()


class TotalsSerializer(serializers.Serializer[Any]):
    net_worth = _money("Assets less liabilities.")
    assets = _money("Of the accounts that are assets: cash, securities and recorded values.")
    liabilities = _money("What is owed, positive.")
    cash = _money("By the ledgers.")
    securities = _money("At the last closes.")
    recorded = _money("Last recorded values of accounts that have no transactions yet.")


class ValuationSerializer(serializers.Serializer[Any]):
    base_currency = serializers.CharField(help_text="Of all figures, unless said otherwise.")
    known_at = serializers.DateTimeField(allow_null=True)
    figures = serializers.ListField(child=serializers.CharField(), help_text="The names of the figures.")
    missing = GapSerializer(many=True)


class NetWorthAccountSerializer(serializers.Serializer[Any]):
    figure = serializers.CharField()
    account_id = serializers.UUIDField()
    account_name = serializers.CharField()
    account_type = serializers.ChoiceField(Account.Type.choices)
    classification = serializers.ChoiceField(Account.Classification.choices)
    basis = serializers.ChoiceField(BASES, help_text="Which counts: its ledger, a recorded value, or nothing.")
    value = _money("Of a liability, the positive amount owed.")
    cash = _money("By its ledger.")
    securities = _money("By its ledger.")


class PartSerializer(serializers.Serializer[Any]):
    figure = serializers.CharField()
    kind = serializers.ChoiceField([kind.value for kind in Kind])
    account_id = serializers.UUIDField()
    security_id = serializers.UUIDField(allow_null=True)
    symbol = serializers.CharField(allow_null=True)
    quantity = ExactDecimalField(max_digits=30, decimal_places=12, allow_null=True, help_text="In units of as_of.")
    price = serializers.FloatField(allow_null=True, help_text="The last close, as traded on price_date.")
    price_date = serializers.DateField(allow_null=True)
    currency_code = serializers.CharField()
    local_value = _money("In currency_code; negative where it is owed.")
    value = _money("Negative where it is owed.")


class NetWorthSerializer(TotalsSerializer, ValuationSerializer):
    as_of = serializers.DateField()
    coverage = CoverageSerializer()
    sum_of_known = TotalsSerializer(help_text="The totals over the parts that are known; see coverage.")
    accounts = NetWorthAccountSerializer(many=True)
    parts = PartSerializer(many=True)


class HistoryRowSerializer(TotalsSerializer):
    date = serializers.DateField()
    coverage = CoverageSerializer()
    sum_of_known = KnownSidesSerializer()


class HistoryAccountSerializer(serializers.Serializer[Any]):
    figure = serializers.CharField()
    account_id = serializers.UUIDField()
    account_name = serializers.CharField()
    account_type = serializers.ChoiceField(Account.Type.choices)
    classification = serializers.ChoiceField(Account.Classification.choices)
    values = serializers.ListField(child=_money(), help_text="One for each row; of a liability, what is owed.")


class HistorySerializer(ValuationSerializer):
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    interval = serializers.ChoiceField(["day", "week", "month"])
    rows = HistoryRowSerializer(many=True)
    accounts = HistoryAccountSerializer(many=True, help_text="With by=account.")


class ShareSerializer(serializers.Serializer[Any]):
    figure = serializers.CharField()
    key = serializers.CharField(allow_null=True, help_text="Id or code; null for what nothing is known of.")
    name = serializers.CharField()
    value = _money()
    weight = ExactDecimalField(
        max_digits=20, decimal_places=6, allow_null=True, help_text="value as a fraction of assets."
    )
    known_value = _money("Over the parts that are known.")
    weight_of_known = ExactDecimalField(
        max_digits=20, decimal_places=6, allow_null=True, help_text="known_value as a fraction of sum_of_known.assets."
    )


class KnownAssetsSerializer(serializers.Serializer[Any]):
    assets = _money()


class AllocationSerializer(ValuationSerializer):
    as_of = serializers.DateField()
    by = serializers.CharField()
    assets = _money("What the weights are of.")
    coverage = CoverageSerializer()
    sum_of_known = KnownAssetsSerializer()
    shares = ShareSerializer(many=True, help_text="The largest first.")
