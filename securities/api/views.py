"""Securities: list, search, quotes, history, sync."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finances.api.parameters import read_parameters
from finances.api.reads import Reader, RowReads
from finances.api.repeats import allow_repeats
from finances.api.replica import ReplicaReads
from finances.api.throttles import RequestThrottle, SyncThrottle
from finances.errors import NotFound
from finances.statements import Parameter, Row
from finances.sync.models import SyncRun
from finances.users.requests import SignedInRequest
from securities.api import docs, manual_docs
from securities.api.addressed import find_history
from securities.api.events import CorporateActions
from securities.api.filters import SecurityFilter
from securities.api.manual_views import ManualPrices, ManualSecurities
from securities.api.parameters import PriceParameters, QuoteParameters, SearchParameters, price_query
from securities.api.price_bodies import HistoryMoved, ordered_bars, price_answer, price_data
from securities.api.quality_views import QualityAction
from securities.api.quotes import quotes_body
from securities.api.serializers import (
    SECURITY_ROWS,
    SecuritySerializer,
    SyncedSecuritySerializer,
    SyncRequestSerializer,
)
from securities.manual import ManualSecurity
from securities.models import Security
from securities.models.security import key_of
from securities.search import search_securities
from securities.sync import sync_security

LONGEST_SYMBOL = 32


@docs.securities
class SecurityViewSet(ReplicaReads, CorporateActions, QualityAction, ManualSecurities, ManualPrices, RowReads):
    request: SignedInRequest
    queryset = Security.objects.none()
    serializer_class = SecuritySerializer
    filterset_class = SecurityFilter
    rows = SECURITY_ROWS
    tags_all_reads = True
    repeats = frozenset({"list", "retrieve", "quotes", "prices"})
    calls_out = frozenset({"sync"})
    lookup_field = "symbol"
    lookup_value_regex = r"[A-Za-z0-9.^=&_:\-]{1,36}"

    @classmethod
    def scope(cls, reader: Reader) -> QuerySet[Security]:
        securities: QuerySet[Security] = Security.objects.visible_to(reader).with_latest_price().with_successor_symbol()
        return securities

    @classmethod
    def addressed(cls, securities: Any, lookup: str, value: Parameter) -> Any:
        # A symbol is that of a listed one; manual ones have their ids.
        listed = securities.listed() if lookup == "symbol" else securities
        return super().addressed(listed, lookup, value)

    def get_queryset(self) -> Any:
        return self.scope(self.request.user)

    def named(self) -> Sequence[Row]:
        name = self.kwargs["symbol"]
        key = key_of(name)
        return self.found("symbol", name.upper()) if key is None else self.found("uuid", key)

    def lock_object(self, request: Request) -> None:
        Security.objects.lock(self.get_object().pk)

    def get_object(self) -> Security:
        try:
            security: Security = self.get_queryset().named(self.kwargs["symbol"]).get()
        except Security.DoesNotExist as error:
            raise NotFound("Not found.") from error
        return security

    @docs.search
    @action(detail=False, pagination_class=None)
    def search(self, request: SignedInRequest) -> Response:
        wanted = read_parameters(SearchParameters, request)
        found = search_securities(wanted["query"], limit=wanted["limit"], user=request.user)
        if not found.yahoo_asked:
            # Yahoo's next answer may be another.
            allow_repeats(request._request)
        return Response(found.hits)

    @docs.quotes
    @action(detail=False, pagination_class=None)
    def quotes(self, request: SignedInRequest) -> Response:
        return Response(quotes_body(read_parameters(QuoteParameters, request)["symbols"]))

    @docs.prices
    @action(detail=True, pagination_class=None)
    def prices(self, request: SignedInRequest, symbol: str) -> HttpResponse:
        return self._prices(request)

    put_prices = manual_docs.put_prices(prices.mapping.put(ManualPrices.put_prices))

    def _prices(self, request: SignedInRequest) -> HttpResponse:
        security = find_history(self.kwargs["symbol"], reader=request.user.pk)
        wanted = read_parameters(PriceParameters, request)
        moment, layout = wanted.get("known_at") or timezone.now(), wanted["format"]
        today = moment.astimezone(ZoneInfo(security.time_zone)).date()
        query = price_query(wanted, today=today)
        if query.known_at is not None:
            return Response(price_data(ordered_bars(security, query, today=today), query.interval, layout))
        try:
            return price_answer(request._request, security, query, today=today, layout=layout)
        except HistoryMoved:
            return self._prices(request)

    @docs.sync
    @action(detail=True, methods=["post"], throttle_classes=[RequestThrottle, SyncThrottle])
    def sync(self, request: SignedInRequest, symbol: str) -> Response:
        wanted = SyncRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        result = sync_security(
            self._symbol_of(symbol),
            intervals=tuple(wanted.validated_data["intervals"]),
            refresh=wanted.validated_data["refresh"],
            trigger=SyncRun.Trigger.API,
            started_by=request.user,
        )
        security = self.get_queryset().get(pk=result.security.pk)
        security.sync = result
        return Response(SyncedSecuritySerializer(security).data)

    def _symbol_of(self, name: str) -> str:
        """A UUID names a stored security; anything else is a symbol, which Yahoo may know.

        Raises ManualSecurity, and NotFound for a UUID that names none.
        """
        if key_of(name) is None:
            if len(name) > LONGEST_SYMBOL:
                raise NotFound
            return name
        security = self.get_object()
        if security.is_manual:
            raise ManualSecurity
        return security.symbol
