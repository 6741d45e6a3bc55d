"""Price history as clients read it: a range of stored bars, adjusted at read for the events known."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import numpy as np

from finances.valuation.adjustment import Floats, dividend_factors, round_significant, shares_since
from finances.valuation.weeks import weekly
from finances.yahoo.types import SplitEvent
from securities.actions import known_splits
from securities.bars import COLUMNS, INTERVALS, BarColumns, moment, opening_of, seconds
from securities.known import bars_known_at, dividends_known_at, splits_known_at
from securities.models import Bar, Security
from securities.recovery import split_arrays
from securities.succession import Stretch, events_of, stretches_of

Adjustment = Literal["none", "splits", "all"]
WEEK = "1wk"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class PriceQuery:
    """`start` and `end` are days, inclusive; `limit` keeps the newest bars; `newest_first` is their order."""

    interval: str = "1d"
    start: date | None = None
    end: date | None = None
    limit: int = 100
    newest_first: bool = True
    adjusted: Adjustment = "splits"
    known_at: datetime | None = None
    """Answer as the system knew it at that moment."""
    continuous: bool = True
    """With the bars of what a renamed security was before, and became after."""


def read_history(security: Security, query: PriceQuery, *, today: date) -> list[dict[str, Any]]:
    """Bars as {"date" or "timestamp", "open", "high", "low", "close", "volume"}, in the security's currency.

    A week is dated on its Monday and holds all its stored days, whatever of it the range cuts off.
    """
    bars = read_bars(security, query, today=today)
    return _rows(bars.where(slice(None, None, -1)) if query.newest_first else bars, query.interval)


def read_chart(security: Security, query: PriceQuery, *, today: date) -> dict[str, Any]:
    """Columns for a chart, ascending: times in UTC seconds, closes in `currency`, volumes with null where missing."""
    bars = read_bars(security, query, today=today)
    volumes = [None if volume < 0 else volume for volume in bars.volumes.tolist()]
    return {
        "times": bars.times.tolist(),
        "closes": bars.closes.tolist(),
        "volumes": volumes,
        "currency": security.currency_id,
    }


def read_bars(security: Security, query: PriceQuery, *, today: date) -> BarColumns:
    """The newest `limit` bars of the range, ascending and adjusted."""
    bars = _adjusted(security, _stored(security, query), query, today)
    if query.interval == WEEK:
        bars = BarColumns(*weekly(bars.times, bars.prices, bars.volumes))
    return bars.where(slice(-query.limit, None))


def stored_interval(label: str) -> int:
    """The interval of the rows that a client's interval is read from."""
    return Bar.Interval.DAY if label == WEEK else INTERVALS[label]


def _stored(security: Security, query: PriceQuery) -> BarColumns:
    interval, limit = stored_interval(query.interval), query.limit
    start, end = query.start, query.end
    if query.interval == WEEK:
        start, end, limit = start and _next_monday(start), end and _next_monday(end + DAY) - DAY, limit * 7 + 7
    since = None if start is None else moment(opening_of(start, interval, security.time_zone))
    until = None if end is None else moment(opening_of(end + DAY, interval, security.time_zone))
    rows: list[tuple[Any, ...]] = []
    for stretch in _line(security, interval, query):
        if len(rows) < limit:
            own_start, own_end = stretch.cut(since, until)
            rows += _newest(stretch.security, interval, own_start, own_end, limit - len(rows), query.known_at)
    return BarColumns.from_rows(rows[::-1])


def _line(security: Security, interval: int, query: PriceQuery) -> list[Stretch]:
    return stretches_of(security, interval, known_at=query.known_at) if query.continuous else [Stretch(security)]


def _newest(
    security: Security, interval: int, start: datetime | None, end: datetime | None, limit: int,
    known_at: datetime | None,
) -> list[tuple[Any, ...]]:  # fmt: skip
    """Up to `limit` rows of COLUMNS from `start` to before `end`, newest first."""
    if known_at is not None:
        return bars_known_at(security, interval, start, end, known_at=known_at, limit=limit)
    rows = security.prices.of(security, interval).between(start, end).newest_first()
    return list(rows.values_list(*COLUMNS)[:limit])


def _next_monday(day: date) -> date:
    """The day itself if it is one: weeks belong to a range that their Monday is in, and are read whole."""
    return day + timedelta(days=-day.weekday() % 7)


def _adjusted(security: Security, bars: BarColumns, query: PriceQuery, today: date) -> BarColumns:
    if query.adjusted == "none" or not len(bars):
        return bars
    interval = stored_interval(query.interval)
    line = _line(security, Bar.Interval.DAY, query)
    known = events_of(line, lambda member: _splits(member, query), lambda split: split.ex_date)
    effective = [split for split in known if split.ex_date <= today]
    shares = shares_since(bars.times, *split_arrays(effective, interval, security.time_zone))
    factors = 1.0 / shares
    if query.adjusted == "all":
        paid = events_of(line, lambda member: _paid(member, query, today), lambda row: row[0])
        factors = factors * _dividend_factors(security, bars, effective, interval, paid)
    volumes = np.where(bars.volumes < 0, -1, np.rint(bars.volumes * shares)).astype(np.int64)
    # What nothing adjusts stays as it is, however many digits it has.
    prices = np.where(factors == 1.0, bars.prices, round_significant(bars.prices * factors))
    return BarColumns(bars.times, prices, volumes)


def _splits(security: Security, query: PriceQuery) -> list[SplitEvent]:
    return known_splits(security) if query.known_at is None else splits_known_at(security, query.known_at)


def _paid(security: Security, query: PriceQuery, today: date) -> list[Any]:
    """Rows of (ex_date, amount, previous_close, previous_ts)."""
    if query.known_at is not None:
        return list(dividends_known_at(security, today, query.known_at))
    paid = security.dividends.effective_by(today).filter(currency=security.currency_id)
    known = paid.with_previous_close().filter(previous_close__isnull=False)
    return list(known.order_by("ex_date", "pk").values_list("ex_date", "amount", "previous_close", "previous_ts"))


def _dividend_factors(
    security: Security, bars: BarColumns, effective: list[SplitEvent], interval: int, rows: list[Any]
) -> Floats:
    """Later dividends' factor for each bar. One in another currency, or whose previous close is unknown
    or no larger than itself, adjusts nothing."""
    if not rows:
        return np.ones(len(bars))
    splits = split_arrays(effective, Bar.Interval.DAY, security.time_zone)
    ex_days = np.array([opening_of(row[0], Bar.Interval.DAY, "UTC") for row in rows], dtype=np.int64)
    before = np.array([seconds(row[3]) for row in rows], dtype=np.int64)
    # The close before a dividend that goes with a split is in old shares, the dividend in new ones.
    closes = np.array([row[2] for row in rows]) * shares_since(ex_days, *splits) / shares_since(before, *splits)
    times = np.array([opening_of(row[0], interval, security.time_zone) for row in rows], dtype=np.int64)
    return dividend_factors(bars.times, times, np.array([float(row[1]) for row in rows]), closes)


def _rows(bars: BarColumns, interval: str) -> list[dict[str, Any]]:
    daily = stored_interval(interval) == Bar.Interval.DAY
    times = np.datetime_as_string(bars.times.astype("datetime64[s]"), unit="D" if daily else "s").tolist()
    label, suffix = ("date", "") if daily else ("timestamp", "Z")
    return [
        {label: at + suffix, "open": o, "high": h, "low": lo, "close": c, "volume": None if v < 0 else v}
        for at, o, h, lo, c, v in zip(times, *bars.prices.tolist(), bars.volumes.tolist(), strict=True)
    ]
