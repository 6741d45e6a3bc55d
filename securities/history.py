"""Price history as clients read it: a range of stored bars, adjusted at read for the events known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import numpy as np

from finances.valuation.adjustment import Floats, dividend_factors, round_significant, shares_since
from finances.valuation.weeks import weekly
from finances.yahoo.types import SplitEvent
from securities.bars import INTERVALS, BarColumns, moment, opening_of, seconds
from securities.current import bars_now, dividends_now, splits_now
from securities.known import PaidDividend, bars_known_at, dividends_known_at, splits_known_at
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
    """The newest `limit` bars of the range, ascending and adjusted, in the security's currency.

    A week is dated on its Monday and holds all its stored days, whatever of it the range cuts off.
    """
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
    parts: list[BarColumns] = []
    for stretch in _line(security, interval, query):
        if limit > 0:
            own_start, own_end = stretch.cut(since, until)
            parts.append(_newest(stretch.security, interval, own_start, own_end, limit, query.known_at))
            limit -= len(parts[-1])
    return BarColumns.joined(parts[::-1])


def _line(security: Security, interval: int, query: PriceQuery) -> list[Stretch]:
    return stretches_of(security, interval, known_at=query.known_at) if query.continuous else [Stretch(security)]


def _newest(
    security: Security, interval: int, start: datetime | None, end: datetime | None, limit: int,
    known_at: datetime | None,
) -> BarColumns:  # fmt: skip
    """The newest `limit` bars from `start` to before `end`."""
    if known_at is None:
        return bars_now(security, interval, start, end, limit=limit)
    return BarColumns.from_rows(bars_known_at(security, interval, start, end, known_at=known_at, limit=limit)[::-1])


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
        paid = _paid_in(line, query, today)
        factors = factors * _dividend_factors(security, bars, effective, interval, paid)
    volumes = np.where(bars.volumes < 0, -1, np.rint(bars.volumes * shares)).astype(np.int64)
    # What nothing adjusts stays as it is, however many digits it has.
    prices = np.where(factors == 1.0, bars.prices, round_significant(bars.prices * factors))
    return BarColumns(bars.times, prices, volumes)


def _splits(security: Security, query: PriceQuery) -> Iterable[SplitEvent]:
    return splits_now(security) if query.known_at is None else splits_known_at(security, query.known_at)


def _paid_in(line: list[Stretch], query: PriceQuery, today: date) -> list[PaidDividend]:
    """Those of which the close before is known. What a successor pays on its first day follows the last close of the
    security before it."""
    paid = events_of(line, lambda member: _paid(member, query, today), lambda event: event.ex_date)
    first_days = {stretch.since.date() for stretch in line if stretch.since is not None}
    continued = [_continued(event, line, query) if event.ex_date in first_days else event for event in paid]
    return [event for event in continued if event.previous_close is not None]


def _paid(security: Security, query: PriceQuery, today: date) -> list[PaidDividend]:
    if query.known_at is None:
        return dividends_now(security, today)
    return dividends_known_at(security, today, query.known_at)


def _continued(event: PaidDividend, line: list[Stretch], query: PriceQuery) -> PaidDividend:
    until = moment(opening_of(event.ex_date, Bar.Interval.DAY, "UTC"))
    for stretch in line:
        start, end = stretch.cut(None, until)
        before = _newest(stretch.security, Bar.Interval.DAY, start, end, 1, query.known_at)
        if len(before):
            return event._replace(previous_close=float(before.closes[0]), previous_ts=moment(before.times[0]))
    return event


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
