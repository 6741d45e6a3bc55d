"""What the OpenAPI document says about institutions, accounts and values."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view

from accounts.api.parameters import HistoryParameters, LatestParameters
from accounts.api.serializers import (
    AccountSerializer,
    AccountValueSerializer,
    AmountSerializer,
    CountsSerializer,
    DayValueSerializer,
    LatestValuesSerializer,
)
from finances.api.pagination import PageParameters
from finances.api.schema import LIST_HEADERS, problem

INSTITUTIONS, ACCOUNTS, VALUES = ["financial-institutions"], ["accounts"], ["account values"]
MOMENT = "2026-01-31T09:30:00.000000Z"
BANK = {"name": "First Bank", "institution_type": "BANK", "country": "AT", "url": "https://bank.example"}
INSTITUTION = {"id": "0b54a1de-5f0b-4f0e-8a44-3c1a0f1b7c1d", **BANK, "created_at": MOMENT, "updated_at": MOMENT}
ACCOUNT = {
    "id": "52c5b1a0-8f5c-4b53-b1ef-0d7b0f8f8e11",
    "name": "Everyday",
    "account_type": "CHECKING",
    "classification": "ASSET",
    "financial_institution_id": INSTITUTION["id"],
    "currency_code": "EUR",
    "interest_rate": "0.0125",
    "is_active": True,
    "opened_on": "2020-05-04",
    "closed_on": None,
    "latest_value": "50000.00",
    "latest_value_date": "2026-01-31",
    "missing": [],
    "created_at": MOMENT,
    "updated_at": MOMENT,
}
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
            "detail": "No EUR/USD rate on or before 2026-01-31, at most 7 days old.",
            "currency_code": "EUR",
        }
    ],
}


def sent(value: Any) -> OpenApiExample:
    return OpenApiExample("Request", value=value, request_only=True)


def answered(value: Any, status: str = "200") -> OpenApiExample:
    return OpenApiExample("Answer", value=value, response_only=True, status_codes=[status])


def refusal(status: str, code: str, detail: str) -> OpenApiExample:
    body = {"detail": detail, "code": code}
    return OpenApiExample(code, value=body, response_only=True, status_codes=[status])


institutions = extend_schema_view(
    list=extend_schema(
        tags=INSTITUTIONS,
        summary="List institutions",
        description="Your banks, brokers and the like, by name.",
        examples=[answered(INSTITUTION)],
    ),
    retrieve=extend_schema(
        tags=INSTITUTIONS, summary="Read an institution", description="One of yours.", examples=[answered(INSTITUTION)]
    ),
    create=extend_schema(
        tags=INSTITUTIONS,
        summary="Add an institution",
        description="Its name is enough.",
        examples=[sent(BANK), answered(INSTITUTION, "201")],
    ),
    partial_update=extend_schema(
        tags=INSTITUTIONS,
        summary="Change an institution",
        description="The fields that are sent, and no others.",
        examples=[sent({"country": "AT"}), answered(INSTITUTION)],
    ),
    destroy=extend_schema(
        tags=INSTITUTIONS,
        summary="Delete an institution",
        description="One without accounts.",
        responses={204: None, 409: problem("There are accounts at it.")},
        examples=[
            refusal("409", "institution_in_use", "There are accounts at this institution; move or delete them first.")
        ],
    ),
)
accounts = extend_schema_view(
    list=extend_schema(
        tags=ACCOUNTS,
        summary="List accounts",
        description="Your accounts with their latest recorded values, by name.",
        examples=[answered(ACCOUNT)],
    ),
    retrieve=extend_schema(
        tags=ACCOUNTS,
        summary="Read an account",
        description="With its latest recorded value; `missing` says why that is null.",
        examples=[answered(ACCOUNT)],
    ),
    create=extend_schema(
        tags=ACCOUNTS,
        summary="Open an account",
        description="Name and type are enough; the currency is your base currency unless you give another. The type "
        "decides whether the account is an asset or a liability.",
        examples=[sent({"name": "Everyday", "account_type": "CHECKING"}), answered(ACCOUNT, "201")],
    ),
    partial_update=extend_schema(
        tags=ACCOUNTS,
        summary="Change an account",
        description="The fields that are sent, and no others. `is_active: false` archives it. The currency of an "
        "account with values or holdings stays, and so does a type that lets it hold the securities in it.",
        responses={200: AccountSerializer, 409: problem("What is in the account forbids it.")},
        examples=[
            sent({"is_active": False}),
            answered(ACCOUNT | {"is_active": False}),
            refusal("400", "closed_before_opened", "closed_on is before opened_on."),
            refusal("409", "currency_in_use", "The account has values or holdings in its currency; ..."),
        ],
    ),
    destroy=extend_schema(
        tags=ACCOUNTS,
        summary="Delete an account",
        description="With all that is in it, for good. To keep its history, archive it instead.",
        responses={204: None},
    ),
)
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
        sent([{"value_date": "2026-01-30", "value": "49950.00"}, {"value_date": "2026-01-31", "value": "50000.00"}]),
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
