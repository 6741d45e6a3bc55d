"""Institutions and accounts."""

from abc import abstractmethod
from typing import Any

from django.db.models import QuerySet
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api import docs
from accounts.api.filters import AccountFilter, FinancialInstitutionFilter
from accounts.api.serializers import (
    ACCOUNT_ROWS,
    INSTITUTION_ROWS,
    AccountSerializer,
    FinancialInstitutionSerializer,
)
from accounts.lifecycle import change_account, delete_account, delete_institution, lock_account, open_account
from accounts.models import Account, FinancialInstitution
from finances.api.reads import Reader, RowReads
from finances.users.requests import SignedInRequest


class OwnViewSet(RowReads):
    """List, read, create, change and delete one's own. A change names its fields: there is no PUT."""

    request: SignedInRequest
    repeats = frozenset({"list", "retrieve"})

    def create(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> Response:
        row = self.store(self.checked())
        return Response(self.shown(row.pk), status=status.HTTP_201_CREATED)

    def partial_update(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        self.change(row, self.checked(partial=True))
        return Response(self.shown(row.pk))

    def destroy(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> Response:
        self.remove(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def checked(self, *, partial: bool = False) -> dict[str, Any]:
        body: BaseSerializer[Any] = self.get_serializer(data=self.request.data, partial=partial)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def lock_object(self, request: Request) -> None:
        self.lock(self.get_object())

    @abstractmethod
    def lock(self, row: Any) -> None: ...

    @abstractmethod
    def store(self, facts: dict[str, Any]) -> Any:
        """The new row."""

    @abstractmethod
    def change(self, row: Any, changes: dict[str, Any]) -> None: ...

    @abstractmethod
    def remove(self, row: Any) -> None: ...


@docs.institutions
class FinancialInstitutionViewSet(OwnViewSet):
    queryset = FinancialInstitution.objects.none()
    serializer_class = FinancialInstitutionSerializer
    filterset_class = FinancialInstitutionFilter
    rows = INSTITUTION_ROWS

    @classmethod
    def scope(cls, reader: Reader) -> QuerySet[FinancialInstitution]:
        institutions: QuerySet[FinancialInstitution] = FinancialInstitution.objects.for_user(reader)
        return institutions

    def lock(self, row: FinancialInstitution) -> None:
        FinancialInstitution.objects.select_for_update(no_key=True).filter(pk=row.pk).first()

    def store(self, facts: dict[str, Any]) -> FinancialInstitution:
        institution: FinancialInstitution = FinancialInstitution.objects.create(owner=self.request.user, **facts)
        return institution

    def change(self, row: FinancialInstitution, changes: dict[str, Any]) -> None:
        row.change(**changes)

    def remove(self, row: FinancialInstitution) -> None:
        delete_institution(row)


@docs.accounts
class AccountViewSet(OwnViewSet):
    queryset = Account.objects.none()
    serializer_class = AccountSerializer
    filterset_class = AccountFilter
    rows = ACCOUNT_ROWS

    @classmethod
    def scope(cls, reader: Reader) -> QuerySet[Account]:
        accounts: QuerySet[Account] = Account.objects.for_user(reader).with_latest_value()
        return accounts

    def lock(self, row: Account) -> None:
        lock_account(row.pk, self.request.data if isinstance(self.request.data, dict) else ())

    def store(self, facts: dict[str, Any]) -> Account:
        return open_account(owner=self.request.user, **facts)

    def change(self, row: Account, changes: dict[str, Any]) -> None:
        change_account(row.pk, changes)

    def remove(self, row: Account) -> None:
        delete_account(row.pk)
