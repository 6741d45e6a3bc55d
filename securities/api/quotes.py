"""The last prices of many listed securities."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from finances.statements import Parameter, Statement
from securities.api.serializers import QUOTE_ROWS
from securities.models import Security


def quotes_body(symbols: Sequence[str]) -> dict[str, Any]:
    """In the shape of QuotesSerializer, in the order of `symbols`."""
    values = {f"symbol{place}": symbol for place, symbol in enumerate(symbols)}
    found = {body["symbol"]: body for body in QUOTE_ROWS.bodies(_listed(len(symbols)).rows(**values))}
    return {
        "quotes": [found[symbol] for symbol in symbols if symbol in found],
        "unknown": [symbol for symbol in symbols if symbol not in found],
    }


@lru_cache(maxsize=100)
def _listed(count: int) -> Statement:
    """Of `count` symbols: symbol0, symbol1, ..."""
    column: Any = Security._meta.get_field("symbol")
    symbols = [Parameter(f"symbol{place}", column) for place in range(count)]
    return Statement(
        Security.objects.listed().filter(symbol__in=symbols).with_latest_price().order_by(), QUOTE_ROWS.columns
    )
