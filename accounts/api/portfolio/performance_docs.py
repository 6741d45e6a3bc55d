"""What the OpenAPI document says about the performance of a portfolio."""

from drf_spectacular.utils import extend_schema

from accounts.api.docs import answered
from accounts.api.portfolio.performance_serializers import PerformanceParameters, PerformanceSerializer
from finances.api.schema import problem

PORTFOLIO = ["portfolio"]
ROW = {
    "start_date": "2024-01-01",
    "end_date": "2024-12-31",
    "opening_value": "10000.00",
    "closing_value": "12650.40",
    "change": "2650.40",
    "gain": "1650.40",
    "market": "1420.15",
    "fx": "130.35",
    "income": "120.00",
    "fees": "-5.10",
    "taxes": "-15.00",
    "flows": "1000.00",
    "twr": "0.15892301",
    "missing": [],
}
PERFORMANCE = ROW | {
    "base_currency": "EUR",
    "known_at": None,
    "account_ids": ["52c5b1a0-8f5c-4b53-b1ef-0d7b0f8f8e11"],
    "measured_days": 366,
    "twr_annualized": "0.15845512",
    "xirr": "0.15410032",
    "risk_free_rate": "0.02",
    "volatility": "0.12034518",
    "sharpe": "1.10234561",
    "max_drawdown": {
        "depth": "-0.07512004",
        "peak_date": "2024-07-16",
        "trough_date": "2024-08-05",
        "recovery_date": "2024-09-19",
    },
    "benchmark": {
        "security_id": "c2a1e8a4-9b1d-4a39-8f56-1f2e3d4c5b12",
        "symbol": "SPY",
        "name": "SPDR S&P 500 ETF Trust",
        "currency_code": "USD",
        "twr": "0.33211004",
        "twr_annualized": "0.33105217",
        "excess": "-0.17318703",
        "beta": "0.48120034",
        "correlation": "0.71342201",
    },
    "years": [ROW],
    "months": [],
    "excluded_days": [],
    "left_out": [
        {
            "account_id": "7f1f5c0a-3d4e-4a76-8c3b-6b7a1f0c2d11",
            "code": "recorded_values_only",
            "detail": "What flowed in and out of recorded values is not known.",
        }
    ],
    "figures": ["performance.opening_value", "performance.twr", "performance.years.2024.market"],
}
performance = extend_schema(
    tags=PORTFOLIO,
    summary="Performance of the portfolio",
    description="From the end of the day before `start_date` (default: the first transaction) to the end of "
    "`end_date` (default: today), by the ledger of your asset accounts or of those named. market + fx + income + fees "
    "+ taxes + flows add up to the change, to the cent, in the whole and in each row of `years` and `months`, and each "
    "row is what its own range would answer. Accounts known by recorded values alone are left out, and named.",
    parameters=[PerformanceParameters],
    responses={
        200: PerformanceSerializer,
        400: problem("The range is refused (`start_after_end`, `ends_in_future`, `range_too_long`)."),
    },
    examples=[answered(PERFORMANCE)],
)
