"""A full sync of many symbols, and the next one: python -m benchmarks.full_sync [SYMBOLS ...]

The provider is replaced by one that makes each symbol's data frame (20 years of days, splits and dividends) and reads
it with the project's own parser, so that all but the network and the library is measured. Each count of symbols runs in
a process of its own, so that its peak of memory is its own.
"""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from functools import cache
from resource import RUSAGE_SELF, getrusage
from typing import Any
from zlib import crc32

from benchmarks.scratch import database_seconds, execute, is_postgresql, scratch_database
from finances.yahoo.types import History, Interval, Profile, SearchHit

SIZES = (50, 200, 500)
YEARS = 20
WORKERS = 4


class FrameYahoo:
    """Every symbol is known, and has its own prices."""

    def profile(self, symbol: str) -> Profile:
        return Profile(symbol, f"{symbol} Inc.", "STOCK", "NYQ", "USD", "America/New_York")

    def history(self, symbol: str, *, interval: Interval, start: date | None) -> History:
        import pandas as pd

        from finances.yahoo.frames import bars_of, dividends_of, splits_of

        frame = _frame() * [*[1 + crc32(symbol.encode()) % 1000 / 100] * 5, 1]
        if start is not None:
            frame = frame[frame.index >= pd.Timestamp(start, tz="America/New_York")]
        bars, duplicates = bars_of(frame, interval)
        quarters = frame.index[60::63]
        return History(
            symbol=symbol, interval=interval, quote_unit="USD", time_zone="America/New_York",
            fetched_at=datetime.now(UTC), bars=bars, duplicates=duplicates,
            splits=splits_of(pd.Series(2.0, index=quarters[40:41])),
            dividends=dividends_of(pd.Series(0.25, index=quarters), "ordinary", "USD"),
        )  # fmt: skip

    def search(self, query: str, *, limit: int) -> list[SearchHit]:
        return []


@cache
def _frame() -> Any:
    """Business days of the last YEARS years; a walk with a drift."""
    import numpy as np
    import pandas as pd

    end = pd.Timestamp.now(tz="America/New_York").normalize()
    days = pd.bdate_range(end - pd.DateOffset(years=YEARS), end, tz="America/New_York")
    close = 20 * np.exp(np.cumsum(np.random.default_rng(1).normal(0.0003, 0.01, len(days))))
    prices = {"Open": close * 0.999, "High": close * 1.01, "Low": close * 0.99, "Close": close, "Adj Close": close}
    return pd.DataFrame({**prices, "Volume": 1e6}, index=days)


def main(sizes: list[int]) -> None:
    for size in sizes:
        one = [sys.executable, "-m", "benchmarks.full_sync", "--one", str(size)]
        print(subprocess.run(one, check=True, stdout=subprocess.PIPE, text=True).stdout, end="", flush=True)  # noqa: S603, T201


def one(size: int) -> None:
    os.environ["YAHOO_BACKEND"] = "benchmarks.full_sync.FrameYahoo"
    with scratch_database("full_sync"):
        symbols = [f"S{number}" for number in range(size)]
        statements = {"first": _statements("EXTRA"), "next": _statements("EXTRA")}
        whole = _measured(symbols)
        execute("vacuum analyze" if is_postgresql() else "analyze")
        again = _measured(symbols)
        print(json.dumps({"symbols": size, "first": whole, "next": again, "statements": statements}))  # noqa: T201


def _statements(symbol: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from finances.sync.models import SyncRun
    from securities.sync import sync_security

    with CaptureQueriesContext(connection) as queries:
        sync_security(symbol, trigger=SyncRun.Trigger.COMMAND)
    if "-v" in os.environ.get("BENCH", ""):
        print(*(query["sql"][:150] for query in queries), sep="\n", file=sys.stderr)  # noqa: T201
    return len(queries)


def _measured(symbols: list[str]) -> dict[str, float]:
    from finances.sync.models import SyncRun
    from securities.batch import sync_many

    wall, cpu, database = time.perf_counter(), time.process_time(), database_seconds()
    lines = list(sync_many(symbols, intervals=("1d",), workers=WORKERS, trigger=SyncRun.Trigger.COMMAND))
    wall, cpu, database = time.perf_counter() - wall, time.process_time() - cpu, database_seconds() - database
    if any(line.error for line in lines):
        raise SystemExit(f"failed: {[line for line in lines if line.error][:3]}")
    bars = sum(line.added + line.changed for line in lines)
    return {
        "bars": bars, "wall s": round(wall, 2), "cpu s": round(cpu, 2), "database cpu s": round(database, 2),
        "ms cpu a symbol": round((cpu + database) / len(symbols) * 1000, 1),
        "peak MB": getrusage(RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(int(sys.argv[2]))
    else:
        main([int(size) for size in sys.argv[1:]] or list(SIZES))
