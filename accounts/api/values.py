"""What accounts are worth: history, single days, and the latest of all."""

from datetime import date
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from django.db.models import DateField, QuerySet, UUIDField
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import value_docs as docs
from accounts.api.parameters import LatestParameters, read_history_parameters
from accounts.api.value_serializers import (
    LATEST_ROWS,
    VALUE_ROWS,
    AccountValueSerializer,
    AmountSerializer,
    CountsSerializer,
    DayValueSerializer,
    LatestValuesSerializer,
    TotalSerializer,
)
from accounts.latest import read_latest
from accounts.models import Account, AccountValue
from accounts.values import amend_value, delete_value, put_value, put_values, record_value
from finances.api.pagination import SkipLimitPagination
from finances.api.parameters import read_parameters
from finances.api.reads import READER
from finances.api.repeats import allow_repeats
from finances.api.writes import Writes
from finances.errors import NotFound
from finances.statements import PagedStatement, Parameter
from finances.users.requests import SignedInRequest


class AccountScopedView(Writes, generics.GenericAPIView[Account]):
    """`get_object` is the caller's own account that the path names."""

    request: SignedInRequest
    queryset = Account.objects.none()
    lookup_url_kwarg = "account_id"

    def get_queryset(self) -> QuerySet[Account]:
        accounts: QuerySet[Account] = Account.objects.for_user(self.request.user)
        return accounts

    def lock_object(self, request: Request) -> None:
        Account.objects.lock(self.get_object().pk)


class AccountValuesView(AccountScopedView):
    audited_as = "account-value"
    object_methods = frozenset({"POST"})
    serializer_class = AccountValueSerializer

    @docs.value_history
    def get(self, request: SignedInRequest, account_id: str) -> Response:
        wanted = read_history_parameters(request)
        bounds = {name: wanted[name] for name in ("start", "end") if wanted[name] is not None}
        statement = recorded_values(tuple(bounds), newest_first=wanted["newest_first"])
        rows = cast(SkipLimitPagination, self.paginator).read_page(
            request,
            lambda skip, limit: statement.page(skip, limit, reader=request.user.pk, account=_key(account_id), **bounds),
        )
        if not rows:
            self.get_object()
        allow_repeats(request._request)
        return self.get_paginated_response(VALUE_ROWS.bodies(rows))

    @docs.record_value
    def post(self, request: SignedInRequest, account_id: str) -> Response:
        account, body = self.get_object(), DayValueSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        sent = body.validated_data
        row = record_value(account.pk, on=sent["value_date"], value=sent["value"])
        return Response(VALUE_ROWS.body_of(row), status=status.HTTP_201_CREATED)

    @docs.put_values
    def put(self, request: SignedInRequest, account_id: str) -> Response:
        account, body = self.get_object(), DayValueSerializer(data=request.data, many=True)
        body.is_valid(raise_exception=True)
        return Response(CountsSerializer(put_values(account.pk, body.validated_data)).data)


class AccountValueView(AccountScopedView):
    audited_as = "account-value"
    object_methods = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
    serializer_class = AccountValueSerializer

    @docs.read_value
    def get(self, request: SignedInRequest, account_id: str, day: date) -> Response:
        row = self.get_object().values.filter(value_date=day).first()
        if row is None:
            raise NotFound("Not found.")
        return Response(VALUE_ROWS.body_of(row))

    @docs.put_value
    def put(self, request: SignedInRequest, account_id: str, day: date) -> Response:
        row, added = put_value(self.get_object().pk, on=day, value=self._amount())
        return Response(VALUE_ROWS.body_of(row), status=status.HTTP_201_CREATED if added else status.HTTP_200_OK)

    @docs.amend_value
    def patch(self, request: SignedInRequest, account_id: str, day: date) -> Response:
        return Response(VALUE_ROWS.body_of(amend_value(self.get_object().pk, on=day, value=self._amount())))

    @docs.delete_value
    def delete(self, request: SignedInRequest, account_id: str, day: date) -> Response:
        delete_value(self.get_object().pk, on=day)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _amount(self) -> Any:
        body = AmountSerializer(data=self.request.data)
        body.is_valid(raise_exception=True)
        return body.validated_data["value"]


@lru_cache(maxsize=8)
def recorded_values(bounds: tuple[str, ...], *, newest_first: bool) -> PagedStatement:
    """Of the `reader`'s `account`, from the day `start` on and up to `end` where they are among the bounds."""
    days = {name: Parameter(name, DateField()) for name in bounds}
    values = AccountValue.objects.for_user(READER).filter(account=Parameter("account", UUIDField()))
    found = values.between(days.get("start"), days.get("end"))
    return PagedStatement(found.order_by("-value_date" if newest_first else "value_date"), VALUE_ROWS.columns)


def _key(text: str) -> UUID:
    """Raises NotFound."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("Not found.") from error


class LatestValuesView(generics.GenericAPIView[Account]):
    request: SignedInRequest
    queryset = Account.objects.none()
    serializer_class = LatestValuesSerializer

    @docs.latest_values
    def get(self, request: SignedInRequest) -> Response:
        wanted = read_parameters(LatestParameters, request)
        base, today = wanted.get("base"), request.user.today()
        latest = read_latest(request.user, as_of=wanted.get("as_of"), today=today, base_code=base and base.pk)
        page = self.paginate_queryset(latest.values) or ()
        return self.get_paginated_response(
            {
                "values": LATEST_ROWS.bodies_of(page),
                "totals": TotalSerializer(latest.totals, many=True).data,
                "total": latest.total and TotalSerializer(latest.total).data,
                "missing": latest.missing,
            }
        )
