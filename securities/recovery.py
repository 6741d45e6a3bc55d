"""What was traded, recovered from what Yahoo shows.

Yahoo divides prices and dividends by every split that has happened by the time of the answer, quotes some markets in
a hundredth of their currency, and sends 32-bit floats. Here that is undone: the split factors by the whole list of
splits known, the unit by a table, the noise by rounding to 8 significant digits (dividends: 4 decimals).
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import isnan
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from finances.errors import YahooBadResponse
from finances.money import major_currency
from finances.valuation.adjustment import Floats, Ints, round_significant, shares_since
from finances.yahoo.types import DividendEvent, History, SplitEvent
from securities.bars import INTERVALS, BarColumns, moment, opening_of
from securities.models import Bar

DIVIDEND_PLACES = Decimal("0.0001")
CURRENCY_CODE = re.compile("[A-Z]{3}")


@dataclass(frozen=True)
class RawDividend:
    ex_date: date
    amount: Decimal
    kind: str
    currency_code: str
    """The security's, unless the provider says that it was paid in another."""
    shares_since: float = 1.0
    """What one share of the ex-date has become: how far the rounding of what Yahoo shows is magnified."""


@dataclass(frozen=True)
class RawHistory:
    """As traded, in the major currency."""

    interval: int
    currency_code: str
    bars: BarColumns
    provisional_from: int
    """UTC seconds: bars from here on belong to a session, or a bar, still open when they were fetched."""
    splits: tuple[SplitEvent, ...]
    dividends: tuple[RawDividend, ...]
    quote_unit: str = ""
    duplicates: tuple[int, ...] = ()
    """Times that came more than once with different figures."""
    asked_from: date | None = None
    """The first day of the window asked for; None: as far back as there is."""
    payouts: Floats | None = None
    """(n,): adjusted close over close, as the provider shows them: what later dividends have left of each bar. None
    where it shows none."""

    @property
    def latest_time(self) -> int:
        """The last moment a bar can stand at: today on the exchange, or the bar open at the time of the answer."""
        return (
            self.provisional_from if self.interval == Bar.Interval.DAY else self.provisional_from + self.interval * 60
        )

    def rows(self) -> list[tuple[Any, ...]]:
        """(ts, open, high, low, close, volume, provisional) of each bar, None where missing."""
        provisional = (self.bars.times >= self.provisional_from).tolist()
        prices = [[None if isnan(price) else price for price in column] for column in self.bars.prices.tolist()]
        volumes = [None if volume < 0 else volume for volume in self.bars.volumes.tolist()]
        times = [moment(time) for time in self.bars.times.tolist()]
        return list(zip(times, *prices, volumes, provisional, strict=True))


def recover(history: History, known_splits: Iterable[SplitEvent] = (), void_days: Collection[date] = ()) -> RawHistory:
    """Undo Yahoo's adjustments with the splits of the answer and those known from earlier ones, but for those that
    staff found void. Raises YahooBadResponse where the quotes are in no currency."""
    interval = INTERVALS[history.interval]
    splits = united(known_splits, (split for split in history.splits if split.ex_date not in void_days))
    fetched_on = history.fetched_at.astimezone(ZoneInfo(history.time_zone)).date()
    effective = [split for split in splits if split.ex_date <= fetched_on]
    currency_code, unit = major_currency(history.quote_unit)
    if not CURRENCY_CODE.fullmatch(currency_code):
        raise YahooBadResponse(f"Yahoo quotes {history.symbol} in {history.quote_unit}, which is no currency.")
    bars, payouts, duplicates = _in_order(history)
    return RawHistory(
        interval=interval,
        currency_code=currency_code,
        bars=_traded(bars, effective, unit, interval, history.time_zone),
        provisional_from=_open_since(history, fetched_on, interval),
        splits=splits,
        dividends=tuple(_paid(event, effective, history.quote_unit) for event in history.dividends),
        quote_unit=history.quote_unit,
        duplicates=duplicates,
        payouts=payouts,
    )


def united(known: Iterable[SplitEvent], listed: Iterable[SplitEvent]) -> tuple[SplitEvent, ...]:
    """One split a day, ascending; the later list wins."""
    by_day = {split.ex_date: split for split in (*known, *listed)}
    return tuple(by_day[day] for day in sorted(by_day))


def split_arrays(splits: Iterable[SplitEvent], interval: int, time_zone: str) -> tuple[Ints, Floats]:
    """(times, ratios) on the clock of bars of `interval`."""
    chosen = list(splits)
    times = [opening_of(split.ex_date, interval, time_zone) for split in chosen]
    ratios = [split.numerator / split.denominator for split in chosen]
    return np.array(times, dtype=np.int64), np.array(ratios, dtype=np.float64)


def _in_order(history: History) -> tuple[BarColumns, Floats | None, tuple[int, ...]]:
    """The bars as shown, ascending, of equal times the last; what dividends left of each; times that came twice with
    different figures."""
    shown = history.bars
    times = np.array(shown.timestamps, dtype=np.int64)
    prices = np.array([shown.opens, shown.highs, shown.lows, shown.closes], dtype=np.float64).reshape(4, len(times))
    # Decades of old index bars have a zero where Yahoo knows the close alone.
    prices[:3][prices[:3] == 0.0] = np.nan
    order = np.argsort(times, kind="stable")
    bars = BarColumns(times, prices, np.array(shown.volumes, dtype=np.int64)).where(order)
    same_time = np.append(bars.times[1:] == bars.times[:-1], False)
    differs = same_time & np.append((bars.prices[:, 1:] != bars.prices[:, :-1]).any(axis=0), False)
    twice = {*history.duplicates, *bars.times[differs].tolist()}
    with np.errstate(divide="ignore", invalid="ignore"):
        payouts = np.array(shown.adjusted)[order] / bars.closes if shown.adjusted else None
    return bars.where(~same_time), None if payouts is None else payouts[~same_time], tuple(sorted(twice))


def _traded(bars: BarColumns, effective: list[SplitEvent], unit: int, interval: int, time_zone: str) -> BarColumns:
    factor = shares_since(bars.times, *split_arrays(effective, interval, time_zone))
    volumes = bars.volumes
    raw_volumes = np.where(volumes < 0, -1, np.rint(np.maximum(volumes, 0) / factor)).astype(np.int64)
    return BarColumns(bars.times, round_significant(bars.prices * factor / unit), raw_volumes)


def _paid(event: DividendEvent, effective: list[SplitEvent], quote_unit: str) -> RawDividend:
    """The dividend per share as of its ex-date, from the amount per share of today."""
    currency_code, unit = major_currency(event.unit or quote_unit)
    factor = Fraction(1)
    for split in effective:
        if split.ex_date > event.ex_date:
            factor *= Fraction(split.numerator, split.denominator)
    exact = event.amount * factor.numerator / factor.denominator
    # A payment that is smaller than its rounding is left as it is shown.
    amount = (exact.quantize(DIVIDEND_PLACES, ROUND_HALF_UP) or exact) / unit
    return RawDividend(event.ex_date, amount, event.kind, currency_code, float(factor))


def _open_since(history: History, fetched_on: date, interval: int) -> int:
    """A day is settled when its date is over on the exchange, a shorter bar when its end is."""
    if interval == Bar.Interval.DAY:
        return opening_of(fetched_on, interval, history.time_zone)
    return int(history.fetched_at.timestamp()) - interval * 60 + 1
