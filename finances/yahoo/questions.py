"""What Yahoo may be asked: symbols, words to search for, and windows of time."""

import re
from datetime import UTC, date, datetime, time, timedelta

from finances.yahoo.faults import UnknownSymbol, error_for
from finances.yahoo.profiles import clean_text
from finances.yahoo.types import Interval

SYMBOL = re.compile(r"(?=.*[A-Z0-9])[A-Z0-9.^=&_$-]{1,40}")
"""What may stand in a chart's address. The library puts the symbol there as it is."""
ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
"""The library answers an ISIN with the data of some symbol it finds for it."""

FARTHEST_BACK = {"1m": timedelta(days=7), "1h": timedelta(days=729)}
"""How far back Yahoo serves intraday bars in one request, less a margin."""


def check_symbol(symbol: str) -> str:
    """Raises YahooNotFound for what cannot be a symbol of Yahoo's."""
    if not SYMBOL.fullmatch(symbol) or ISIN.fullmatch(symbol):
        raise error_for(UnknownSymbol("not a symbol"), "this symbol")
    return symbol


def window_for(interval: Interval, start: date | None, now: datetime) -> dict[str, date | str]:
    """The library's arguments for a window from `start` to now, clamped to what Yahoo serves."""
    if interval not in FARTHEST_BACK:
        return {"start": start} if start else {"period": "max"}
    earliest = now - FARTHEST_BACK[interval]
    # A day starts up to 14 hours earlier on an exchange than in UTC.
    if start and datetime.combine(start, time(), UTC) - timedelta(hours=14) >= earliest:
        return {"start": start}
    return {"start": earliest}


def search_words(query: str) -> str:
    return clean_text(query)[:100].strip()
