"""What the OpenAPI document says about transactions."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers

from accounts.api.docs import ACCOUNT, MOMENT, answered, refusal, sent
from accounts.api.transactions.bodies import RevisionSerializer, TransactionSerializer
from accounts.api.transactions.parameters import (
    KnownAtParameters,
    OwnTransactionParameters,
    TransactionParameters,
)
from accounts.api.transactions.serializers import (
    MAX_TRANSACTIONS,
    NewTransactionSerializer,
    TransactionChangeSerializer,
)
from accounts.models.transaction import REASON_LENGTH
from finances.api.pagination import PageParameters
from finances.api.schema import LIST_HEADERS, problem

TRANSACTIONS = ["transactions"]
KEY = "b8c5a7f2-0b43-4a88-9f3a-1f0f6c8a2d55"
BUY = {
    "type": "BUY",
    "symbol": "AAPL",
    "trade_date": "2020-08-28",
    "quantity": "10",
    "unit_price": "499.23",
    "fees": "1.00",
}
TRANSACTION = {
    "id": KEY,
    "account_id": ACCOUNT["id"],
    "type": "BUY",
    "counter_account_id": None,
    "security_id": "c2a1e8a4-9b1d-4a39-8f56-1f2e3d4c5b12",
    "symbol": "AAPL",
    "new_security_id": None,
    "new_symbol": None,
    "trade_date": "2020-08-28",
    "settlement_date": "2020-09-01",
    "quantity": "10",
    "unit_price": "499.23",
    "amount": None,
    "fees": "1.00",
    "taxes": "0.00",
    "currency_code": "USD",
    "fx_rate": "0.8402",
    "ratio_numerator": None,
    "ratio_denominator": None,
    "cost_fraction": None,
    "units_as_of": None,
    "acquired_on": None,
    "lots": [],
    "note": "",
    "external_id": "broker-4711",
    "tags": ["savings plan"],
    "sequence": 1598630400000000,
    "posted_at": MOMENT,
    "recorded_at": MOMENT,
    "voided_at": None,
    "void_reason": "",
}
OVERSOLD: dict[str, Any] = {
    "detail": "On 2021-03-01 10 are held, and 12 would be taken away.",
    "code": "oversold",
    "date": "2021-03-01",
    "held": "10",
    "wanted": "12",
    "transaction_id": KEY,
}
SHORT = (
    "A sale of more than is held on its day, now or later (`oversold`, with `date`, `held` and the `transaction_id` of "
    "that sale); a named lot that holds less (`lot_unavailable`); a spin-off or return of capital of nothing "
    "(`nothing_held`)"
)
BOOKS = problem(f"The books refuse it. {SHORT}.")
DAYS = problem("The days contradict each other (`traded_in_future`, `settled_before_traded`).")


class PostedSerializer(serializers.Serializer[Any]):
    posted = serializers.IntegerField()
    ids = serializers.ListField(child=serializers.UUIDField(), help_text="In the order sent.")


class VoidParameters(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=REASON_LENGTH, required=False, help_text="Kept with what is deleted.")


list_of_account = extend_schema(
    tags=TRANSACTIONS,
    summary="List an account's transactions",
    description="Newest day first; transfers that come in are among them. With `known_at` as they stood then, whatever "
    "was amended or deleted since.",
    parameters=[TransactionParameters, PageParameters, *LIST_HEADERS],
    responses=TransactionSerializer(many=True),
    operation_id="accounts_transactions_list",
    examples=[answered([TRANSACTION])],
)
list_own = extend_schema(
    tags=TRANSACTIONS,
    summary="List transactions",
    description="Of all your accounts, newest day first. With `known_at` as they stood then.",
    parameters=[OwnTransactionParameters, PageParameters, *LIST_HEADERS],
    responses=TransactionSerializer(many=True),
    operation_id="transactions_list",
    examples=[answered([TRANSACTION])],
)
post = extend_schema(
    tags=TRANSACTIONS,
    summary="Post a transaction",
    description="What each type needs, takes and does is told in docs/api.md; what it does not have is refused. "
    "Quantities, prices and amounts are positive and the type gives the direction; amounts of INTEREST, FEE, TAX, "
    "OPENING and ADJUSTMENT may be negative, and an ADJUSTMENT's quantity. Quantities are in the units of the trade "
    "date: later splits are applied when they are read. The books are counted before it is stored.",
    request=NewTransactionSerializer,
    responses={
        201: TransactionSerializer,
        400: problem(
            "The days contradict each other (`traded_in_future`, `settled_before_traded`), or the account's type holds "
            "no securities (`account_holds_no_securities`)."
        ),
        409: problem(
            f"{SHORT}; the `external_id` is there already, with the `id` that has it (`external_id_exists`); a split "
            "that is known (`split_known`)."
        ),
    },
    examples=[
        sent(BUY),
        answered(TRANSACTION, "201"),
        refusal("409", "oversold", OVERSOLD["detail"]),
    ],
)
read = extend_schema(
    tags=TRANSACTIONS,
    summary="Read a transaction",
    description="As it stands, or with `known_at` as it stood then.",
    parameters=[KnownAtParameters],
    responses=TransactionSerializer,
    examples=[answered(TRANSACTION)],
)
amend = extend_schema(
    tags=TRANSACTIONS,
    summary="Amend a transaction",
    description="The fields that are sent, and no others; what they replace is kept. Account, type, securities and the "
    "other side stay.",
    request=TransactionChangeSerializer,
    responses={200: TransactionSerializer, 400: DAYS, 409: BOOKS},
    examples=[sent({"unit_price": "499.32", "reason": "misread"}), answered(TRANSACTION)],
)
void = extend_schema(
    tags=TRANSACTIONS,
    summary="Delete a transaction",
    description="It is voided: it counts no more, and stays for `known_at` and its revisions.",
    parameters=[VoidParameters],
    responses={204: OpenApiResponse(description="Voided."), 409: BOOKS},
)
revisions = extend_schema(
    tags=TRANSACTIONS,
    summary="List what a transaction said before",
    description="Each version that was amended, or at last deleted, newest first, with when and why.",
    parameters=[PageParameters, *LIST_HEADERS],
    responses=RevisionSerializer(many=True),
    operation_id="transactions_revisions_list",
    examples=[answered([TRANSACTION | {"superseded_at": MOMENT, "reason": "misread"}])],
)
bulk = extend_schema(
    tags=TRANSACTIONS,
    summary="Post many transactions",
    description="Up to 10,000, all together or, if one of them is refused, none. What refuses them is told at once, "
    "by position: malformed fields first; then the rules and the books, whose refusals are violations of type "
    "`oversold`, `external_id_exists` and the like.",
    request=NewTransactionSerializer(many=True, max_length=MAX_TRANSACTIONS),  # type: ignore[call-arg]  # the list's
    responses={201: PostedSerializer},
    operation_id="accounts_transactions_bulk_create",
    examples=[sent(BUY), answered({"posted": 1, "ids": [KEY]}, "201")],
)
