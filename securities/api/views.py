"""Securities: list, search, quotes, history, sync."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from finances.api.parameters import read_parameters
from finances.api.throttles import RequestThrottle, SyncThrottle
from finances.errors import NotFound
from finances.sync.models import SyncRun
from finances.users.requests import SignedInRequest
from securities.api import docs, manual_docs
from securities.api.events import CorporateActions
from securities.api.filters import SecurityFilter
from securities.api.manual_views import ManualPrices, ManualSecurities
from securities.api.parameters import PriceParameters, QuoteParameters, SearchParameters, price_query
from securities.api.quality_views import QualityAction
from securities.api.serializers import (
    QuotesSerializer,
    SearchHitSerializer,
    SecuritySerializer,
    SyncedSecuritySerializer,
    SyncRequestSerializer,
)
from securities.history import read_history
from securities.manual import ManualSecurity
from securities.models import Security
from securities.models.security import key_of
from securities.search import search_securities
from securities.sync import sync_security

LONGEST_SYMBOL = 32


@docs.securities
class SecurityViewSet(CorporateActions, QualityAction, ManualSecurities, ManualPrices, ReadOnlyModelViewSet[Security]):
    request: SignedInRequest
    queryset = Security.objects.none()
    serializer_class = SecuritySerializer
    filterset_class = SecurityFilter
    lookup_field = "symbol"
    lookup_value_regex = r"[A-Za-z0-9.^=&_:\-]{1,36}"

    def get_queryset(self) -> Any:
        rows = Security.objects.visible_to(self.request.user).with_latest_price().with_successor_symbol()
        return rows.select_related("predecessor") if self.action == "prices" else rows

    def get_object(self) -> Security:
        security: Security | None = self.get_queryset().named(self.kwargs["symbol"]).first()
        if security is None:
            raise NotFound("Not found.")
        return security

    @docs.search
    @action(detail=False, pagination_class=None)
    def search(self, request: SignedInRequest) -> Response:
        wanted = read_parameters(SearchParameters, request)
        hits = search_securities(wanted["query"], limit=wanted["limit"], user=request.user)
        return Response(SearchHitSerializer(hits, many=True).data)

    @docs.quotes
    @action(detail=False, pagination_class=None)
    def quotes(self, request: SignedInRequest) -> Response:
        symbols = read_parameters(QuoteParameters, request)["symbols"]
        found = {s.symbol: s for s in self.get_queryset().listed().filter(symbol__in=symbols)}
        quotes = [found[symbol] for symbol in symbols if symbol in found]
        unknown = [symbol for symbol in symbols if symbol not in found]
        return Response(QuotesSerializer({"quotes": quotes, "unknown": unknown}).data)

    @docs.prices
    @action(detail=True, pagination_class=None)
    def prices(self, request: SignedInRequest, symbol: str) -> Response:
        security = self.get_object()
        wanted = read_parameters(PriceParameters, request)
        moment = wanted.get("known_at") or timezone.now()
        today = moment.astimezone(ZoneInfo(security.time_zone)).date()
        query = price_query(wanted, today=today)
        return Response(read_history(security, query, today=today))

    put_prices = manual_docs.put_prices(prices.mapping.put(ManualPrices.put_prices))

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
