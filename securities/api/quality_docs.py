"""What the API document says of a security's quality."""

from drf_spectacular.utils import extend_schema

from securities.api.docs import SYMBOL, answers
from securities.api.quality_serializers import QualitySerializer

QUALITY = {
    "symbol": "AAPL",
    "first_bar": "2000-03-01",
    "last_bar": "2022-12-28",
    "trading_days": 5744,
    "missing_days": 2,
    "missing_dates": ["2022-12-06", "2019-03-12"],
    "completeness": "0.9996",
    "staleness_days": 0,
    "changed_bars": 1,
    "quarantined": 0,
    "score": 99,
    "parts": [
        {"name": "completeness", "weight": 50, "value": "0.9996"},
        {"name": "freshness", "weight": 25, "value": "1"},
        {"name": "stability", "weight": 15, "value": "0.9998"},
        {"name": "review", "weight": 10, "value": "1"},
    ],
    "missing": [],
}
quality = extend_schema(
    summary="How far a security's prices can be trusted",
    description="Its stored daily bars against its market's trading calendar, so that a missing trading day is told "
    "from a holiday; currency pairs trade on weekdays, cryptocurrencies daily. Where the market's calendar is not "
    "known (`unknown_calendar`), or is loaded for the first time (`calendar_loading`: ask again), what depends on it "
    "is null.",
    parameters=[SYMBOL],
    responses=QualitySerializer,
    filters=False,
    examples=answers(QUALITY),
)
