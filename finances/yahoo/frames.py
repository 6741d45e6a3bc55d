"""From yfinance's data frames to History. Imported lazily, with yfinance."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import isfinite, isinf, isnan, nan
from typing import Any

from finances.yahoo.faults import EmptyAnswer, Garbage
from finances.yahoo.profiles import checked_unit, checked_zone, clean_text
from finances.yahoo.types import Bars, DividendEvent, DividendKind, History, Interval, SplitEvent

LARGEST_VOLUME = 2**63 - 1
SIX_DECIMALS = Decimal("0.000001")


def read_history(ticker: Any, *, interval: Interval, window: dict[str, Any], fetched_at: datetime) -> History:
    """Ask `ticker` (a yfinance.Ticker) for `window` and read the answer. Raises Fault and the library's errors."""
    frame = ticker.history(auto_adjust=False, actions=True, interval=interval, **window)
    meta = ticker.get_history_metadata()
    bars, duplicates = bars_of(frame, interval)
    if not len(bars):
        raise EmptyAnswer("no bar has a close")
    unit = checked_unit(meta["currency"])
    # The frame puts an event without a bar of its own on an earlier bar; the library's lists keep its date.
    prices = ticker._lazy_load_price_history()
    return History(
        symbol=ticker.ticker,
        interval=interval,
        quote_unit=unit,
        time_zone=checked_zone(meta["exchangeTimezoneName"]),
        fetched_at=fetched_at,
        bars=bars,
        splits=splits_of(prices._splits),
        dividends=(*dividends_of(prices._dividends, "ordinary", unit),
                   *dividends_of(prices._capital_gains, "capital_gain", unit)),
        duplicates=duplicates,
    )  # fmt: skip


Row = tuple[float, float, float, float, float, float]
COLUMNS = ("Open", "High", "Low", "Close", "Adj Close", "Volume")


def bars_of(frame: Any, interval: Interval) -> tuple[Bars, tuple[int, ...]]:
    """The bars, and the times that came twice with different figures.

    frame: columns Open, High, Low, Close, Volume and perhaps Adj Close on an index of exchange-local times. Rows
    without a close are left out; of rows with the same time the last one counts. Raises Garbage.
    """
    columns = [_floats(frame, name) for name in COLUMNS]
    rows: dict[int, Row] = {}
    duplicates: set[int] = set()
    for timestamp, *row in zip(_timestamps(frame.index, interval), *columns, strict=True):
        if any(isinf(price) for price in row[:5]):
            raise Garbage("an infinite price")
        if isnan(row[3]):
            continue
        if timestamp in rows and rows[timestamp][:4] != tuple(row[:4]):
            duplicates.add(timestamp)
        rows[timestamp] = (row[0], row[1], row[2], row[3], row[4], row[5])
    return _bars(rows, with_adjusted="Adj Close" in frame.columns), tuple(sorted(duplicates))


def _floats(frame: Any, name: str) -> list[float]:
    if name not in frame.columns and name == "Adj Close":
        return [nan] * len(frame.index)
    floats: list[float] = frame[name].astype(float).tolist()
    return floats


def _bars(rows: dict[int, Row], *, with_adjusted: bool) -> Bars:
    if not rows:
        return Bars()
    timestamps = tuple(sorted(rows))
    opens, highs, lows, closes, adjusted, volumes = zip(*(rows[timestamp] for timestamp in timestamps), strict=True)
    whole = tuple(_volume(volume) for volume in volumes)
    return Bars(timestamps, opens, highs, lows, closes, whole, adjusted if with_adjusted else ())


def _timestamps(index: Any, interval: Interval) -> list[int]:
    """UTC seconds: of a daily bar its exchange date at 00:00 UTC, of an intraday bar its start."""
    local = index.tz_localize(None).normalize() if interval == "1d" else index.tz_convert("UTC").tz_localize(None)
    return [int(second) for second in local.as_unit("s").asi8]


def _volume(value: float) -> int:
    if isnan(value) or value < 0:
        return -1
    if value > LARGEST_VOLUME:
        raise Garbage("an impossible volume")
    return int(value)


def splits_of(series: Any) -> tuple[SplitEvent, ...]:
    """series: new shares per old share by time. Several on one day count as one. Raises Garbage."""
    ratios: dict[date, Fraction] = defaultdict(lambda: Fraction(1))
    for day, ratio in _by_day(series):
        ratios[day] *= Fraction(ratio).limit_denominator(10**7)
    if any(ratio <= 0 for ratio in ratios.values()):
        raise Garbage("an impossible split")
    return tuple(SplitEvent(day, ratio.numerator, ratio.denominator) for day, ratio in sorted(ratios.items()))


def dividends_of(events: Any, kind: DividendKind, quote_unit: str) -> tuple[DividendEvent, ...]:
    """events: a series of amounts by time, or a frame of Dividends and currency where a payer uses another one."""
    amounts: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    if hasattr(events, "columns"):
        units = [clean_text(str(unit)) if isinstance(unit, str) else "" for unit in events["currency"]]
        values = _by_day(events["Dividends"])
    else:
        units, values = [""] * len(events), _by_day(events)
    for unit, (day, amount) in zip(units, values, strict=True):
        foreign = checked_unit(unit) if unit not in ("", quote_unit) else ""
        amounts[day, foreign] += Decimal(repr(amount)).quantize(SIX_DECIMALS)
    return tuple(
        DividendEvent(day, amount, kind, unit) for (day, unit), amount in sorted(amounts.items()) if amount > 0
    )


def _by_day(series: Any) -> Iterator[tuple[date, float]]:
    """(exchange date, finite value) of each event. Raises Garbage for a value that is none."""
    for time, value in series.items():
        if not isfinite(value):
            raise Garbage("an event without a finite value")
        # Around a change of clocks Yahoo dates a day's start an hour or two before midnight.
        early = time.minute == 0 and time.hour in (22, 23)
        yield (time + timedelta(hours=2) if early else time).date(), float(value)
