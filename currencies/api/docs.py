"""What the OpenAPI document says about these operations."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view

from currencies.api.parameters import ConversionParameters, RateParameters, SyncRatesSerializer
from currencies.api.serializers import (
    ConversionSerializer,
    CurrencySerializer,
    ExchangeRateSerializer,
    SyncedRatesSerializer,
)
from finances.api.schema import problem

CODE = OpenApiParameter("code", str, OpenApiParameter.PATH, description="ISO 4217 code, in any case.")
EURO = {"code": "EUR", "name": "Euro", "symbol": "€", "minor_digits": 2, "last_valid_on": None}
STORED_EURO = {**EURO, "created_at": "2026-01-05T09:30:00Z", "updated_at": "2026-01-05T09:30:00Z"}
LEGS = [
    {"base": "EUR", "quote": "GBP", "date": "2016-06-24", "rate": "0.8075"},
    {"base": "EUR", "quote": "USD", "date": "2016-06-24", "rate": "1.1066"},
]
CONVERTED = {
    "from": "GBP", "to": "USD", "amount": "1000", "converted": "1370.4024767802", "rate": "1.370402476780186",
    "rate_date": "2016-06-24", "derivation": "cross", "legs": LEGS, "missing": [],
}  # fmt: skip
UNCONVERTED = {
    "from": "ISK", "to": "EUR", "amount": "10000", "converted": None, "rate": None, "rate_date": None,
    "derivation": None, "legs": [],
    "missing": [
        {"figure": "converted", "code": "missing_rate",
         "detail": "No ISK/EUR rate on 2012-06-01 or in the 7 days before it."}
    ],
}  # fmt: skip
RATE = {
    "date": "2016-06-24", "base": "EUR", "quote": "USD", "rate": "1.1066", "source": "yahoo", "derived": False,
    "derivation": "direct",
}  # fmt: skip
SYNCED = {
    "pairs": [
        {"pair": "EURGBP", "added": 0, "changed": 0, "error": "yahoo_no_data"},
        {"pair": "EURUSD", "added": 5, "changed": 0, "error": None},
    ]
}


def sent(value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample("Request", value=value, request_only=True)


def answered(value: Any, status: str = "200", name: str = "Answer") -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


STAFF_ONLY = problem("For staff only (`permission_denied`).")

currencies = extend_schema_view(
    list=extend_schema(
        summary="List currencies",
        description="By code, those that have ended included.",
        examples=[answered(STORED_EURO)],
    ),
    retrieve=extend_schema(
        summary="Read a currency",
        description="By its ISO 4217 code, in any case.",
        parameters=[CODE],
        examples=[answered(STORED_EURO)],
    ),
    create=extend_schema(
        summary="Add a currency",
        description="For staff.",
        responses={
            201: CurrencySerializer, 403: STAFF_ONLY, 409: problem("It exists already (`currency_exists`)."),
        },
        examples=[sent(EURO), answered(STORED_EURO, "201")],
    ),
    update=extend_schema(
        summary="Replace a currency's facts",
        description="For staff. The code stays as it is; what is left out keeps its value.",
        parameters=[CODE],
        responses={200: CurrencySerializer, 403: STAFF_ONLY},
        examples=[sent(EURO), answered(STORED_EURO)],
    ),
    partial_update=extend_schema(
        summary="Change a currency's facts",
        description="For staff. Rates do not count after `last_valid_on`.",
        parameters=[CODE],
        responses={200: CurrencySerializer, 403: STAFF_ONLY},
        examples=[sent({"last_valid_on": "2025-12-31"}), answered(STORED_EURO)],
    ),
    destroy=extend_schema(
        summary="Delete a currency",
        description="For staff. Only what nothing refers to can go.",
        parameters=[CODE],
        responses={204: None, 403: STAFF_ONLY, 409: problem("Rates, accounts or others use it (`currency_in_use`).")},
    ),
)  # fmt: skip
convert = extend_schema(
    summary="Convert an amount",
    description="At the last fixing on or before the day, at most 7 days old and never a later one: stored for the "
    "pair (`direct`), for its reverse (`inverse`) or for both against a third currency (`cross`). Currencies may be "
    "minor units such as GBp. Where there is no such rate the figures are null and `missing` says why.",
    parameters=[ConversionParameters],
    responses=ConversionSerializer,
    filters=False,
    examples=[answered(CONVERTED), answered(UNCONVERTED, name="No rate")],
)
rates = extend_schema(
    summary="A currency's rates",
    description="Units of `quote` for one of this currency. Without `quote` all stored rates of the currency, those "
    "to it as their inverse. With it one rate a day, on the days that have all the fixings it follows from. With "
    "`known_at` it is the answer of that moment, from the rates recorded by then.",
    parameters=[CODE, RateParameters],
    responses=ExchangeRateSerializer(many=True),
    filters=False,
    examples=[answered(RATE)],
)
sync_rates = extend_schema(
    summary="Sync rates from Yahoo",
    description="For staff. Fetches the daily rates of `base` against each of `quotes`: the first time everything, "
    "later what is new. Days that are over only; one pair failing stops no other.",
    request=SyncRatesSerializer,
    responses={
        200: SyncedRatesSerializer,
        403: STAFF_ONLY,
        409: problem("A sync of the same base is running (`sync_in_progress`)."),
        503: problem("Yahoo failed every pair for one reason, which is the code; see Retry-After."),
    },
    filters=False,
    examples=[sent({"base": "EUR", "quotes": ["GBP", "USD"]}), answered(SYNCED)],
)
