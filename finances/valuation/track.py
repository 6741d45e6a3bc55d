"""How a portfolio got from day to day, and what that comes to over any stretch of its days.

A line is one position or the cash in one currency. Day 0 is the day before the first: its values are where all begins.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from finances.valuation import returns
from finances.valuation.adjustment import Floats, Ints
from finances.valuation.figures import Cause, Figure, unknown
from finances.valuation.risk import Drawdown, max_drawdown, wealth
from finances.valuation.stretches import Stretches, bridged, bridged_market_and_fx


@dataclass(frozen=True)
class Track:
    """days         (n + 1,)  every day, since 1970-01-01
    values       (n + 1, n_lines)  at the end of each day, each in its line's currency; NaN where not known
    rates        (n + 1, n_lines)  reporting currency per unit of the line's
    flows        (n, n_lines)  what moved into the line that day (out: negative), in its currency
    booked       (n, n_lines)  the same in the reporting currency
    deposits, withdrawals  (n,)  from and to outside, at least 0, in the reporting currency
    """

    days: Ints
    values: Floats
    rates: Floats
    flows: Floats
    booked: Floats
    deposits: Floats
    withdrawals: Floats

    @cached_property
    def reporting(self) -> Floats:
        """(n + 1, n_lines) values in the reporting currency; nothing is worth nothing at whatever rate."""
        return np.where(self.values == 0, 0.0, self.values * self.rates)

    @cached_property
    def totals(self) -> Floats:
        """(n + 1,) NaN on a day on which a line is not known."""
        return np.asarray(self.reporting.sum(axis=1))

    @cached_property
    def market_and_fx(self) -> tuple[Floats, Floats]:
        """(n, n_lines) each; see `bridged_market_and_fx`."""
        return bridged_market_and_fx(self.values, self.rates, self.flows, self.booked)

    def between(self, first: int, last: int) -> "Passage":
        """From the end of day `first` to that of day `last`, positions in `days`."""
        return Passage(
            self.days[first : last + 1],
            self.totals[first : last + 1],
            self.deposits[first:last],
            self.withdrawals[first:last],
        )

    def market(self, first: int, last: int) -> Floats:
        """(n_lines,) NaN of a line that is not known at either end."""
        return self._sums(self.market_and_fx[0], first, last)

    def fx(self, first: int, last: int) -> Floats:
        return self._sums(self.market_and_fx[1], first, last)

    def _sums(self, parts: Floats, first: int, last: int) -> Floats:
        unknown_ends = np.isnan(self.reporting[[first, last]]).any(axis=0)
        return np.where(unknown_ends, np.nan, parts[first:last].sum(axis=0))


@dataclass(frozen=True)
class Passage:
    """days, values (n + 1,); deposits, withdrawals (n,); all in one currency, as `daily_returns` has them."""

    days: Ints
    values: Floats
    deposits: Floats
    withdrawals: Floats

    @cached_property
    def stretches(self) -> Stretches:
        return bridged(self.values, self.deposits, self.withdrawals)

    @cached_property
    def time_weighted(self) -> Figure:
        if np.isnan(self.deposits).any() or np.isnan(self.withdrawals).any():
            return unknown(Cause.MISSING_VALUE)
        return returns.time_weighted_return(*self.stretches[:3])

    @cached_property
    def daily(self) -> Floats:
        """(n,) NaN on a day without a return."""
        return returns.daily_returns(self.values, self.deposits, self.withdrawals)

    @cached_property
    def without_capital(self) -> NDArray[np.bool_]:
        """(n,) the days on which something was earned or lost on nothing; they have no return and are left out."""
        return returns.without_capital(self.values, self.deposits, self.withdrawals)

    @cached_property
    def measured(self) -> tuple[int, int] | None:
        """The first and the last day with capital, positions in `daily`; None without any."""
        invested = np.flatnonzero(~(self.values[:-1] + self.deposits <= 0))
        return (int(invested[0]), int(invested[-1])) if len(invested) else None

    @property
    def measured_days(self) -> int:
        return 0 if self.measured is None else self.measured[1] - self.measured[0] + 1

    @cached_property
    def annualized(self) -> Figure:
        total = self.time_weighted
        return total if total.value is None else returns.annualized(total.value, self.measured_days)

    @cached_property
    def returns(self) -> Floats:
        """Those of the measured days, without days that have none for want of capital."""
        if self.measured is None:
            return np.empty(0)
        first, last = self.measured
        return self.daily[first : last + 1][~self.without_capital[first : last + 1]]

    @cached_property
    def drawdown(self) -> tuple[Figure, Drawdown | None]:
        """Of the linked returns; positions in `days`."""
        if self.time_weighted.value is None:
            return self.time_weighted, None
        values, deposits, withdrawals, ends = self.stretches
        counted = ~returns.without_capital(values, deposits, withdrawals)
        found = max_drawdown(wealth(returns.daily_returns(values, deposits, withdrawals)[counted]))
        assert found is not None
        if found.depth == 0:
            return unknown(Cause.NO_DRAWDOWN), None
        on = np.append(max(int(np.flatnonzero(counted)[0]), 0), ends[counted])
        recovery = None if found.recovery is None else int(on[found.recovery])
        return Figure(found.depth), Drawdown(found.depth, int(on[found.peak]), int(on[found.trough]), recovery)
