from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isclose

import pytest

from finances.errors import YahooNoData, YahooNotFound
from finances.yahoo.offline import OfflineYahoo
from finances.yahoo.synthetic import RECIPES, synthetic_series
from finances.yahoo.types import DividendEvent, SearchHit, SplitEvent

FIRST_GROWTH = (date(2015, 1, 6), 39.57, 39.76, 39.45, 39.62, 471044)
FIRST_LONDON = (date(2015, 1, 2), 2101.07, 2109.59, 2095.44, 2105.79, 138474)


def seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def test_a_bundled_series_is_split_adjusted() -> None:
    history = OfflineYahoo().history("AAPL", interval="1d", start=None)
    assert history.splits == (SplitEvent(date(2000, 6, 21), 2, 1), SplitEvent(date(2005, 2, 28), 2, 1))
    assert history.bars.timestamps[0] == seconds(date(2000, 3, 1))
    assert history.bars.timestamps[-1] == seconds(date(2013, 3, 1))
    assert (history.bars.closes[0], history.bars.volumes[0]) == (32.5775, 9616100 * 4)
    assert history.bars.closes[-1] == 430.47
    assert history.dividends[0] == DividendEvent(date(2012, 8, 9), Decimal("2.65"))


def test_a_window_starts_where_asked() -> None:
    history = OfflineYahoo().history("IBM", interval="1d", start=date(2013, 2, 27))
    assert len(history.bars) == 3
    assert (history.splits, history.quote_unit, history.time_zone) == ((), "USD", "America/New_York")


@pytest.mark.parametrize(("symbol", "close"), [("EURUSD=X", 1.064), ("EURGBP=X", 0.88058), ("GBPUSD=X", 1.20829453)])
def test_exchange_rates_are_fixings(symbol: str, close: float) -> None:
    bars = OfflineYahoo().history(symbol, interval="1d", start=date(2022, 12, 28)).bars
    assert (bars.opens, bars.highs, bars.lows, bars.closes, bars.volumes) == (*[(close,)] * 4, (0,))


@pytest.mark.parametrize("symbol", sorted(RECIPES))
def test_synthetic_series_reach_the_present_and_never_change(symbol: str) -> None:
    today = date(2026, 3, 4)
    series = synthetic_series(symbol, today)
    assert series.bars[-1][0] == today
    earlier = synthetic_series(symbol, today - timedelta(days=400))
    assert earlier.bars == series.bars[: len(earlier.bars)]
    assert all(low <= min(o, c) and max(o, c) <= high for _, o, high, low, c, _ in series.bars)


def test_synthetic_series_are_the_same_everywhere() -> None:
    assert synthetic_series("DEMO-GROWTH", date(2015, 1, 6)).bars[-1] == FIRST_GROWTH
    assert synthetic_series("DEMO-LONDON.L", date(2015, 1, 2)).bars[-1] == FIRST_LONDON


def test_the_synthetic_share_in_pence() -> None:
    history = OfflineYahoo().history("DEMO-LONDON.L", interval="1d", start=date(2021, 4, 1))
    assert (history.quote_unit, history.splits) == ("GBp", (SplitEvent(date(2021, 5, 10), 5, 1),))
    assert [event.ex_date for event in history.dividends[:2]] == [date(2021, 4, 1), date(2021, 10, 7)]
    assert isclose(history.bars.closes[0], history.bars.closes[40], rel_tol=0.5)
    assert history.bars.timestamps[-1] > (datetime.now(UTC) - timedelta(days=5)).timestamp()


def test_every_listed_symbol_has_a_series() -> None:
    yahoo = OfflineYahoo()
    for hit in yahoo.search("", limit=50) + yahoo.search("demo", limit=50):
        assert len(yahoo.history(hit.symbol, interval="1d", start=None).bars) > 250


@pytest.mark.parametrize("symbol", ["ZZZZ", "EUREUR=X", "EURCHF=X", ""])
def test_an_unknown_symbol(symbol: str) -> None:
    with pytest.raises(YahooNotFound):
        OfflineYahoo().history(symbol, interval="1d", start=None)


def test_nothing_after_the_end_of_a_series_and_nothing_intraday() -> None:
    with pytest.raises(YahooNoData):
        OfflineYahoo().history("IBM", interval="1d", start=date(2020, 1, 1))
    with pytest.raises(YahooNoData):
        OfflineYahoo().history("IBM", interval="1h", start=None)


def test_search() -> None:
    apple = SearchHit("AAPL", "Apple Inc.", "STOCK", "NasdaqGS")
    yahoo = OfflineYahoo()
    assert yahoo.search("aap", limit=5) == yahoo.search("apple inc", limit=5) == [apple]
    assert [hit.symbol for hit in yahoo.search("demo", limit=5)] == ["DEMO-GROWTH", "DEMO-LONDON.L"]
    assert [hit.symbol for hit in yahoo.search("eur", limit=1)] == ["EURUSD=X"]
    assert yahoo.search("nothing at all", limit=5) == yahoo.search("  ", limit=5) == []
