"""Two invented securities that trade up to now, and invented rates up to now, so that a demo's figures of the last year
are known.

A day's figures follow from hashes of the dates up to it alone: they are the same whenever they are computed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from math import exp, sqrt

from finances.yahoo.raw import LaterSplits, RawBar, RawSeries
from finances.yahoo.types import DividendEvent, SplitEvent

FIRST_DAY = date(2015, 1, 2)
PULL = 0.995
"""What a day keeps of the distance to the trend."""


@dataclass(frozen=True, slots=True)
class Recipe:
    symbol: str
    first_price: float
    """In the quote unit, as if every split had happened."""
    yearly_growth: float
    daily_swing: float
    splits: tuple[SplitEvent, ...] = ()
    first_dividend: Decimal | None = None
    """Of each half-year, in the quote unit, as if every split had happened; grows 3 % a year."""


RECIPES = {
    "DEMO-GROWTH": Recipe("DEMO-GROWTH", first_price=40.0, yearly_growth=0.08, daily_swing=0.009),
    "DEMO-LONDON.L": Recipe(
        "DEMO-LONDON.L",
        first_price=420.0,
        yearly_growth=0.04,
        daily_swing=0.012,
        splits=(SplitEvent(date(2021, 5, 10), 5, 1),),
        first_dividend=Decimal("5.2"),
    ),
}


@lru_cache(maxsize=4)
def synthetic_series(symbol: str, last_day: date) -> RawSeries:
    """The raw series of one of RECIPES up to `last_day`."""
    recipe = RECIPES[symbol]
    return RawSeries(tuple(_bars(recipe, last_day)), recipe.splits, tuple(_dividends(recipe, last_day)))


def _bars(recipe: Recipe, last_day: date) -> Iterator[RawBar]:
    later = LaterSplits(recipe.splits)
    distance, previous = 0.0, recipe.first_price
    for day in _trading_days(last_day):
        draws = _draws(recipe.symbol, day)
        # The sum of four uniform draws, scaled to a mean of 0 and a deviation of 1.
        distance = distance * PULL + recipe.daily_swing * (sum(draws[:4]) - 2.0) * sqrt(3.0)
        years = (day - FIRST_DAY).days / 365.25
        close = recipe.first_price * exp(recipe.yearly_growth * years + distance)
        opening = previous + (close - previous) * 0.3 * draws[4]
        high = max(opening, close) * (1 + recipe.daily_swing * 0.4 * draws[5])
        low = min(opening, close) * (1 - recipe.daily_swing * 0.4 * draws[6])
        shares = float(later.after(day))
        open_, top, bottom, last = (round(price * shares, 2) for price in (opening, high, low, close))
        yield day, open_, top, bottom, last, round((200_000 + 800_000 * draws[7]) / shares)
        previous = close


def _dividends(recipe: Recipe, last_day: date) -> Iterator[DividendEvent]:
    """Ex on the first Thursday of April and October."""
    if recipe.first_dividend is None:
        return
    later = LaterSplits(recipe.splits)
    for year in range(FIRST_DAY.year + 1, last_day.year + 1):
        for month in (4, 10):
            ex_date = date(year, month, 1) + timedelta(days=(3 - date(year, month, 1).weekday()) % 7)
            if ex_date > last_day:
                return
            growth = Decimal("1.03") ** (year - FIRST_DAY.year - 1)
            amount = round(recipe.first_dividend * growth * int(later.after(ex_date)), 2)
            yield DividendEvent(ex_date, amount)


RATE_SWING = 0.004


def synthetic_rates(symbol: str, after: date, level: float, last_day: date) -> RawSeries:
    """One figure a day around `level`, from the day after `after` to `last_day`."""
    return RawSeries(tuple(_rates(symbol, after, level, last_day)))


def _rates(symbol: str, after: date, level: float, last_day: date) -> Iterator[RawBar]:
    distance = 0.0
    for day in _trading_days(last_day, after + timedelta(days=1)):
        distance = distance * PULL + RATE_SWING * (sum(_draws(symbol, day)[:4]) - 2.0) * sqrt(3.0)
        rate = round(level * exp(distance), 5)
        yield day, rate, rate, rate, rate, 0


def _trading_days(last_day: date, first_day: date = FIRST_DAY) -> Iterator[date]:
    for offset in range((last_day - first_day).days + 1):
        day = first_day + timedelta(days=offset)
        if day.weekday() < 5 and (day.month, day.day) not in {(1, 1), (12, 25)}:
            yield day


def _draws(symbol: str, day: date) -> list[float]:
    """Eight numbers from 0 to below 1."""
    digest = sha256(f"{symbol}|{day.isoformat()}".encode()).digest()
    return [int.from_bytes(digest[i : i + 4]) / 2**32 for i in range(0, 32, 4)]
