"""Yahoo's history of a pair as one exact rate a day; free of the database."""

from datetime import UTC, date, datetime
from decimal import Context, Decimal
from math import isfinite
from typing import NamedTuple
from zoneinfo import ZoneInfo

from finances.errors import YahooBadResponse
from finances.yahoo.types import History

# Yahoo sends 32-bit floats: what follows the eighth digit is noise.
ROUNDING = Context(prec=8)
PLAUSIBLE = (1e-10, 1e10)
"""Outside of it no two currencies trade."""


class DayClose(NamedTuple):
    day: date
    quote_per_base: Decimal


def settled_closes(history: History, *, quote: str) -> list[DayClose]:
    """The closes of the days that were over, on the market's calendar, when they were fetched.

    Raises YahooBadResponse where the answer cannot be rates in `quote`.
    """
    if history.quote_unit != quote:
        raise YahooBadResponse(f"Yahoo quotes {history.symbol} in {history.quote_unit}, not in {quote}.")
    today = history.fetched_at.astimezone(ZoneInfo(history.time_zone)).date()
    days = [datetime.fromtimestamp(timestamp, UTC).date() for timestamp in history.bars.timestamps]
    return [
        DayClose(day, _exact(history.symbol, day, close))
        for day, close in zip(days, history.bars.closes, strict=True)
        if day < today
    ]


def _exact(symbol: str, day: date, close: float) -> Decimal:
    lowest, highest = PLAUSIBLE
    if not isfinite(close) or not lowest <= close <= highest:
        raise YahooBadResponse(f"Yahoo's rate of {symbol} on {day} is impossible.")
    return ROUNDING.create_decimal_from_float(close)
