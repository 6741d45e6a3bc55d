from datetime import UTC, date, datetime, timedelta

import pytest

from finances.errors import YahooNotFound
from finances.yahoo.questions import check_symbol, search_words, window_for

NOW = datetime(2024, 6, 14, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize("symbol", ["AAPL", "^GSPC", "EURUSD=X", "BRK-B", "M&M.NS", "0700.HK", "BTC-USD", "ES=F"])
def test_symbols_of_yahoo(symbol: str) -> None:
    assert check_symbol(symbol) == symbol


@pytest.mark.parametrize("symbol", ["", "..", "../X", "A/B", "A?B", "A B", "A\0", "É", "A#", "A" * 41, "US0378331005"])
def test_what_is_no_symbol(symbol: str) -> None:
    with pytest.raises(YahooNotFound, match="Yahoo Finance does not know this symbol"):
        check_symbol(symbol)


def test_daily_windows() -> None:
    assert window_for("1d", None, NOW) == {"period": "max"}
    assert window_for("1d", date(1990, 1, 1), NOW) == {"start": date(1990, 1, 1)}


@pytest.mark.parametrize(("interval", "days"), [("1m", 7), ("1h", 729)])
def test_intraday_windows_are_clamped(interval: str, days: int) -> None:
    clamped = {"start": NOW - timedelta(days=days)}
    assert window_for(interval, None, NOW) == clamped  # type: ignore[arg-type]
    assert window_for(interval, date(2000, 1, 1), NOW) == clamped  # type: ignore[arg-type]
    assert window_for(interval, date(2024, 6, 12), NOW) == {"start": date(2024, 6, 12)}  # type: ignore[arg-type]


def test_search_words_are_cleaned() -> None:
    assert search_words("  Rolls\0\tRoyce \ud800plc ") == "Rolls Royce plc"
    assert len(search_words("x" * 500)) == 100
