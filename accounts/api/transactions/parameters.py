"""The query strings of transactions."""

from typing import Any
from uuid import UUID

from django.db.models import F, Q, Value
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import Account, Transaction
from accounts.models.transaction import HasTag
from finances.api.fields import KnownAtField
from finances.api.parameters import DateRange, read_parameters
from finances.users.models import User
from securities.models.security import key_of

ORDERINGS = ("-trade_date", "trade_date", "-recorded_at", "recorded_at")


class KnownAtParameters(serializers.Serializer[Any]):
    known_at = KnownAtField()


class TransactionParameters(KnownAtParameters, DateRange):
    type = serializers.ChoiceField(Transaction.Type.choices, required=False)
    security = serializers.CharField(max_length=36, required=False, help_text="Symbol in any case, or id.")
    tag = serializers.CharField(max_length=30, required=False)
    external_id = serializers.CharField(max_length=100, required=False)
    updated_since = serializers.DateTimeField(
        required=False, help_text="Posted, amended or (with include_voided) voided at this time or later."
    )
    include_voided = serializers.ChoiceField(["true", "false"], default="false", help_text="Deleted ones, too.")
    ordering = serializers.ChoiceField(ORDERINGS, default="-trade_date")


class OwnTransactionParameters(TransactionParameters):
    account = serializers.UUIDField(required=False)


def in_account(account: Account) -> Q:
    """Its own, and the transfers that come in."""
    return Q(account=account) | Q(counter_account=account)


def read_list_parameters(request: Request, *, of_account: bool) -> dict[str, Any]:
    """Raises InvalidParameters (422), StartAfterEnd (400)."""
    return read_parameters(TransactionParameters if of_account else OwnTransactionParameters, request)


def selected(user: User, wanted: dict[str, Any]) -> Q:
    """The transactions asked for, among the user's own."""
    where = Q(account__owner=user)
    for name, value in wanted.items():
        if name in CHOOSE:
            where &= CHOOSE[name](value)
    return where


def _of_security(name: str) -> Q:
    key = key_of(name)
    # Another user's has no transactions here, so that it is as good as unknown.
    same = {"symbol": name.upper()} if key is None else {"uuid": key}
    return Q(**{f"security__{column}": value for column, value in same.items()})


def _of_account(key: UUID) -> Q:
    return Q(account=key) | Q(counter_account=key)


def _since(moment: Any) -> Q:
    return Q(recorded_at__gte=moment) | Q(voided_at__gte=moment)


CHOOSE: dict[str, Any] = {
    "account": _of_account,
    "type": lambda type_: Q(type=type_),
    "security": _of_security,
    "start_date": lambda day: Q(trade_date__gte=day),
    "end_date": lambda day: Q(trade_date__lte=day),
    "tag": lambda tag: Q(HasTag(F("tags"), Value(tag))),
    "external_id": lambda text: Q(external_id=text),
    "updated_since": _since,
}


def order_of(wanted: dict[str, Any]) -> list[str]:
    """Total, and the same way all along."""
    name = wanted["ordering"]
    sign = "-" if name.startswith("-") else ""
    return [name, f"{sign}sequence", f"{sign}id"]
