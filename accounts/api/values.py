"""What accounts are worth: history, single days, and the latest of all."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import generics, status
from rest_framework.response import Response

from accounts.api import value_docs as docs
from accounts.api.parameters import LatestParameters, read_history_parameters
from accounts.api.value_serializers import (
    AccountValueSerializer,
    AmountSerializer,
    CountsSerializer,
    DayValueSerializer,
    LatestValuesSerializer,
)
from accounts.latest import read_latest
from accounts.models import Account, AccountValue
from accounts.values import amend_value, delete_value, put_value, put_values, record_value
from finances.api.fields import money_text
from finances.api.parameters import read_parameters
from finances.errors import NotFound
from finances.users.requests import SignedInRequest

COLUMNS = ("account_id", "value_date", "value", "recorded_at")


class AccountScopedView(generics.GenericAPIView[Account]):
    """`get_object` is the caller's own account that the path names."""

    request: SignedInRequest
    queryset = Account.objects.none()
    lookup_url_kwarg = "account_id"

    def get_queryset(self) -> QuerySet[Account]:
        accounts: QuerySet[Account] = Account.objects.for_user(self.request.user)
        return accounts


def value_body(row: AccountValue) -> dict[str, Any]:
    return _body(row.account.currency_id, *(getattr(row, column) for column in COLUMNS))


def _body(code: str, account_id: Any, value_date: date, value: Any, recorded_at: Any) -> dict[str, Any]:
    """Without a serializer, whose cost per row is most of a history's."""
    return {
        "account_id": account_id,
        "value_date": value_date,
        "value": money_text(value, code),
        "currency_code": code,
        "recorded_at": recorded_at,
    }


class AccountValuesView(AccountScopedView):
    serializer_class = AccountValueSerializer

    @docs.value_history
    def get(self, request: SignedInRequest, account_id: str) -> Response:
        account, wanted = self.get_object(), read_history_parameters(request)
        rows = account.values.between(wanted["start"], wanted["end"]).values_list(*COLUMNS)
        page = self.paginate_queryset(rows.order_by("-value_date" if wanted["newest_first"] else "value_date"))
        return self.get_paginated_response([_body(account.currency_id, *row) for row in page or ()])

    @docs.record_value
    def post(self, request: SignedInRequest, account_id: str) -> Response:
        account, body = self.get_object(), DayValueSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        sent = body.validated_data
        row = record_value(account.pk, on=sent["value_date"], value=sent["value"])
        return Response(value_body(row), status=status.HTTP_201_CREATED)

    @docs.put_values
    def put(self, request: SignedInRequest, account_id: str) -> Response:
        account, body = self.get_object(), DayValueSerializer(data=request.data, many=True)
        body.is_valid(raise_exception=True)
        return Response(CountsSerializer(put_values(account.pk, body.validated_data)).data)


class AccountValueView(AccountScopedView):
    serializer_class = AccountValueSerializer

    @docs.read_value
    def get(self, request: SignedInRequest, account_id: str, day: date) -> Response:
        row = self.get_object().values.filter(value_date=day).first()
        if row is None:
            raise NotFound("Not found.")
        return Response(value_body(row))

    @docs.put_value
    def put(self, request: SignedInRequest, account_id: str, day: date) -> Response:
        row, added = put_value(self.get_object().pk, on=day, value=self._amount())
        return Response(value_body(row), status=status.HTTP_201_CREATED if added else status.HTTP_200_OK)

    @docs.amend_value
    def patch(self, request: SignedInRequest, account_id: str, day: date) -> Response:
        return Response(value_body(amend_value(self.get_object().pk, on=day, value=self._amount())))

    @docs.delete_value
    def delete(self, request: SignedInRequest, account_id: str, day: date) -> Response:
        delete_value(self.get_object().pk, on=day)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _amount(self) -> Any:
        body = AmountSerializer(data=self.request.data)
        body.is_valid(raise_exception=True)
        return body.validated_data["value"]


class LatestValuesView(generics.GenericAPIView[Account]):
    request: SignedInRequest
    queryset = Account.objects.none()
    serializer_class = LatestValuesSerializer

    @docs.latest_values
    def get(self, request: SignedInRequest) -> Response:
        wanted = read_parameters(LatestParameters, request)
        base, today = wanted.get("base"), timezone.now().astimezone(ZoneInfo(request.user.time_zone)).date()
        latest = read_latest(request.user, as_of=wanted.get("as_of"), today=today, base_code=base and base.pk)
        body = LatestValuesSerializer(
            {
                "values": self.paginate_queryset(latest.values),
                "totals": latest.totals,
                "total": latest.total,
                "missing": latest.missing,
            }
        )
        return self.get_paginated_response(body.data)
