"""Yahoo's answers, built by hand."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np

from finances.yahoo.types import Bars, History
from securities.bars import BarColumns, opening_of
from securities.models import Bar
from securities.recovery import RawHistory

FAR_AWAY = 2**62


def answer(closes: Mapping[date, float], **changes: Any) -> History:
    """A daily history whose open, high, low and close are alike, as Yahoo shows it."""
    column = tuple(closes.values())
    bars = Bars(
        timestamps=tuple(int(datetime.combine(day, time(), UTC).timestamp()) for day in closes),
        opens=column, highs=column, lows=column, closes=column, volumes=(1000,) * len(column),
    )  # fmt: skip
    facts: dict[str, Any] = {
        "symbol": "ACME", "interval": "1d", "quote_unit": "USD", "time_zone": "America/New_York",
        "fetched_at": datetime(2022, 12, 28, 22, tzinfo=UTC), "bars": bars,
    }  # fmt: skip
    return History(**{**facts, **changes})


def raw(closes: Mapping[date, float], *, volume: int = 1000, provisional_from: date | None = None) -> RawHistory:
    """Recovered daily bars."""
    times = [opening_of(day, Bar.Interval.DAY, "UTC") for day in closes]
    return RawHistory(
        interval=Bar.Interval.DAY,
        currency_code="USD",
        bars=BarColumns(
            np.array(times, dtype=np.int64), np.array([list(closes.values())] * 4), np.full(len(times), volume)
        ),
        provisional_from=opening_of(provisional_from, Bar.Interval.DAY, "UTC") if provisional_from else FAR_AWAY,
        splits=(),
        dividends=(),
    )
