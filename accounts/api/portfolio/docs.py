"""What the OpenAPI document says about the portfolio."""

from drf_spectacular.utils import extend_schema

from accounts.api.docs import ACCOUNT, answered
from accounts.api.portfolio.parameters import AllocationParameters, DayParameters, HistoryParameters
from accounts.api.portfolio.serializers import AllocationSerializer, HistorySerializer, NetWorthSerializer

PORTFOLIO = ["portfolio"]
DEPOT = "9f1d3c1e-6f0a-4a3c-9d7e-2b8f5a6c7d10"
SECURITY = "c2a1e8a4-9b1d-4a39-8f56-1f2e3d4c5b12"
POSITION, CASH, RECORDED = f"position:{DEPOT}:{SECURITY}", f"cash:{DEPOT}:EUR", f"recorded:{ACCOUNT['id']}"
TOTALS = {
    "net_worth": None,
    "assets": None,
    "liabilities": "0.00",
    "cash": "1200.00",
    "securities": None,
    "recorded": "50000.00",
}
KNOWN = {
    "net_worth": "51200.00",
    "assets": "51200.00",
    "liabilities": "0.00",
    "cash": "1200.00",
    "securities": "0.00",
    "recorded": "50000.00",
}
SIDES = {name: KNOWN[name] for name in ("net_worth", "assets", "liabilities")}
GAP = {
    "figure": POSITION,
    "code": "stale_price",
    "detail": "The last price of AAPL is of 2026-01-09; it counts for 14 days.",
    "since": "2026-01-31",
    "until": "2026-01-31",
    "account_id": DEPOT,
    "security_id": SECURITY,
    "currency_code": "USD",
}
COUNTS = (
    "An account counts by its ledger from its first transaction on, before that by its last recorded value; "
    "liabilities are positive amounts owed and count negative. An archived account counts up to its closed_on, else to "
    "the last day that anything is recorded of. "
)
UNKNOWN = (
    "A part without price or rate is null and listed in `missing`, its totals are null, and `sum_of_known` adds up "
    "what is known, of which `coverage` tells how much it is. "
)


def _facts(figure: str, account_id: str, name: str, type_: str) -> dict[str, str]:
    return {
        "figure": figure, "account_id": account_id, "account_name": name, "account_type": type_,
        "classification": "ASSET",
    }  # fmt: skip


EVERYDAY = _facts(f"account:{ACCOUNT['id']}", str(ACCOUNT["id"]), "Everyday", "CHECKING")
NO_SECURITY = {"security_id": None, "symbol": None, "quantity": None, "price": None, "price_date": None}
net_worth = extend_schema(
    tags=PORTFOLIO,
    summary="Net worth",
    description="Of all your accounts at the end of a day, with every part that it is made of. " + COUNTS + UNKNOWN,
    parameters=[DayParameters],
    responses=NetWorthSerializer,
    operation_id="portfolio_net_worth",
    examples=[
        answered(
            {
                "as_of": "2026-01-31",
                "known_at": None,
                "base_currency": "EUR",
                **TOTALS,
                "coverage": {"known": 2, "parts": 3},
                "sum_of_known": KNOWN,
                "accounts": [
                    _facts(f"account:{DEPOT}", DEPOT, "Depot", "INVESTMENT")
                    | {"basis": "ledger", "value": None, "cash": "1200.00", "securities": None},
                    EVERYDAY | {"basis": "recorded", "value": "50000.00", "cash": None, "securities": None},
                ],
                "parts": [
                    {
                        "figure": POSITION, "kind": "security", "account_id": DEPOT, "security_id": SECURITY,
                        "symbol": "AAPL", "quantity": "40", "price": 259.37, "price_date": "2026-01-09",
                        "currency_code": "USD", "local_value": None, "value": None,
                    },
                    {
                        "figure": CASH, "kind": "cash", "account_id": DEPOT, **NO_SECURITY,
                        "currency_code": "EUR", "local_value": "1200.00", "value": "1200.00",
                    },
                    {
                        "figure": RECORDED, "kind": "recorded", "account_id": ACCOUNT["id"], **NO_SECURITY,
                        "currency_code": "EUR", "local_value": "50000.00", "value": "50000.00",
                    },
                ],
                "figures": [
                    *TOTALS, f"account:{DEPOT}", f"account:{ACCOUNT['id']}", POSITION, CASH, RECORDED,
                ],
                "missing": [GAP],
            }
        )
    ],
)  # fmt: skip
history = extend_schema(
    tags=PORTFOLIO,
    summary="Net worth over time",
    description="At the end of each day, week or month from start_date (default: a year before end_date) to end_date "
    "(default: today), by day ascending, at most 20,000 rows. " + COUNTS + UNKNOWN,
    parameters=[HistoryParameters],
    responses=HistorySerializer,
    operation_id="portfolio_history",
    examples=[
        answered(
            {
                "start_date": "2026-01-01",
                "end_date": "2026-01-31",
                "interval": "month",
                "known_at": None,
                "base_currency": "EUR",
                "rows": [{"date": "2026-01-31", **TOTALS, "coverage": {"known": 2, "parts": 3}, "sum_of_known": SIDES}],
                "accounts": [EVERYDAY | {"values": ["50000.00"]}],
                "figures": [*TOTALS, f"account:{ACCOUNT['id']}"],
                "missing": [GAP],
            }
        )
    ],
)
allocation = extend_schema(
    tags=PORTFOLIO,
    summary="What assets consist of",
    description="The accounts that are assets, at the end of a day, grouped. Money and recorded values are a group of "
    "their own where a security's facts are asked for: `CASH`, or the type of their account. A security's country is "
    "that of its ISIN, other parts' that of the institution. Overdrafts and shorts count negative. " + UNKNOWN,
    parameters=[AllocationParameters],
    responses=AllocationSerializer,
    operation_id="portfolio_allocation",
    examples=[
        answered(
            {
                "as_of": "2026-01-31",
                "known_at": None,
                "base_currency": "EUR",
                "by": "currency",
                "assets": None,
                "coverage": {"known": 2, "parts": 3},
                "sum_of_known": {"assets": "51200.00"},
                "shares": [
                    {
                        "figure": "allocation:currency:EUR", "key": "EUR", "name": "EUR", "value": "51200.00",
                        "weight": None, "known_value": "51200.00", "weight_of_known": "1",
                    },
                    {
                        "figure": "allocation:currency:USD", "key": "USD", "name": "USD", "value": None,
                        "weight": None, "known_value": "0.00", "weight_of_known": "0",
                    },
                ],
                "figures": ["assets", "allocation:currency:EUR", "allocation:currency:USD"],
                "missing": [GAP],
            }
        )
    ],
)  # fmt: skip
