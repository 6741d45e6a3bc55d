"""Series as traded, answered as Yahoo would show them at some moment: divided by the splits up to it."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from zoneinfo import ZoneInfo

from finances.errors import YahooNoData
from finances.yahoo.types import Bars, DividendEvent, History, Profile, SplitEvent

RawBar = tuple[date, float, float, float, float, int]
"""Day, open, high, low, close in the quote unit, and volume, as traded."""


@dataclass(frozen=True, slots=True)
class RawSeries:
    """All ascending; dividends are per share as held on the ex-date."""

    bars: Sequence[RawBar]
    splits: Sequence[SplitEvent] = field(default=())
    dividends: Sequence[DividendEvent] = field(default=())


def daily_history(profile: Profile, raw: RawSeries, *, start: date | None, now: datetime) -> History:
    """`raw` from `start` as Yahoo would show it at `now`. Raises YahooNoData if there is no bar in between."""
    today = now.astimezone(ZoneInfo(profile.time_zone)).date()
    first = start or date.min
    rows = [row for row in raw.bars if first <= row[0] <= today]
    if not rows:
        raise YahooNoData(f"Yahoo Finance gives no prices for {profile.symbol} at present.")
    effective = [split for split in raw.splits if split.ex_date <= today]
    later = LaterSplits(effective)
    return History(
        symbol=profile.symbol,
        interval="1d",
        quote_unit=profile.quote_unit,
        time_zone=profile.time_zone,
        fetched_at=now.astimezone(UTC),
        bars=_adjusted(rows, later),
        splits=tuple(split for split in effective if split.ex_date >= first),
        dividends=tuple(_adjusted_dividend(event, later) for event in raw.dividends if first <= event.ex_date <= today),
    )


class LaterSplits:
    """New shares per share held, by the splits after a day."""

    def __init__(self, splits: Sequence[SplitEvent]) -> None:
        self._ex_dates = [split.ex_date for split in splits]
        ratios = [Fraction(split.numerator, split.denominator) for split in reversed(splits)]
        self._factors = list(accumulate(ratios, lambda product, ratio: product * ratio, initial=Fraction(1)))[::-1]

    def after(self, day: date) -> Fraction:
        return self._factors[bisect_right(self._ex_dates, day)]


def _adjusted(rows: Sequence[RawBar], later: LaterSplits) -> Bars:
    factors = [later.after(row[0]) for row in rows]
    columns = zip(*(_adjusted_bar(row, float(factor)) for row, factor in zip(rows, factors, strict=True)), strict=True)
    timestamps, opens, highs, lows, closes, volumes = columns
    return Bars(timestamps, opens, highs, lows, closes, volumes)


def _adjusted_bar(row: RawBar, factor: float) -> tuple[int, float, float, float, float, int]:
    day, *prices, volume = row
    midnight = int(datetime.combine(day, time(), UTC).timestamp())
    open_, high, low, close = (float(f"{price / factor:.9g}") for price in prices)
    return midnight, open_, high, low, close, round(volume * factor) if volume > 0 else volume


def _adjusted_dividend(event: DividendEvent, later: LaterSplits) -> DividendEvent:
    factor = later.after(event.ex_date)
    amount = event.amount * factor.denominator / factor.numerator
    return DividendEvent(event.ex_date, round(Decimal(amount), 6), event.kind, event.unit)
