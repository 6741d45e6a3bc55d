"""What the API document says of manual securities and their prices."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from finances.api.schema import ValidationProblem, problem
from securities.api.manual_serializers import (
    ManualPriceSerializer,
    ManualSecuritySerializer,
    PriceCountsSerializer,
    PriceFileSerializer,
)
from securities.api.serializers import SecuritySerializer

ID = OpenApiParameter("symbol", str, OpenApiParameter.PATH, description="The id (UUID) of a manual security.")
DAY = OpenApiParameter("day", {"type": "string", "format": "date"}, OpenApiParameter.PATH, description="YYYY-MM-DD")
SENT = {"symbol": "HOUSE", "name": "House by the lake", "security_type": "OTHER", "currency_code": "EUR"}
HOUSE: dict[str, Any] = {
    "id": "7d1f1f7e-5a57-4a1c-9f0c-3f1f0b0c6a10",
    **SENT,
    "exchange": "",
    "quote_unit": "EUR",
    "sector": "",
    "industry": "",
    "market_cap": None,
    "isin": "",
    "time_zone": "UTC",
    "is_manual": True,
    "is_active": True,
    "inactive_reason": "",
    "successor_symbol": None,
    "current_price": 412500.0,
    "price_at": "2026-06-30T00:00:00Z",
    "missing": [],
    "last_synced_at": None,
    "created_at": "2026-01-31T09:30:00.000000Z",
    "updated_at": "2026-07-01T08:00:00.000000Z",
}
COUNTS = {"added": 1, "changed": 1, "unchanged": 0}
PRICE = {"date": "2026-06-30", "close": 412500.0}
LISTED = problem("A listed security, which the back office keeps (`permission_denied`).")


def sent(value: Any, media_type: str = "application/json") -> OpenApiExample:
    return OpenApiExample("Request", value=value, request_only=True, media_type=media_type)


def answered(value: Any, status: str = "200") -> OpenApiExample:
    return OpenApiExample("Answer", value=value, response_only=True, status_codes=[status])


def refusal(status: str, code: str, detail: str) -> OpenApiExample:
    body = {"detail": detail, "code": code}
    return OpenApiExample(code, value=body, response_only=True, status_codes=[status])


SECURITY_EXISTS = refusal("409", "security_exists", "You have a security with this symbol already.")
create = extend_schema(
    summary="Add a manual security",
    description="Something that no market lists, such as a house or a private fund. Only you see it, and only its id "
    "addresses it: its symbol may be that of a listed one. It is never synced; you enter its prices.",
    request=ManualSecuritySerializer,
    responses={201: SecuritySerializer, 409: problem("You have one with this symbol (`security_exists`).")},
    examples=[sent(SENT), answered(HOUSE, "201"), SECURITY_EXISTS],
)
partial_update = extend_schema(
    summary="Change a manual security",
    description="The fields that are sent, and no others. Its currency stays.",
    parameters=[ID],
    request=ManualSecuritySerializer,
    responses={
        200: SecuritySerializer,
        403: LISTED,
        409: problem("You have another with this symbol (`security_exists`)."),
    },
    examples=[sent({"name": "House by the lake"}), answered(HOUSE), SECURITY_EXISTS],
)
destroy = extend_schema(
    summary="Delete a manual security",
    description="With its prices, for good. One that an account holds stays until the holding is deleted.",
    parameters=[ID],
    responses={204: None, 403: LISTED, 409: problem("An account holds it (`security_in_use`).")},
    examples=[refusal("409", "security_in_use", "This security is held in an account; delete its holdings first.")],
)
put_prices = extend_schema(
    operation_id="securities_prices_bulk_update",
    summary="Enter prices of a manual security",
    description="Up to 20,000 days, added or changed all together or, if one of them is wrong, not at all. Days that "
    "are not sent stay as they are, and what is changed keeps its predecessor. 0 is a price, that of something "
    "worthless. For its owner, and staff.",
    parameters=[ID],
    request=ManualPriceSerializer(many=True),
    responses={200: PriceCountsSerializer, 403: LISTED},
    examples=[sent(PRICE), answered(COUNTS)],
)
upload_prices = extend_schema(
    operation_id="securities_prices_upload",
    summary="Upload prices of a manual security",
    description="As a CSV file, all of it or, if a line is wrong, none; `loc` of a violation is "
    '`["body", "file", line, column]`, the header being line 1.',
    parameters=[ID],
    request={"multipart/form-data": PriceFileSerializer},
    responses={200: PriceCountsSerializer, 403: LISTED, 413: problem("The file is too large."), 422: ValidationProblem},
    examples=[
        sent({"file": "date,close\n2026-03-31,410000\n2026-06-30,412500.00\n"}, "multipart/form-data"),
        answered(COUNTS),
    ],
)
delete_price = extend_schema(
    operation_id="securities_prices_destroy",
    summary="Delete a day's price of a manual security",
    description="It is kept as a revision: `known_at` still shows what was known.",
    parameters=[ID, DAY],
    responses={204: None, 403: LISTED},
)
