"""Currencies, their rates, and amounts in another currency."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from currencies.api import docs
from currencies.api.conversions import conversion_body
from currencies.api.filters import CurrencyFilter
from currencies.api.parameters import ConversionParameters, RateParameters, SyncRatesSerializer
from currencies.api.rates import rate_page
from currencies.api.serializers import CURRENCY_ROWS, CurrencySerializer, SyncedRatesSerializer
from currencies.api.syncs import sync_rates
from currencies.models import Currency
from finances.api.parameters import read_parameters
from finances.api.reads import Reader, RowReads
from finances.api.replica import ReplicaReads
from finances.api.throttles import RequestThrottle, SyncThrottle
from finances.errors import Conflict, NotFound
from finances.models import check_references
from finances.statements import Row
from finances.users.permissions import WritesAsStaff
from finances.users.requests import SignedInRequest

WRITES = {"create", "update", "partial_update", "destroy", "sync_rates"}


class CurrencyInUse(Conflict):
    code = "currency_in_use"
    message = "This currency is in use."


@docs.currencies
class CurrencyViewSet(ReplicaReads, RowReads, ModelViewSet[Currency]):
    """Everyone reads; staff write."""

    request: SignedInRequest
    queryset = Currency.objects.order_by("pk")
    serializer_class = CurrencySerializer
    filterset_class = CurrencyFilter
    rows = CURRENCY_ROWS
    tags_all_reads = True
    calls_out = frozenset({"sync_rates"})
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z]{3}"

    def get_permissions(self) -> Any:
        return [WritesAsStaff() if self.action in WRITES else IsAuthenticated()]

    @classmethod
    def scope(cls, reader: Reader) -> QuerySet[Currency]:
        currencies: QuerySet[Currency] = Currency.objects.order_by("pk")
        return currencies

    def named(self) -> Sequence[Row]:
        return self.found("code", self.kwargs["code"].upper())

    def lock_object(self, request: Request) -> None:
        Currency.objects.select_for_update(no_key=True).filter(pk=self.get_object().pk).first()

    def get_object(self) -> Currency:
        currency: Currency | None = Currency.objects.filter(pk=self.kwargs["code"].upper()).first()
        if currency is None:
            raise NotFound("Not found.")
        return currency

    def perform_destroy(self, instance: Currency) -> None:
        code = instance.pk
        try:
            with transaction.atomic():
                instance.delete()
                check_references()
        except (ProtectedError, IntegrityError) as error:
            raise CurrencyInUse(f"{code} is in use.") from error

    @docs.convert
    @action(detail=False, pagination_class=None, filterset_class=None)
    def convert(self, request: SignedInRequest) -> Response:
        wanted = read_parameters(ConversionParameters, request)
        as_of = wanted.get("as_of") or timezone.now().astimezone(ZoneInfo(request.user.time_zone)).date()
        return Response(conversion_body(wanted["amount"], wanted["from"], wanted["to"], as_of=as_of))

    @docs.rates
    @action(detail=True, filterset_class=None)
    def rates(self, request: SignedInRequest, code: str) -> Response:
        return rate_page(self, code.upper(), read_parameters(RateParameters, request))

    @docs.sync_rates
    @action(detail=False, methods=["post"], url_path="sync-rates", throttle_classes=[RequestThrottle, SyncThrottle])
    def sync_rates(self, request: SignedInRequest) -> Response:
        wanted = SyncRatesSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        lines = sync_rates(**wanted.validated_data, started_by=request.user)
        return Response(SyncedRatesSerializer({"pairs": lines}).data)
