"""What the OpenAPI document says about explanations."""

from typing import Any

from drf_spectacular.utils import extend_schema

from accounts.api.docs import answered, sent
from accounts.api.portfolio.explain_serializers import ExplanationSerializer, QuestionSerializer
from accounts.api.portfolio.performance_docs import PORTFOLIO
from finances.api.schema import problem

ACCOUNT = "52c5b1a0-8f5c-4b53-b1ef-0d7b0f8f8e11"
POSITION = f"position:{ACCOUNT}:c2a1e8a4-9b1d-4a39-8f56-1f2e3d4c5b12"
NOTHING_BELOW: dict[str, Any] = {"operation": None, "places": None, "term_count": 0, "terms": []}
EXPLANATION = {
    "name": "AAPL in Depot",
    "figure": f"{POSITION}@2024-01-31",
    "value": "1701.04",
    "unit": "EUR",
    "operation": "product",
    "places": 2,
    "rule": "Nothing is worth nothing at whatever rate or price.",
    "row": None,
    "term_count": 3,
    "terms": [
        {
            "name": "quantity",
            "figure": f"quantity:{POSITION}@2024-01-31",
            "value": "10",
            "unit": "units",
            "rule": "",
            "row": None,
            **NOTHING_BELOW,
        },
        {
            "name": "close of 2024-01-31",
            "figure": None,
            "value": "184.4",
            "unit": "USD",
            "rule": "The last close on or before the day.",
            "row": {
                "kind": "price",
                "date": "2024-01-31",
                "basis": "as traded",
                "source": "yahoo",
                "recorded_at": "2024-02-01T02:00:07Z",
            },
            **NOTHING_BELOW,
        },
        {
            "name": "EUR per USD",
            "figure": None,
            "value": "0.92247",
            "unit": "EUR/USD",
            "rule": "The last fixing on or before the day, at most 7 days old.",
            "row": {
                "kind": "rate",
                "pair": "USD/EUR",
                "date": "2024-01-31",
                "source": "ecb",
                "recorded_at": "2024-01-31T15:05:00Z",
            },
            **NOTHING_BELOW,
        },
    ],
}
explain = extend_schema(
    tags=PORTFOLIO,
    summary="Explain a figure",
    description="The tree of terms that makes a figure of `net-worth`, `history`, `allocation` or `performance`, down "
    "to transactions, closes and rates: apply each `operation` to the terms, in their order, and round to `places`. "
    "Send the parameters of the answer that shows the figure. A term with a `figure` of its own is followed by asking "
    "for that. Of many terms one page is shown.",
    request=QuestionSerializer,
    responses={
        200: ExplanationSerializer,
        400: problem("The range is refused (`start_after_end`, `ends_in_future`, `range_too_long`)."),
        404: problem("There is no such figure (`unknown_figure`)."),
    },
    examples=[sent({"figure": POSITION, "as_of": "2024-01-31", "base": "EUR"}), answered(EXPLANATION)],
)
