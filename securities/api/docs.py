"""What the API document says of the securities endpoints."""

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_view,
)

from finances.api.schema import Problem
from securities.api.parameters import PriceParameters, QuoteParameters, SearchParameters
from securities.api.serializers import (
    PriceColumnsSerializer,
    PriceSerializer,
    QuotesSerializer,
    SearchHitSerializer,
    SyncedSecuritySerializer,
    SyncRequestSerializer,
)

SYMBOL = OpenApiParameter("symbol", str, OpenApiParameter.PATH, description="Symbol in any case, or the id (UUID).")
SECURITY = {
    "id": "0a4c1c1e-6f0b-4d53-9d3c-0f7c8a1f2b3d",
    "symbol": "AAPL",
    "name": "Apple Inc.",
    "security_type": "STOCK",
    "exchange": "NasdaqGS",
    "currency_code": "USD",
    "quote_unit": "USD",
    "sector": "Technology",
    "industry": "Consumer Electronics",
    "market_cap": "2004113500000.00",
    "isin": "US0378331005",
    "time_zone": "America/New_York",
    "is_manual": False,
    "is_active": True,
    "inactive_reason": "",
    "successor_symbol": None,
    "current_price": 126.04,
    "price_at": "2022-12-28T00:00:00Z",
    "missing": [],
    "last_synced_at": "2022-12-28T22:10:04.519331Z",
    "created_at": "2022-12-01T08:00:00.000000Z",
    "updated_at": "2022-12-28T22:10:04.519331Z",
}
SYNC = {"bars_added": 1, "bars_changed": 0, "first_bar": "2000-03-01", "last_bar": "2022-12-28", "quarantined": []}
HELD = {
    "id": "6d0c7f3e-2f5b-4a58-a0f0-0d9d3b4c7e11",
    "reason": "unit_flip",
    "detail": "From 129.93 to 1.2604 on 2022-12-28: another unit, by the look of it.",
}
QUOTE = {name: SECURITY[name] for name in ("symbol", "name", "currency_code", "current_price", "price_at", "missing")}
HIT = {name: SECURITY[name] for name in ("id", "symbol", "name", "security_type", "exchange", "currency_code")}
DAY = {"date": "2022-12-28", "open": 129.67, "high": 131.03, "low": 125.87, "close": 126.04, "volume": 85438400}


def answers(value: object) -> list[OpenApiExample]:
    return [OpenApiExample("Answer", value, response_only=True)]


securities = extend_schema_view(
    list=extend_schema(
        summary="List securities",
        description="Listed securities and your own, by symbol.",
        examples=answers(SECURITY),
    ),
    retrieve=extend_schema(
        summary="Read a security",
        description="With its last stored price; reading never asks Yahoo.",
        parameters=[SYMBOL],
        examples=answers(SECURITY),
    ),
)
search = extend_schema(
    summary="Search securities",
    description="Stored ones first: by symbol prefix, then by name. Topped up with what Yahoo finds, marked "
    "`in_database: false`; Yahoo failing never fails the search.",
    parameters=[SearchParameters],
    responses=SearchHitSerializer(many=True),
    filters=False,
    examples=answers({**HIT, "is_manual": False, "in_database": True}),
)
quotes = extend_schema(
    summary="Quotes of many securities",
    description="The last stored prices of up to 100 listed symbols; those not stored are listed as unknown. Manual "
    "securities have ids, not symbols: read them one by one or in the list.",
    parameters=[QuoteParameters],
    responses=QuotesSerializer,
    filters=False,
    examples=answers({"quotes": [QUOTE], "unknown": ["NOSUCH"]}),
)
prices = extend_schema(
    operation_id="securities_prices_list",
    summary="Price history",
    description="OHLCV bars in the security's currency, never asked of Yahoo. Give dates or a period; `limit` keeps "
    "the newest bars. A week is dated on its Monday. Of a renamed security, its own symbol and its successor's read "
    "one history: the bars of each up to the first of the next, adjusted by its own splits and the successors' later "
    "ones; `continuous=false` reads the bars of one alone. With `known_at` it is the answer of that moment: bars, "
    "splits and dividends as recorded by then, a period ending on its day; the bar of a session still open is known "
    "from the sync that wrote it last. `format=columns` answers one array a figure instead of one object a bar.",
    parameters=[SYMBOL, PriceParameters],
    responses={
        200: PolymorphicProxySerializer(
            "PriceHistory",
            [PriceSerializer(many=True), PriceColumnsSerializer],
            resource_type_field_name=None,
            many=False,
        ),
        400: OpenApiResponse(Problem, "A period with dates (`period_with_dates`), or `start_after_end`."),
    },
    filters=False,
    examples=[
        OpenApiExample("Rows", [DAY], response_only=True),
        OpenApiExample("Columns", {name: [figure] for name, figure in DAY.items()}, response_only=True),
    ],
)
sync = extend_schema(
    summary="Sync a security from Yahoo",
    description="Fetches the profile, splits, dividends and bars of a symbol, known or not yet known: the first time "
    "everything, later what is new. What looks wrong is held back for the back office and listed under "
    "`sync.quarantined`; the stored figures stay.",
    parameters=[SYMBOL],
    request=SyncRequestSerializer,
    responses={
        200: SyncedSecuritySerializer,
        400: OpenApiResponse(Problem, "A security of your own, which no provider knows (`manual_security`)."),
        409: OpenApiResponse(Problem, "A sync of this symbol is running (`sync_in_progress`)."),
        503: OpenApiResponse(
            Problem,
            "Yahoo gave no usable answer (`yahoo_rate_limited`, `yahoo_unavailable`, `yahoo_bad_response`, "
            "`yahoo_no_data`); see Retry-After. What is stored is untouched.",
        ),
    },
    examples=[
        OpenApiExample("Days and hours", {"intervals": ["1d", "1h"], "refresh": False}, request_only=True),
        *answers({**SECURITY, "sync": SYNC}),
        OpenApiExample(
            "Held back", {**SECURITY, "sync": {**SYNC, "bars_added": 0, "quarantined": [HELD]}}, response_only=True
        ),
    ],
)
