"""What was traded, recovered from what Yahoo shows.

Yahoo divides prices and dividends by every split that has happened by the time of the answer, quotes some markets in
a hundredth of their currency, and sends 32-bit floats. Here that is undone: the split factors by the whole list of
splits known, the unit by a table, the noise by rounding to 8 significant digits (dividends: 4 decimals).
"""

import re
from collections.abc import Iterable
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
    shares_since: float
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

    def rows(self) -> list[tuple[Any, ...]]:
        """(ts, open, high, low, close, volume, provisional) of each bar, None where missing."""
        provisional = (self.bars.times >= self.provisional_from).tolist()
        prices = [[None if isnan(price) else price for price in column] for column in self.bars.prices.tolist()]
        volumes = [None if volume < 0 else volume for volume in self.bars.volumes.tolist()]
        times = [moment(time) for time in self.bars.times.tolist()]
        return list(zip(times, *prices, volumes, provisional, strict=True))


def recover(history: History, known_splits: Iterable[SplitEvent] = ()) -> RawHistory:
    """Undo Yahoo's adjustments with the splits of the answer and those known from earlier ones."""
    interval = INTERVALS[history.interval]
    splits = united(known_splits, history.splits)
    fetched_on = history.fetched_at.astimezone(ZoneInfo(history.time_zone)).date()
    effective = [split for split in splits if split.ex_date <= fetched_on]
    currency_code, unit = major_currency(history.quote_unit)
    return RawHistory(
        interval=interval,
        currency_code=currency_code,
        bars=_traded(history, effective, interval, unit),
        provisional_from=_open_since(history, fetched_on, interval),
        splits=splits,
        dividends=tuple(_paid(event, effective, history.quote_unit) for event in history.dividends),
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


def _traded(history: History, effective: list[SplitEvent], interval: int, unit: int) -> BarColumns:
    shown = history.bars
    times = np.array(shown.timestamps, dtype=np.int64)
    factor = shares_since(times, *split_arrays(effective, interval, history.time_zone))
    prices = np.array([shown.opens, shown.highs, shown.lows, shown.closes], dtype=np.float64).reshape(4, len(times))
    # Decades of old index bars have a zero where Yahoo knows the close alone.
    prices[:3][prices[:3] == 0.0] = np.nan
    volumes = np.array(shown.volumes, dtype=np.int64)
    raw_volumes = np.where(volumes < 0, -1, np.rint(np.maximum(volumes, 0) / factor)).astype(np.int64)
    return BarColumns(times, round_significant(prices * factor / unit), raw_volumes)


def _paid(event: DividendEvent, effective: list[SplitEvent], quote_unit: str) -> RawDividend:
    """The dividend per share as of its ex-date, from the amount per share of today."""
    currency_code, unit = major_currency(event.unit or quote_unit)
    factor = Fraction(1)
    for split in effective:
        if split.ex_date > event.ex_date:
            factor *= Fraction(split.numerator, split.denominator)
    exact = event.amount * factor.numerator / factor.denominator
    amount = exact.quantize(DIVIDEND_PLACES, ROUND_HALF_UP) / unit
    return RawDividend(event.ex_date, amount, event.kind, currency_code, float(factor))


def _open_since(history: History, fetched_on: date, interval: int) -> int:
    """A day is settled when its date is over on the exchange, a shorter bar when its end is."""
    if interval == Bar.Interval.DAY:
        return opening_of(fetched_on, interval, history.time_zone)
    return int(history.fetched_at.timestamp()) - interval * 60 + 1


def screen(raw: RawHistory, *, symbol: str, currency_code: str | None) -> None:
    """Refuse an answer that cannot be market data. Raises YahooBadResponse naming what is wrong; nothing is stored."""
    if not CURRENCY_CODE.fullmatch(raw.currency_code):
        raise YahooBadResponse(f"Yahoo quotes {symbol} in {raw.currency_code}, which is no currency.")
    if currency_code is not None and raw.currency_code != currency_code:
        raise YahooBadResponse(f"Yahoo now quotes {symbol} in {raw.currency_code}, not in {currency_code}.")
    opens, highs, lows, closes = raw.bars.prices
    with np.errstate(invalid="ignore"):
        wrong = ~np.isfinite(closes) | (raw.bars.prices <= 0).any(axis=0) | (highs < lows)
    if wrong.any():
        day = np.datetime64(int(raw.bars.times[wrong.argmax()]), "s").astype("datetime64[D]")
        raise YahooBadResponse(f"Yahoo's bar of {symbol} on {day} has impossible prices.")
