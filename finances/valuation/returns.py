"""Time-weighted returns, their annual rate, and Modified Dietz. Returns are fractions: 0.05 is five per cent."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from finances.valuation.adjustment import Floats, Ints
from finances.valuation.figures import Cause, Figure, unknown

YEAR_DAYS = 365


def daily_returns(values: Floats, deposits: Floats, withdrawals: Floats) -> Floats:
    """The return of each day: (V1 + withdrawals) / (V0 + deposits) - 1.

    A deposit is there from the start of its day, a withdrawal until the end of it, so either shares in that day.
    values     (n + 1,)  at the end of each day, in one currency; the first is that of the day before
    deposits, withdrawals  (n,)  at least 0
    Returns (n,). NaN where a value is NaN, where the capital V0 + deposits is negative, and where it is zero although
    there is a gain (`without_capital` tells); 0 where there is neither capital nor gain.
    Source: the true time-weighted return of the GIPS standards, with Portfolio Performance's timing of flows.
    """
    capital = values[:-1] + deposits
    ends = values[1:] + withdrawals
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = np.where(capital > 0, ends / capital - 1.0, np.nan)
    return np.where((capital == 0) & (ends == 0), 0.0, returns)


def without_capital(values: Floats, deposits: Floats, withdrawals: Floats) -> NDArray[np.bool_]:
    """The days on which something was earned or lost on a capital of zero. Shapes as `daily_returns`."""
    ends = values[1:] + withdrawals
    return np.asarray((values[:-1] + deposits == 0) & (ends != 0) & ~np.isnan(ends))


def linked(returns: Floats) -> Floats:
    """The return from the start to each day. (n,) to (n,); NaN from the first NaN on."""
    return np.asarray(np.cumprod(1.0 + returns) - 1.0)


def time_weighted_return(values: Floats, deposits: Floats, withdrawals: Floats) -> Figure:
    """Daily returns linked; shapes as `daily_returns`.

    A day `without_capital` has no return and is left out: show these days with the figure. Unknown: a value is
    missing, the capital of a day is negative, or there never was any.
    """
    returns = daily_returns(values, deposits, withdrawals)
    counted = returns[~without_capital(values, deposits, withdrawals)]
    if np.isnan(values).any():
        return unknown(Cause.MISSING_VALUE)
    if np.isnan(counted).any():
        return unknown(Cause.NEGATIVE_CAPITAL)
    if not (values[:-1] + deposits > 0).any():
        return unknown(Cause.NO_CAPITAL)
    return Figure(float(np.prod(1.0 + counted) - 1.0))


def growth_per_year(total: float, years: float) -> float:
    """The yearly rate that compounds to `total` (at least -1) over `years`."""
    return float((1.0 + total) ** (1.0 / years) - 1.0)


def annualized(total: float, days: int) -> Figure:
    """`total` over `days` as a rate per 365 days. Unknown below 365: a few good days are no good year (GIPS)."""
    if days < YEAR_DAYS:
        return unknown(Cause.PERIOD_TOO_SHORT)
    return Figure(growth_per_year(total, days / YEAR_DAYS))


def modified_dietz(begin: float, end: float, flows: Floats, flow_days: Ints, days: int) -> Figure:
    """(end - begin - F) / (begin + sum of w * F), w = (days - day) / days: a flow counts from the end of its day.

    flows (k,): positive in; flow_days (k,): 1 is the first of `days`. Source: GIPS, Dietz (1968).
    """
    capital = begin + float(((days - flow_days) / days * flows).sum())
    if np.isnan([begin, end, capital]).any():
        return unknown(Cause.MISSING_VALUE)
    if capital <= 0:
        return unknown(Cause.NEGATIVE_CAPITAL if capital < 0 else Cause.NO_CAPITAL)
    return Figure((end - begin - float(flows.sum())) / capital)


def returns_of(closes: Floats) -> Floats:
    """From each value to the next. (n,) to (n - 1,)."""
    return np.asarray(closes[1:] / closes[:-1] - 1.0)


def periods_of(days: Ints, unit: Literal["week", "month", "quarter", "year"]) -> Ints:
    """Numbers that name the calendar period of each day. days (n,): since 1970-01-01; weeks start on Monday. (n,)"""
    if unit == "week":
        return (days + 3) // 7
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months // {"month": 1, "quarter": 3, "year": 12}[unit])


def by_period(periods: Ints, returns: Floats) -> tuple[Ints, Floats]:
    """Link the returns of each period, such as a month's.

    periods (n,), ascending: the period of each return, any number that names it; returns (n,).
    Returns the (p,) periods and their (p,) returns.
    """
    names, starts = np.unique(periods, return_index=True)
    if not len(names):
        return names, returns
    return names, np.multiply.reduceat(1.0 + returns, starts) - 1.0


def return_since(days: Ints, values: Floats, first_day: int) -> Figure:
    """From the last value before `first_day`, or else the first there is, to the last value: month or year to date."""
    if not len(values):
        return unknown(Cause.MISSING_VALUE)
    base = values[max(int(np.searchsorted(days, first_day)) - 1, 0)]
    if np.isnan(base) or np.isnan(values[-1]):
        return unknown(Cause.MISSING_VALUE)
    return Figure(float(values[-1] / base - 1.0)) if base > 0 else unknown(Cause.NO_CAPITAL)
