"""Yahoo's history of a pair as one exact rate a day; free of the database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Context
from math import isfinite
from zoneinfo import ZoneInfo

from currencies.screening import DayClose, Reason, Screened, Suspect
from finances.errors import YahooBadResponse
from finances.yahoo.types import History

# Yahoo sends 32-bit floats: what follows the eighth digit is noise.
ROUNDING = Context(prec=8)
PLAUSIBLE = (1e-10, 1e10)
"""Outside of it no two currencies trade."""


def settled_closes(history: History, *, quote: str) -> Screened:
    """The closes of the days that were over, on the market's calendar, when they were fetched; apart from them those
    that no pair can have, and those of days to come.

    Raises YahooBadResponse where the answer is not in `quote`.
    """
    if history.quote_unit != quote:
        raise YahooBadResponse(f"Yahoo quotes {history.symbol} in {history.quote_unit}, not in {quote}.")
    today = history.fetched_at.astimezone(ZoneInfo(history.time_zone)).date()
    screened = Screened([], [])
    for timestamp, close in zip(history.bars.timestamps, history.bars.closes, strict=True):
        day = datetime.fromtimestamp(timestamp, UTC).date()
        reason = _reason(day, close, today)
        if reason is not None:
            screened.suspects.append(Suspect(day, str(close), reason))
        elif day < today:
            screened.closes.append(DayClose(day, ROUNDING.create_decimal_from_float(close)))
    return screened


def _reason(day: date, close: float, today: date) -> Reason | None:
    lowest, highest = PLAUSIBLE
    # Tomorrow has begun somewhere.
    if day > today + timedelta(days=1):
        return "future"
    return None if isfinite(close) and lowest <= close <= highest else "impossible"
