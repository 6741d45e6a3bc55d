"""Daily bars to weekly ones."""

import numpy as np

from finances.valuation.adjustment import Floats, Ints

DAY = 86_400


def monday_of(times: Ints) -> Ints:
    """00:00 of each time's Monday; 1970-01-01 was a Thursday."""
    days = times // DAY
    return (days - (days + 3) % 7) * DAY


def weekly(times: Ints, prices: Floats, volumes: Ints) -> tuple[Ints, Floats, Ints]:
    """Aggregate days into weeks dated on their Monday.

    times (n,) ascending, 00:00 UTC of each day; prices (4, n): open, high, low, close; volumes (n,), -1 where missing.
    Returns the same three, (w,), (4, w) and (w,): first known open, highest high, lowest low, last close, sum of the
    known volumes (-1 where none is).
    """
    mondays, starts = np.unique(monday_of(times), return_index=True)
    if not len(starts):
        return mondays, prices, volumes
    opens, highs, lows, closes = prices
    ends = np.append(starts[1:], len(times)) - 1
    known = np.add.reduceat((volumes >= 0).astype(np.int64), starts)
    totals = np.add.reduceat(np.maximum(volumes, 0), starts)
    out = np.vstack([opens[starts], np.fmax.reduceat(highs, starts), np.fmin.reduceat(lows, starts), closes[ends]])
    return mondays, out, np.where(known > 0, totals, -1)
