"""What the OpenAPI document says about values."""

from drf_spectacular.utils import OpenApiParameter, extend_schema

from accounts.api.docs import ACCOUNT, MOMENT, answered, refusal, sent
from accounts.api.parameters import HistoryParameters, LatestParameters
from accounts.api.value_serializers import (
    AccountValueSerializer,
    AmountSerializer,
    CountsSerializer,
    DayValueSerializer,
    LatestValuesSerializer,
)
from finances.api.pagination import PageParameters
from finances.api.schema import LIST_HEADERS, problem

VALUES = ["account values"]
VALUE = {
    "account_id": ACCOUNT["id"],
    "value_date": "2026-01-31",
    "value": "50000.00",
    "currency_code": "EUR",
    "recorded_at": MOMENT,
}
TOTAL = {"assets": "50000.00", "liabilities": "0.00", "net": "50000.00"}
LATEST = {
    "values": [
        {
            "account_id": ACCOUNT["id"],
            "account_name": "Everyday",
            "account_type": "CHECKING",
            "classification": "ASSET",
            "value_date": "2026-01-31",
            "value": "50000.00",
            "currency_code": "EUR",
        }
    ],
    "totals": [{"currency_code": "EUR", **TOTAL}],
    "total": {"currency_code": "USD", "assets": None, "liabilities": "0.00", "net": None},
    "missing": [
        {
            "figure": "total",
            "code": "missing_rate",
            "detail": "No EUR/USD rate on 2026-01-31 or in the 7 days before it.",
            "currency_code": "EUR",
        }
    ],
}
VALUE_EXISTS = refusal("409", "value_exists", "A value is recorded for this day already; amend that one instead.")
DAY = OpenApiParameter("day", {"type": "string", "format": "date"}, OpenApiParameter.PATH, description="YYYY-MM-DD")
value_history = extend_schema(
    tags=VALUES,
    summary="History of an account's values",
    description="What was recorded, newest day first. Values of a liability are the positive amounts owed; a negative "
    "one is a credit.",
    parameters=[HistoryParameters, PageParameters, *LIST_HEADERS],
    responses=AccountValueSerializer(many=True),
    operation_id="accounts_values_list",
    examples=[answered([VALUE])],
)
record_value = extend_schema(
    tags=VALUES,
    summary="Record a value",
    description="The first of its day, in the account's currency. `value` is a string, or a number.",
    request=DayValueSerializer,
    responses={201: AccountValueSerializer, 409: problem("The day has a value.")},
    examples=[sent({"value_date": "2026-01-31", "value": "50000.00"}), answered(VALUE, "201"), VALUE_EXISTS],
)
put_values = extend_schema(
    tags=VALUES,
    summary="Record many values",
    description="Up to 10,000 days, recorded or amended all together or, if one of them is wrong, not at all. Days "
    "that are not sent stay as they are.",
    request=DayValueSerializer(many=True),
    responses=CountsSerializer,
    operation_id="accounts_values_bulk_update",
    examples=[
        sent({"value_date": "2026-01-31", "value": "50000.00"}),
        answered({"added": 1, "changed": 1, "unchanged": 0}),
    ],
)
read_value = extend_schema(
    tags=VALUES,
    summary="Read a day's value",
    description="The value recorded for that very day.",
    parameters=[DAY],
    responses=AccountValueSerializer,
    examples=[answered(VALUE)],
)
put_value = extend_schema(
    tags=VALUES,
    summary="Record or amend a day's value",
    description="Sent twice it changes nothing more. What is amended is kept as a revision.",
    parameters=[DAY],
    request=AmountSerializer,
    responses={200: AccountValueSerializer, 201: AccountValueSerializer},
    examples=[sent({"value": "50000.00"}), answered(VALUE), answered(VALUE, "201")],
)
amend_value = extend_schema(
    tags=VALUES,
    summary="Amend a day's value",
    description="Of a day that has one. What is amended is kept as a revision.",
    parameters=[DAY],
    request=AmountSerializer,
    responses=AccountValueSerializer,
    examples=[sent({"value": "50000.00"}), answered(VALUE)],
)
delete_value = extend_schema(
    tags=VALUES,
    summary="Delete a day's value",
    description="It is kept as a revision.",
    parameters=[DAY],
    responses={204: None},
)
latest_values = extend_schema(
    tags=VALUES,
    summary="Latest values and totals",
    description="The latest recorded value of each of your accounts, by name, and totals of all active ones, which "
    "`skip` and `limit` leave whole. Liabilities count negative in `net`. With `base` there is one `total` at the "
    "rates of `as_of` or today; without a rate it is null, and `missing` says why.",
    parameters=[LatestParameters, PageParameters, *LIST_HEADERS],
    responses=LatestValuesSerializer,
    examples=[answered(LATEST)],
)
