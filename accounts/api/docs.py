"""What the OpenAPI document says about institutions and accounts."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view

from accounts.api.serializers import AccountSerializer
from finances.api.schema import problem

INSTITUTIONS, ACCOUNTS = ["financial-institutions"], ["accounts"]
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
    "cost_basis_method": "FIFO",
    "allow_short": False,
    "latest_value": "50000.00",
    "latest_value_date": "2026-01-31",
    "missing": [],
    "created_at": MOMENT,
    "updated_at": MOMENT,
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
        "account with values or transactions stays, and so does a type that lets it hold the securities in it. Another "
        "`cost_basis_method` counts all its lots anew.",
        responses={200: AccountSerializer, 409: problem("What is in the account forbids it.")},
        examples=[
            sent({"is_active": False}),
            answered(ACCOUNT | {"is_active": False}),
            refusal("400", "closed_before_opened", "closed_on is before opened_on."),
            refusal("409", "currency_in_use", "The account has values or transactions in its currency; ..."),
        ],
    ),
    destroy=extend_schema(
        tags=ACCOUNTS,
        summary="Delete an account",
        description="With all that is in it, for good. To keep its history, archive it instead. One that has exchanged "
        "transfers with others stays until those are deleted, since their books follow from it.",
        responses={204: None, 409: problem("It has transfers from or to other accounts (`account_has_transfers`).")},
    ),
)
