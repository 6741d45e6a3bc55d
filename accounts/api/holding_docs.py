"""What the OpenAPI document says about holdings."""

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema

from accounts.api.holding_serializers import HoldingChangeSerializer, HoldingSerializer, NewHoldingSerializer
from finances.api.schema import problem

HOLDING = {
    "id": "0b8c6a0e-54c1-4f0b-9a55-0d1c6f3a9a10",
    "account_id": "7f1f5c0a-3d4e-4a76-8c3b-6b7a1f0c2d11",
    "security_id": "c2a1e8a4-9b1d-4a39-8f56-1f2e3d4c5b12",
    "symbol": "AAPL",
    "name": "Apple Inc.",
    "currency_code": "USD",
    "quantity": "12.5",
    "average_cost": "101.25",
    "acquired_on": "2019-03-01",
    "current_price": 129.04,
    "price_at": "2020-08-31T00:00:00Z",
    "market_value": "1613.00",
    "cost": "1265.63",
    "unrealized_gain": "347.38",
    "missing": [],
    "created_at": "2020-08-31T21:05:00Z",
    "updated_at": "2020-08-31T21:05:00Z",
}
UNPRICED = HOLDING | {
    "current_price": None,
    "price_at": None,
    "market_value": None,
    "unrealized_gain": None,
    "missing": [
        {"figure": figure, "code": "missing_price", "detail": "No price is stored yet."}
        for figure in ("current_price", "market_value", "unrealized_gain")
    ],
}
EXAMPLES = [
    OpenApiExample("A holding", HOLDING, response_only=True),
    OpenApiExample("Without a price", UNPRICED, response_only=True),
]
REFUSED = problem("acquired_on is after today (`acquired_in_future`).")

list_holdings = extend_schema(
    summary="List holdings",
    description="Your holdings in all accounts or in one, by account name and symbol, each with its figures in the "
    "security's currency. A figure that cannot be known is null, and `missing` says why.",
    responses=HoldingSerializer(many=True),
    examples=EXAMPLES,
)
create = extend_schema(
    summary="Add a holding",
    description="Give `security_id`, or `symbol`: one that is not stored yet is synced from Yahoo first.",
    request=NewHoldingSerializer,
    responses={
        201: HoldingSerializer,
        400: problem(
            "The account's type holds no securities (`account_holds_no_securities`), or acquired_on is after today "
            "(`acquired_in_future`)."
        ),
        404: problem("Yahoo does not know the symbol (`symbol_not_found`), or the account was deleted meanwhile."),
        409: problem(
            "The account holds this security already (`holding_exists`), or a sync of the symbol is running "
            "(`sync_in_progress`)."
        ),
        503: problem(
            "Yahoo gave no usable answer for a symbol that is not stored (`yahoo_rate_limited`, `yahoo_unavailable`, "
            "`yahoo_bad_response`, `yahoo_no_data`); see Retry-After. Nothing was created."
        ),
    },
    examples=[
        *EXAMPLES,
        OpenApiExample(
            "By symbol",
            {
                "account_id": HOLDING["account_id"],
                "symbol": "AAPL",
                "quantity": "12.5",
                "average_cost": "101.25",
                "acquired_on": "2019-03-01",
            },
            request_only=True,
        ),
    ],
)
retrieve = extend_schema(
    summary="Read a holding",
    description="With its figures in the security's currency; reading never asks Yahoo.",
    responses=HoldingSerializer,
    examples=EXAMPLES,
)
partial_update = extend_schema(
    summary="Change a holding",
    description="Quantity, average cost and day of acquisition, each by itself. Account and security stay: naming "
    "them is refused (422).",
    request=HoldingChangeSerializer,
    responses={200: HoldingSerializer, 400: REFUSED},
    examples=[*EXAMPLES, OpenApiExample("After a purchase", {"quantity": "15"}, request_only=True)],
)
destroy = extend_schema(
    summary="Delete a holding",
    description="For good; the account and the security stay.",
    responses={204: OpenApiResponse(description="Deleted.")},
)
