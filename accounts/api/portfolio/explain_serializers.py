"""The question for a figure, and the shape of its explanation."""

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.api.portfolio.explain_bodies import Page
from accounts.api.portfolio.parameters import UNKNOWN_ACCOUNT, last_day
from accounts.api.portfolio.performance_serializers import PerformanceParameters, query_of
from accounts.models import Account
from accounts.portfolio.explain.figures import Question
from accounts.portfolio.explain.terms import Operation
from finances.api.fields import StrictCharField, StrictDateField, StrictIntegerField
from finances.users.requests import SignedInRequest

MOST_TERMS = 1000


class QuestionSerializer(PerformanceParameters):
    """The parameters of the answer that shows the figure. Raises StartAfterEnd (400)."""

    figure = StrictCharField(max_length=300, help_text="As an answer's `figures`, or a term's `figure`, names it.")
    as_of = StrictDateField(required=False, help_text="Of a value without a day in its name; default: end_date, today.")
    skip = StrictIntegerField(min_value=0, max_value=2**31 - 1, default=0, help_text="Terms left out before the page.")
    limit = StrictIntegerField(min_value=1, max_value=MOST_TERMS, default=100, help_text="Terms of the page.")


def read_question(request: SignedInRequest) -> tuple[Question, Page]:
    """Raises ValidationError (422), StartAfterEnd (400)."""
    serializer = QuestionSerializer(data=request.data, context={"request": request})
    serializer.is_valid(raise_exception=True)
    wanted = dict(serializer.validated_data)
    base, keys = wanted.pop("base", None), wanted.pop("accounts", None)
    if keys is not None and Account.objects.for_user(request.user).filter(pk__in=keys).count() != len(set(keys)):
        raise ValidationError({"accounts": [UNKNOWN_ACCOUNT]})
    scope = {"base": request.user.base_currency if base is None else base.pk, "account_ids": keys}
    query = query_of({"known_at": None} | wanted | scope, last_day(request.user, wanted.get("known_at")))
    as_of: date = wanted.get("as_of") or query.end
    return Question(figure=wanted["figure"], as_of=as_of, query=query), Page(wanted["skip"], wanted["limit"])


@extend_schema_field({"type": "object", "additionalProperties": True, "nullable": True})
class RowField(serializers.Field[Any, Any, Any, Any]):
    """The stored row that a term is: a transaction, price, rate or recorded value, with what identifies it."""


class TermSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    figure = serializers.CharField(allow_null=True, help_text="Ask for this to see what is below, all of it by pages.")
    value = serializers.CharField(allow_null=True, help_text="Unrounded unless `places` says otherwise.")
    unit = serializers.CharField(help_text="A currency, a pair such as EUR/USD, units, fraction, or nothing.")
    operation = serializers.ChoiceField(
        [operation.value for operation in Operation], allow_null=True, help_text="How the terms make the value."
    )
    places = serializers.IntegerField(allow_null=True, help_text="Decimals it is rounded to, half away from zero.")
    rule = serializers.CharField()
    row = RowField(help_text="`kind` is transaction, price, rate, account_value, lots or flow.")
    term_count = serializers.IntegerField(help_text="How many terms there are, shown or not.")


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": True}})
class TermsField(serializers.Field[Any, Any, Any, Any]):
    """Terms of the same shape as the explanation itself."""


class ExplanationSerializer(TermSerializer):
    terms = TermsField()
