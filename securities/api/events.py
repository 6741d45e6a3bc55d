"""Splits and dividends as clients read them."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from finances.api.conditional import entity_tag, not_modified, tag_held, tagged
from finances.api.fields import decimal_text
from finances.users.requests import SignedInRequest
from securities.actions import read_actions
from securities.api.addressed import find_history
from securities.api.docs import SYMBOL, answers
from securities.models import Dividend


class SplitSerializer(serializers.Serializer[Any]):
    ex_date = serializers.DateField()
    numerator = serializers.IntegerField(help_text="New shares...")
    denominator = serializers.IntegerField(help_text="... for so many old ones.")
    changes_quantities = serializers.BooleanField(
        help_text="False for spin-offs and class dividends, which move the price but not the holding."
    )


class DividendSerializer(serializers.Serializer[Any]):
    ex_date = serializers.DateField()
    amount = serializers.SerializerMethodField(help_text="Per share as of the ex-date.")
    currency_code = serializers.CharField(source="currency_id")
    kind = serializers.ChoiceField(Dividend.Kind.choices)

    def get_amount(self, dividend: Dividend) -> str:
        return decimal_text(dividend.amount)


class CorporateActionsSerializer(serializers.Serializer[Any]):
    splits = SplitSerializer(many=True)
    dividends = DividendSerializer(many=True)


EXAMPLE = {
    "splits": [{"ex_date": "2020-08-31", "numerator": 4, "denominator": 1, "changes_quantities": True}],
    "dividends": [{"ex_date": "2020-11-06", "amount": "0.205", "currency_code": "USD", "kind": "ordinary"}],
}


class CorporateActions:
    """Part of the securities' viewset."""

    @extend_schema(
        summary="Splits and dividends",
        description="Those that count, by ex-date, announced ones among them; what staff found not to have happened, "
        "or have not yet decided about, is left out. Amounts are in the major currency, as paid on the day.",
        parameters=[SYMBOL],
        responses=CorporateActionsSerializer,
        filters=False,
        examples=answers(EXAMPLE),
    )
    @action(detail=True, pagination_class=None, url_path="actions")
    def corporate_actions(self, request: SignedInRequest, symbol: str) -> HttpResponse:
        security = find_history(symbol, reader=request.user.pk)
        tag = entity_tag(settings.SPECTACULAR_SETTINGS["VERSION"], "actions", security.pk, security.data_version)
        if held := tag_held(request._request, tag):
            return not_modified(held)
        return tagged(Response(CorporateActionsSerializer(read_actions(security)).data), tag)
