"""A backend for processes of tests: every symbol is known, has a week of bars, and takes a moment to answer."""

import time
from datetime import UTC, date, datetime

from finances.yahoo.types import Bars, History, Interval, Profile, SearchHit

SECONDS = 0.05
FIRST = datetime(2022, 12, 21, tzinfo=UTC)


class ManyYahoo:
    def profile(self, symbol: str) -> Profile:
        return Profile(symbol, f"{symbol} Inc.", "STOCK", "NasdaqGS", "USD", "America/New_York")

    def history(self, symbol: str, *, interval: Interval, start: date | None) -> History:
        time.sleep(SECONDS)
        stamps = tuple(int(FIRST.timestamp()) + day * 86_400 for day in (0, 1, 2, 5, 6))
        closes = tuple(10.0 + day for day in range(5))
        bars = Bars(stamps, closes, closes, closes, closes, (100,) * 5)
        return History(
            symbol=symbol, interval=interval, quote_unit="USD", time_zone="America/New_York",
            fetched_at=datetime.now(UTC), bars=bars,
        )  # fmt: skip

    def search(self, query: str, *, limit: int) -> list[SearchHit]:
        return []
