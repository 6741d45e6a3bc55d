"""A security beside the portfolio: what it would have returned in the base currency, dividends reinvested."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np

from accounts.portfolio.lines import ALWAYS, PRICE_MAX_AGE
from accounts.portfolio.performance.figures import Stage
from finances.valuation.adjustment import Floats, Ints
from finances.valuation.comparison import beta, correlation
from finances.valuation.figures import Cause, Figure, unknown
from finances.valuation.positions import EPOCH, day_number
from finances.valuation.series import last_known
from finances.valuation.track import Passage
from securities.bars import BarColumns
from securities.history import Adjustment, PriceQuery, read_bars
from securities.models import Security

DAY_SECONDS = 86_400
ALL_BARS = 1_000_000


class AdjustedClose(NamedTuple):
    """adjusted: for splits and dividends after `day`."""

    day: date
    adjusted: float
    as_traded: float


@dataclass(frozen=True)
class Benchmark:
    """closes (n + 1,): adjusted for splits and dividends, as known; rates (n + 1,): base currency per unit."""

    security: Security
    days: Ints
    closes: Floats
    rates: Floats
    bars: BarColumns
    """Adjusted."""
    traded: BarColumns
    """The same as traded."""

    def close_on(self, day: date) -> AdjustedClose | None:
        """The one that counts."""
        last = int(np.searchsorted(self.bars.times, day_number(day) * DAY_SECONDS, side="right")) - 1
        if last < 0 or np.isnan(self.closes[day_number(day) - int(self.days[0])]):
            return None
        on = date.fromordinal(int(self.bars.times[last]) // DAY_SECONDS + EPOCH)
        return AdjustedClose(on, float(self.bars.closes[last]), float(self.traded.closes[last]))

    @cached_property
    def passage(self) -> Passage:
        nothing = np.zeros(len(self.days) - 1)
        return Passage(self.days, self.closes * self.rates, nothing, nothing)


@dataclass(frozen=True)
class Comparison:
    """Both passages of the same days."""

    portfolio: Passage
    benchmark: Passage

    @property
    def twr(self) -> Figure:
        return self.benchmark.time_weighted

    @property
    def excess(self) -> Figure:
        """The portfolio's return less the benchmark's."""
        own, other = self.portfolio.time_weighted, self.benchmark.time_weighted
        if own.value is None or other.value is None:
            return unknown(own.cause or other.cause or Cause.MISSING_VALUE)
        return Figure(own.value - other.value)

    @cached_property
    def pairs(self) -> tuple[Floats, Floats]:
        """Daily returns of both on the days on which the portfolio has one."""
        measured = self.portfolio.measured
        if measured is None:
            return np.empty(0), np.empty(0)
        first, last = measured
        counted = ~self.portfolio.without_capital[first : last + 1]
        days = slice(first, last + 1)
        return self.portfolio.daily[days][counted], self.benchmark.daily[days][counted]

    @property
    def figures(self) -> dict[str, Figure]:
        """By name, as the answer has them."""
        return {
            "benchmark.twr": self.twr,
            "benchmark.twr_annualized": self.benchmark.annualized,
            "benchmark.excess": self.excess,
            "benchmark.beta": self.beta,
            "benchmark.correlation": self.correlation,
        }

    @property
    def beta(self) -> Figure:
        return beta(*self.pairs)

    @property
    def correlation(self) -> Figure:
        return correlation(*self.pairs)


def read_benchmark(security: Security, stage: Stage, *, today: date) -> Benchmark:
    """Of the days of `stage`; a close counts for as many days as one that is held does."""
    inputs, days = stage.journey.inputs, stage.passage.days
    bars, traded = (read_bars(security, _bars_of(stage, adjusted), today=today) for adjusted in ("all", "none"))
    max_age = ALWAYS if security.owner_id is not None else PRICE_MAX_AGE
    closes = last_known(days, bars.times // DAY_SECONDS, bars.closes, max_age)
    rates = inputs.rates.quote_per_base(security.currency_id, inputs.base, days)
    return Benchmark(security, days, closes, rates, bars, traded)


def _bars_of(stage: Stage, adjusted: Adjustment) -> PriceQuery:
    """With those from before the start that may still count on it."""
    known_at = stage.journey.inputs.known_at
    return PriceQuery(end=stage.end, limit=ALL_BARS, newest_first=False, adjusted=adjusted, known_at=known_at)
