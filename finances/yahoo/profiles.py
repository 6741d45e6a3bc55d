"""From Yahoo's descriptions of securities to Profile and SearchHit."""

import re
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from finances.yahoo.faults import Garbage, UnknownSymbol
from finances.yahoo.types import Profile, SearchHit, SecurityType

TYPES: Mapping[str, SecurityType] = {
    "EQUITY": "STOCK",
    "ETF": "ETF",
    "MUTUALFUND": "MUTUAL_FUND",
    "INDEX": "INDEX",
    "CURRENCY": "CURRENCY",
    "CRYPTOCURRENCY": "CRYPTO",
    "OPTION": "OPTION",
    "FUTURE": "FUTURE",
}
ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
QUOTE_UNIT = re.compile(r"[A-Za-z]{2,8}")
LARGEST_MARKET_CAP = 10**18


def profile_from_info(symbol: str, info: Mapping[str, Any] | None) -> Profile:
    """info: yfinance's flat dictionary. Raises UnknownSymbol or Garbage."""
    if not info or info.get("quoteType") in (None, "NONE"):
        raise UnknownSymbol("no quote type")
    return Profile(
        symbol=symbol,
        name=first_text(info, "longName", "shortName", limit=200) or symbol,
        security_type=TYPES.get(str(info["quoteType"]), "OTHER"),
        exchange=first_text(info, "fullExchangeName", "exchange", limit=50),
        quote_unit=checked_unit(info.get("currency")),
        time_zone=checked_zone(first_text(info, "exchangeTimezoneName", "timeZoneFullName", limit=60)),
        sector=first_text(info, "sector", limit=100),
        industry=first_text(info, "industry", limit=100),
        isin=isin if ISIN.fullmatch(isin := first_text(info, "isin", limit=12)) else "",
        market_cap=_market_cap(info.get("marketCap")),
    )


def search_hits(quotes: list[dict[str, Any]]) -> list[SearchHit]:
    """quotes: the rows of Yahoo's search; rows without a usable symbol are left out."""
    return [
        SearchHit(
            symbol=symbol,
            name=first_text(quote, "longname", "shortname", limit=200) or symbol,
            security_type=TYPES.get(str(quote.get("quoteType")), "OTHER"),
            exchange=first_text(quote, "exchDisp", "exchange", limit=50),
        )
        for quote in quotes
        if (symbol := first_text(quote, "symbol", limit=40).upper())
    ]


def first_text(source: Mapping[str, Any], *names: str, limit: int) -> str:
    """The first of the named values that is text, cleaned of what no database stores, at most `limit` characters."""
    for name in names:
        value = source.get(name)
        if isinstance(value, str) and (text := clean_text(value)[:limit].strip()):
            return text
    return ""


def clean_text(text: str) -> str:
    """`text` without control characters, NUL and lone surrogates, runs of blanks joined."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def checked_unit(unit: object) -> str:
    if not isinstance(unit, str) or not QUOTE_UNIT.fullmatch(unit):
        raise Garbage(f"no usable currency: {unit!r}")
    return unit


def checked_zone(name: object) -> str:
    try:
        return ZoneInfo(str(name)).key
    except (OSError, ValueError, LookupError) as error:
        raise Garbage(f"no usable time zone: {name!r}") from error


def _market_cap(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return Decimal(int(value)) if 0 < value < LARGEST_MARKET_CAP else None
