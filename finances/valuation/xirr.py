"""The money-weighted return of dated flows, and whether there is just one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyxirr

from finances.valuation.adjustment import Floats
from finances.valuation.figures import Cause

LOWEST, HIGHEST = -1.0 + 1e-9, 1e6
GRID = 4096
HALVINGS = 80


@dataclass(frozen=True, slots=True)
class MoneyWeighted:
    """rate: per year, a fraction; None with a cause. rates: all that solve the equation, where there are several."""

    rate: float | None
    cause: Cause | None = None
    rates: tuple[float, ...] = ()


def xirr(days: Sequence[date], amounts: Sequence[float], *, day_count: str = "act/365f") -> MoneyWeighted:
    """The rate r at which the flows are worth nothing: sum of amount / (1 + r) ** (days since the first / 365) = 0.

    amounts: what is put in negative, what is taken out, and the value at the end, positive; in any order.
    day_count: a name that pyxirr knows. Source: Excel's XIRR, Actual/365 Fixed.
    Flows that change sign once in time have exactly one rate (Descartes' rule of signs), which pyxirr finds. Others are
    searched for rates between -99.9999999 % and 100,000,000 %: one is the answer, several or none are not.
    """
    if (cause := _impossible(days, amounts)) is not None:
        return MoneyWeighted(None, cause)
    years, net = _by_time(days, amounts, day_count)
    if _sign_changes(net) == 1:
        rate = pyxirr.xirr(days, amounts, day_count=day_count, silent=True)
        if rate is not None:
            return MoneyWeighted(float(rate))
    rates = _all_rates(years, net) if len(net) else []
    if len(rates) == 1:
        return MoneyWeighted(rates[0])
    return MoneyWeighted(None, Cause.SEVERAL_RATES if rates else Cause.NO_RATE, tuple(rates))


def _impossible(days: Sequence[date], amounts: Sequence[float]) -> Cause | None:
    if np.isnan(np.array(amounts, dtype=float)).any():
        return Cause.MISSING_VALUE
    if len(set(days)) < 2:
        return Cause.NO_TIME
    if min(amounts) < 0 < max(amounts):
        return None
    ends_at_nothing = amounts[max(range(len(days)), key=lambda index: days[index])] == 0
    return Cause.TOTAL_LOSS if min(amounts) < 0 and ends_at_nothing else Cause.NO_RATE


def _by_time(days: Sequence[date], amounts: Sequence[float], day_count: str) -> tuple[Floats, Floats]:
    """Years since the first flow and the net flow of each day, in time's order, without days that net to zero."""
    first = min(days)
    net: dict[date, float] = dict.fromkeys(sorted(days), 0.0)
    for day, amount in zip(days, amounts, strict=True):
        net[day] += float(amount)
    years = [pyxirr.year_fraction(first, day, day_count) for day, amount in net.items() if amount]
    return np.array(years), np.array([amount for amount in net.values() if amount])


def _sign_changes(amounts: Floats) -> int:
    return int((np.diff(np.sign(amounts)) != 0).sum())


def _all_rates(years: Floats, amounts: Floats) -> list[float]:
    """Every rate in the range, by the signs of the value on a grid of log(1 + r) and of its slope in between."""
    grid = np.linspace(np.log1p(LOWEST), np.log1p(HIGHEST), GRID)
    values, slopes = _scaled(grid, years, amounts)
    edges = list(grid)
    for index in np.flatnonzero((np.diff(np.sign(slopes)) != 0) & (np.diff(np.sign(values)) == 0)):
        # Two rates may lie close together around an extremum between two points of the grid.
        edges.append(_zero(float(grid[index]), float(grid[index + 1]), years, amounts, slope=True))
    points = np.array(sorted(edges))
    signs = np.sign(_scaled(points, years, amounts)[0])
    rates = [float(np.expm1(point)) for point in points[signs == 0]]
    for index in np.flatnonzero(signs[:-1] * signs[1:] < 0):
        rates.append(
            float(np.expm1(_zero(float(points[index]), float(points[index + 1]), years, amounts, slope=False)))
        )
    return sorted(rates)


def _scaled(logs: Floats, years: Floats, amounts: Floats) -> tuple[Floats, Floats]:
    """The flows' value at each rate and the slope of that scaled value, times a positive factor that keeps both finite.

    logs (g,): log(1 + r). Below zero the value is taken at the last flow's time and not the first's.
    """
    since = np.where(logs[:, None] >= 0, years, years - years[-1])
    weights = np.exp(-logs[:, None] * since) * amounts
    return weights.sum(axis=1), -(weights * since).sum(axis=1)


def _zero(low: float, high: float, years: Floats, amounts: Floats, *, slope: bool) -> float:
    """Where the value, or its slope, changes sign between `low` and `high`."""
    at_low = _scaled(np.array([low]), years, amounts)[slope][0]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _scaled(np.array([middle]), years, amounts)[slope][0] * at_low > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
