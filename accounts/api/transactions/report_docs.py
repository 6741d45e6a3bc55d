"""What the OpenAPI document says about cash, gains, lots and proposals."""

from drf_spectacular.utils import extend_schema

from accounts.api.docs import ACCOUNT, answered
from accounts.api.transactions.docs import KEY, TRANSACTIONS
from accounts.api.transactions.report_serializers import (
    CashParameters,
    CashSerializer,
    GainParameters,
    GainSerializer,
    LotSerializer,
    ProposalParameters,
    ProposalSerializer,
)
from finances.api.pagination import PageParameters
from finances.api.schema import LIST_HEADERS

SECURITY = "c2a1e8a4-9b1d-4a39-8f56-1f2e3d4c5b12"
DIVIDEND = f"dividend:{SECURITY}:2020-08-07"
cash = extend_schema(
    tags=TRANSACTIONS,
    summary="Cash of an account",
    description="By currency, from the account's transactions up to `as_of` by trade date, and how that agrees with "
    "the last recorded value. Where the account holds securities, the recorded value includes them, and the difference "
    "is null.",
    parameters=[CashParameters],
    responses=CashSerializer,
    examples=[
        answered(
            {
                "account_id": ACCOUNT["id"],
                "currency_code": "EUR",
                "as_of": "2026-01-31",
                "ledger_from": "2020-05-04",
                "balances": [{"currency_code": "EUR", "balance": "49990.00"}],
                "recorded": {
                    "value_date": "2026-01-31",
                    "value": "50000.00",
                    "ledger": "49990.00",
                    "difference": "10.00",
                },
                "missing": [],
            }
        )
    ],
)
gains = extend_schema(
    tags=TRANSACTIONS,
    summary="Realized gains of an account",
    description="Each lot, or part of one, that was closed in the range: sold, covered, or paid back beyond its cost. "
    "By day, in the security's currency.",
    parameters=[GainParameters, PageParameters, *LIST_HEADERS],
    responses=GainSerializer(many=True),
    operation_id="accounts_gains_list",
    examples=[
        answered(
            [
                {
                    "security_id": SECURITY,
                    "symbol": "AAPL",
                    "lot_id": KEY,
                    "opened_by": KEY,
                    "closed_by": "0d6a6d0f-8a52-4a5f-8b0e-6f6a4d7b0c11",
                    "is_short": False,
                    "acquired_on": "2019-03-01",
                    "closed_on": "2020-08-28",
                    "holding_days": 546,
                    "quantity": "2",
                    "currency_code": "USD",
                    "proceeds": "997.46",
                    "cost": "350.95",
                    "gain": "646.51",
                    "fees": "1.00",
                    "taxes": "0.00",
                    "opening_fees": "1.00",
                    "opening_taxes": "0.00",
                    "missing": [],
                }
            ]
        )
    ],
)
lots = extend_schema(
    tags=["holdings"],
    summary="Open lots of a holding",
    description="By day of acquisition. They sum to the holding's quantity and cost.",
    parameters=[PageParameters, *LIST_HEADERS],
    responses=LotSerializer(many=True),
    operation_id="holdings_lots_list",
    examples=[
        answered(
            [
                {
                    "lot_id": KEY,
                    "transaction_id": KEY,
                    "acquired_on": "2019-03-01",
                    "quantity": "40",
                    "cost": "1750.00",
                    "fees": "1.00",
                    "taxes": "0.00",
                    "missing": [],
                }
            ]
        )
    ],
)
proposals = extend_schema(
    tags=TRANSACTIONS,
    summary="List dividends that are due",
    description="Stored dividends on what was held when their ex-date opened, as far as no DIVIDEND of the account and "
    "security is booked with the proposal's external_id, or from the ex-date to 120 days after it. Nothing is posted "
    "by itself: post `transaction` with what was paid.",
    parameters=[ProposalParameters, PageParameters, *LIST_HEADERS],
    responses=ProposalSerializer(many=True),
    operation_id="transactions_proposals_list",
    examples=[
        answered(
            [
                {
                    "account_id": ACCOUNT["id"],
                    "security_id": SECURITY,
                    "symbol": "AAPL",
                    "ex_date": "2020-08-07",
                    "quantity": "10",
                    "amount_per_unit": "0.82",
                    "amount": "8.20",
                    "currency_code": "USD",
                    "transaction": {
                        "type": "DIVIDEND",
                        "security_id": SECURITY,
                        "trade_date": "2020-08-07",
                        "amount": "8.20",
                        "currency_code": "USD",
                        "external_id": DIVIDEND,
                    },
                }
            ]
        )
    ],
)
