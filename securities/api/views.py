"""Securities: list, search, quotes, history, sync."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from finances.api.parameters import read_parameters
from finances.api.schema import Problem
from finances.api.throttles import RequestThrottle, SyncThrottle
from finances.errors import NotFound
from finances.sync.models import SyncRun
from finances.users.requests import SignedInRequest
from securities.api.filters import SecurityFilter
from securities.api.parameters import PriceParameters, QuoteParameters, SearchParameters, price_query
from securities.api.serializers import (
    PriceSerializer,
    QuotesSerializer,
    SearchHitSerializer,
    SecuritySerializer,
    SyncedSecuritySerializer,
    SyncRequestSerializer,
)
from securities.history import read_history
from securities.models import Security
from securities.search import search_securities
from securities.sync import sync_security

SYMBOL = OpenApiParameter("symbol", str, OpenApiParameter.PATH, description="Symbol in any case, or the id (UUID).")


@extend_schema_view(
    list=extend_schema(summary="List securities", description="Listed securities and your own, by symbol."),
    retrieve=extend_schema(
        summary="Read a security",
        description="With its last stored price; reading never asks Yahoo.",
        parameters=[SYMBOL],
    ),
)
class SecurityViewSet(ReadOnlyModelViewSet[Security]):
    request: SignedInRequest
    queryset = Security.objects.none()
    serializer_class = SecuritySerializer
    filterset_class = SecurityFilter
    lookup_field = "symbol"
    lookup_value_regex = r"[A-Za-z0-9.^=&_:\-]{1,36}"

    def get_queryset(self) -> Any:
        return Security.objects.visible_to(self.request.user).with_latest_price()

    def get_object(self) -> Security:
        security: Security | None = self.get_queryset().named(self.kwargs["symbol"]).first()
        if security is None:
            raise NotFound("Not found.")
        return security

    @extend_schema(
        summary="Search securities",
        description="Stored ones first: by symbol prefix, then by name. Topped up with what Yahoo finds, marked "
        "`in_database: false`; Yahoo failing never fails the search.",
        parameters=[SearchParameters],
        responses=SearchHitSerializer(many=True),
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def search(self, request: SignedInRequest) -> Response:
        wanted = read_parameters(SearchParameters, request)
        hits = search_securities(wanted["query"], limit=wanted["limit"], user=request.user)
        return Response(SearchHitSerializer(hits, many=True).data)

    @extend_schema(
        summary="Quotes of many securities",
        description="The last stored prices of up to 100 symbols; those not stored are listed as unknown.",
        parameters=[QuoteParameters],
        responses=QuotesSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def quotes(self, request: SignedInRequest) -> Response:
        symbols = read_parameters(QuoteParameters, request)["symbols"]
        found = {s.symbol: s for s in self.get_queryset().listed().filter(symbol__in=symbols)}
        quotes = [found[symbol] for symbol in symbols if symbol in found]
        unknown = [symbol for symbol in symbols if symbol not in found]
        return Response(QuotesSerializer({"quotes": quotes, "unknown": unknown}).data)

    @extend_schema(
        summary="Price history",
        description="OHLCV bars in the security's currency, never asked of Yahoo. Give dates or a period; `limit` "
        "keeps the newest bars. A week is dated on its Monday.",
        parameters=[SYMBOL, PriceParameters],
        responses=PriceSerializer(many=True),
        filters=False,
        examples=[
            OpenApiExample(
                "A day",
                [{"date": "2012-12-31", "open": 18.2, "high": 19.1, "low": 18.1, "close": 19.0, "volume": 659492400}],
                response_only=True,
            )
        ],
    )
    @action(detail=True, pagination_class=None)
    def prices(self, request: SignedInRequest, symbol: str) -> Response:
        security = self.get_object()
        today = timezone.now().astimezone(ZoneInfo(security.time_zone)).date()
        query = price_query(read_parameters(PriceParameters, request), today=today)
        return Response(read_history(security, query, today=today))

    @extend_schema(
        summary="Sync a security from Yahoo",
        description="Fetches the profile, splits, dividends and bars of a symbol, known or not yet known: the first "
        "time everything, later what is new.",
        parameters=[SYMBOL],
        request=SyncRequestSerializer,
        responses={
            200: SyncedSecuritySerializer,
            409: OpenApiResponse(Problem, "A sync of this symbol is running (`sync_in_progress`)."),
            503: OpenApiResponse(
                Problem,
                "Yahoo gave no usable answer (`yahoo_rate_limited`, `yahoo_unavailable`, `yahoo_bad_response`, "
                "`yahoo_no_data`); see Retry-After. What is stored is untouched.",
            ),
        },
    )
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
        """A UUID names a stored security; anything else is a symbol, which Yahoo may know."""
        security = self.get_queryset().named(name).first()
        return security.symbol if security else name
