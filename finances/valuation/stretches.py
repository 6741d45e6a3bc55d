"""Values that are not known on every day: a stretch without them counts as one day where nothing is lost by it."""

from typing import NamedTuple

import numpy as np

from finances.valuation.adjustment import Floats, Ints
from finances.valuation.attribution import market_and_fx


class Stretches(NamedTuple):
    """What `daily_returns` takes, of the k days or stretches that are left.

    values (k + 1,); deposits, withdrawals (k,); ends (k,): the position in `values` as given of each one's end.
    """

    values: Floats
    deposits: Floats
    withdrawals: Floats
    ends: Ints


def bridged(values: Floats, deposits: Floats, withdrawals: Floats) -> Stretches:
    """Leaves out unknown values that no return needs. Shapes as `daily_returns`.

    A deposit needs the value of the day before, a withdrawal that of its own day; between flows returns link whatever
    is known in between. What is needed and not known stays NaN.
    """
    needed = np.ones(len(values), dtype=bool)
    needed[1:-1] = ~np.isnan(values[1:-1]) | (deposits[1:] != 0) | (withdrawals[:-1] != 0)
    kept = np.flatnonzero(needed)
    if len(kept) < 2:
        return Stretches(values, deposits, withdrawals, np.arange(1, len(values), dtype=np.int64))
    sums = [np.add.reduceat(flows, kept[:-1]) for flows in (deposits, withdrawals)]
    return Stretches(values[kept], sums[0], sums[1], kept[1:])


def bridged_market_and_fx(values: Floats, rates: Floats, flows: Floats, booked: Floats) -> tuple[Floats, Floats]:
    """As `market_and_fx`; what happened while a line was not known counts on the day on which it is known again.

    Returns market and fx, (n_days, n_lines): 0 on days without a value, so that sums between days on which a line is
    known are whole.
    """
    known = ~np.isnan(values) & (~np.isnan(rates) | (values == 0))
    rates = np.where(known & (values == 0) & np.isnan(rates), 0.0, rates)
    market, fx = market_and_fx(values, rates, flows, booked)
    for line in np.flatnonzero(~known.all(axis=0)):
        market[:, line], fx[:, line] = _bridged_line(
            known[:, line], *(figures[:, [line]] for figures in (values, rates, flows, booked))
        )
    return market, fx


def _bridged_line(
    known: Floats, values: Floats, rates: Floats, flows: Floats, booked: Floats
) -> tuple[Floats, Floats]:  # fmt: skip
    market, fx = np.zeros(len(flows)), np.zeros(len(flows))
    kept = np.flatnonzero(known)
    if len(kept) < 2:
        return market, fx
    last = kept[-1]
    sums = [np.add.reduceat(figures[:last], kept[:-1], axis=0) for figures in (flows, booked)]
    found = market_and_fx(values[kept], rates[kept], *sums)
    market[kept[1:] - 1], fx[kept[1:] - 1] = found[0][:, 0], found[1][:, 0]
    return market, fx
