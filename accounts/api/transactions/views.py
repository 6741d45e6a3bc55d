"""Transactions: lists, one, its revisions."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.transactions import docs
from accounts.api.transactions.bodies import COLUMNS, FIELDS, TransactionSerializer, body
from accounts.api.transactions.parameters import (
    KnownAtParameters,
    in_account,
    order_of,
    read_list_parameters,
    selected,
)
from accounts.api.transactions.references import References, key_of
from accounts.api.transactions.serializers import NewTransactionSerializer, TransactionChangeSerializer
from accounts.api.values import AccountScopedView
from accounts.ledger.entries import versions
from accounts.ledger.posting import amend_transaction, lock_transaction, post_transaction, void_transaction
from accounts.ledger.revisions import past_versions
from accounts.models import Account, Transaction
from finances.api.parameters import read_parameters
from finances.api.writes import Writes
from finances.errors import NotFound
from finances.users.models import User
from finances.users.requests import SignedInRequest


def rows_of(user: User, wanted: dict[str, Any], among: Q | None = None) -> Any:
    where = selected(user, wanted) if among is None else selected(user, wanted) & among
    voided = wanted["include_voided"] == "true"
    found = versions(COLUMNS, where, known_at=wanted.get("known_at"), include_voided=voided)
    return found.order_by(*order_of(wanted))


def bodies(rows: Iterable[tuple[Any, ...]] | None, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """What was voided later was not so at `known_at`."""
    then = {"voided_at": None, "void_reason": ""} if "known_at" in wanted else {}
    return [body(row) | then for row in rows or ()]


def shown(pk: UUID) -> dict[str, Any]:
    return body(Transaction.objects.filter(pk=pk).values_list(*COLUMNS).get())


class OwnAccountView(AccountScopedView):
    def get_queryset(self) -> QuerySet[Account]:
        return super().get_queryset().select_related("currency", "owner")


class AccountTransactionsView(OwnAccountView):
    audited_as = "transaction"
    object_methods = frozenset({"POST"})
    serializer_class = TransactionSerializer

    @docs.list_of_account
    def get(self, request: SignedInRequest, account_id: str) -> Response:
        account, wanted = self.get_object(), read_list_parameters(request, of_account=True)
        page = self.paginate_queryset(rows_of(request.user, wanted, in_account(account)))
        return self.get_paginated_response(bodies(page, wanted))

    @docs.post
    def post(self, request: SignedInRequest, account_id: str) -> Response:
        account = self.get_object()
        context = {"account": account, "references": References(request.user, [request.data])}
        sent = NewTransactionSerializer(data=request.data, context=context)
        sent.is_valid(raise_exception=True)
        row = post_transaction(account, by=request.user, today=request.user.today(), **sent.validated_data)
        return Response(shown(row.pk), status=status.HTTP_201_CREATED)


class TransactionsView(generics.GenericAPIView[Transaction]):
    request: SignedInRequest
    queryset = Transaction.objects.none()
    serializer_class = TransactionSerializer

    @docs.list_own
    def get(self, request: SignedInRequest) -> Response:
        wanted = read_list_parameters(request, of_account=False)
        page = self.paginate_queryset(rows_of(request.user, wanted))
        return self.get_paginated_response(bodies(page, wanted))


class TransactionScopedView(Writes, generics.GenericAPIView[Transaction]):
    """`get_object` is the caller's own transaction that the path names."""

    request: SignedInRequest
    queryset = Transaction.objects.none()
    serializer_class = TransactionSerializer
    lookup_url_kwarg = "transaction_id"

    def get_queryset(self) -> QuerySet[Transaction]:
        rows: QuerySet[Transaction] = Transaction.objects.for_user(self.request.user)
        return rows.select_related("account__currency", "security__currency", "currency")


class TransactionView(TransactionScopedView):
    audited_as = "transaction"
    object_methods = frozenset({"GET", "HEAD", "PATCH", "DELETE"})

    def lock_object(self, request: Request) -> None:
        lock_transaction(self.get_object())

    def get_queryset(self) -> QuerySet[Transaction]:
        return super().get_queryset().filter(voided_at=None)

    @docs.read
    def get(self, request: SignedInRequest, transaction_id: str) -> Response:
        wanted = read_parameters(KnownAtParameters, request)
        where = Q(account__owner=request.user, pk=key_of(transaction_id))
        found = list(versions(COLUMNS, where, known_at=wanted.get("known_at")))
        if not found:
            raise NotFound("Not found.")
        return Response(bodies(found, wanted)[0])

    @docs.amend
    def patch(self, request: SignedInRequest, transaction_id: str) -> Response:
        row = self.get_object()
        context = {"references": References(request.user, [request.data])}
        sent = TransactionChangeSerializer(row, data=request.data, partial=True, context=context)
        sent.is_valid(raise_exception=True)
        changes = dict(sent.validated_data)
        reason = changes.pop("reason", "")
        amend_transaction(row, changes, by=request.user, today=request.user.today(), reason=reason)
        return Response(shown(row.pk))

    @docs.void
    def delete(self, request: SignedInRequest, transaction_id: str) -> Response:
        row, wanted = self.get_object(), read_parameters(docs.VoidParameters, request)
        void_transaction(row, by=request.user, reason=wanted.get("reason", ""))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RevisionsView(TransactionScopedView):
    @docs.revisions
    def get(self, request: SignedInRequest, transaction_id: str) -> Response:
        page = self.paginate_queryset(past_versions(self.get_object().pk, COLUMNS))
        return self.get_paginated_response([_past(row) for row in page or ()])


def _past(row: tuple[Any, ...]) -> dict[str, Any]:
    *figures, superseded_at, reason = row
    assert len(figures) == len(FIELDS)
    return body(figures) | {"superseded_at": superseded_at, "reason": reason}
