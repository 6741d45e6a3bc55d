"""Drawdown and the usual ratios of risk, from returns of equal periods.

returns (n,): fractions; a NaN makes a figure unknown. Deviations are of a sample (n - 1) and annualised by the square
root of `periods_per_year`: 252 for the trading days of a year, 365 for all its days, 12 for months.
Sources: Sharpe (1994), Sortino and van der Meer (1991), Young (1991) for Calmar, as in empyrical.
"""

from dataclasses import dataclass

import numpy as np

from finances.valuation.adjustment import Floats
from finances.valuation.figures import Cause, Figure, unknown
from finances.valuation.returns import growth_per_year

NOISE = 1e-12
"""A deviation below this share of the mean is what rounding leaves of none."""


@dataclass(frozen=True, slots=True)
class Drawdown:
    """depth: at most 0, a fraction of the peak. peak, trough, recovery: positions in the index; recovery: where the
    peak's level is first reached again, None if it is not."""

    depth: float
    peak: int
    trough: int
    recovery: int | None


def wealth(returns: Floats) -> Floats:
    """What 1 becomes: 1 and the linked returns. (n,) to (n + 1,)."""
    return np.append(1.0, np.cumprod(1.0 + returns))


def max_drawdown(index: Floats) -> Drawdown | None:
    """The deepest fall below an earlier value. index (n,), positive: closes or `wealth`. None if empty or unknown."""
    if not len(index) or np.isnan(index).any():
        return None
    depths = index / np.maximum.accumulate(index) - 1.0
    trough = int(np.argmin(depths))
    peak = int(np.argmax(index[: trough + 1]))
    reached = np.flatnonzero(index[trough:] >= index[peak])
    return Drawdown(float(depths[trough]), peak, trough, trough + int(reached[0]) if len(reached) else None)


def longest_below_high(index: Floats) -> tuple[int, int] | None:
    """The longest stretch from a high to the next higher one, or to the end: its two positions. None if there is
    none."""
    highs = np.flatnonzero(index > np.append(-np.inf, np.maximum.accumulate(index)[:-1]))
    bounds = np.append(highs, len(index) - 1)
    if len(bounds) < 2:
        return None
    longest = int(np.argmax(np.diff(bounds)))
    return int(bounds[longest]), int(bounds[longest + 1])


def volatility(returns: Floats, periods_per_year: float) -> Figure:
    """The standard deviation per year."""
    if (cause := _unusable(returns)) is not None:
        return unknown(cause)
    return Figure(float(np.std(returns, ddof=1) * np.sqrt(periods_per_year)))


def semi_volatility(returns: Floats, periods_per_year: float) -> Figure:
    """The deviation per year of the returns below their mean alone."""
    if (cause := _unusable(returns)) is not None:
        return unknown(cause)
    below = np.minimum(returns - returns.mean(), 0.0)
    return Figure(float(np.sqrt((below**2).sum() / (len(returns) - 1) * periods_per_year)))


def downside_risk(returns: Floats, periods_per_year: float, required: float = 0.0) -> Figure:
    """The root mean square per year of what falls short of `required` per period; the mean is over all periods."""
    if np.isnan(returns).any() or not len(returns):
        return unknown(Cause.MISSING_VALUE if len(returns) else Cause.TOO_FEW_RETURNS)
    short = np.minimum(returns - required, 0.0)
    return Figure(float(np.sqrt((short**2).mean() * periods_per_year)))


def sharpe(returns: Floats, periods_per_year: float, risk_free: Floats | float = 0.0) -> Figure:
    """Mean excess over `risk_free` (per period, or (n,)) by its deviation, per year."""
    excess = returns - risk_free
    if (cause := _unusable(excess)) is not None:
        return unknown(cause)
    mean, deviation = float(excess.mean()), float(np.std(excess, ddof=1))
    if deviation <= NOISE * abs(mean):
        return unknown(Cause.NO_DEVIATION)
    return Figure(mean / deviation * float(np.sqrt(periods_per_year)))


def sortino(returns: Floats, periods_per_year: float, required: float = 0.0) -> Figure:
    """Mean excess over `required` per year by the downside risk."""
    risk = downside_risk(returns, periods_per_year, required)
    if risk.value is None:
        return risk
    mean = float((returns - required).mean()) * periods_per_year
    return Figure(mean / risk.value) if risk.value > NOISE * abs(mean) else unknown(Cause.NO_DEVIATION)


def calmar(returns: Floats, periods_per_year: float) -> Figure:
    """Growth per year by the depth of the deepest drawdown."""
    if np.isnan(returns).any() or not len(returns):
        return unknown(Cause.MISSING_VALUE if len(returns) else Cause.TOO_FEW_RETURNS)
    index = wealth(returns)
    drawdown = max_drawdown(index)
    if drawdown is None or not drawdown.depth:
        return unknown(Cause.NO_DRAWDOWN)
    growth = growth_per_year(float(index[-1]) - 1.0, len(returns) / periods_per_year)
    return Figure(growth / -drawdown.depth)


def _unusable(returns: Floats) -> Cause | None:
    if np.isnan(returns).any():
        return Cause.MISSING_VALUE
    return Cause.TOO_FEW_RETURNS if len(returns) < 2 else None
