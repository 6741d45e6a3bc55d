"""Whether new bars continue the stored ones.

Yahoo sometimes answers a window with a split applied that it does not list, in another unit, or with another
company's series. Such an answer disagrees with the stored bars from its first day on; a correction touches a few.
"""

import numpy as np

from finances.valuation.adjustment import differs
from securities.bars import BarColumns, moment
from securities.models import Price, Security
from securities.recovery import RawHistory

LEADING_BARS = 3
TOLERANCE = 2e-6


def continues(security: Security, raw: RawHistory) -> bool:
    """Whether the first settled bars that both know agree. Where something is stored in the window, an answer that
    holds none of it does not continue it."""
    stored = _leading_bars(security, raw)
    if not len(stored):
        return True
    common, here, there = np.intersect1d(stored.times, raw.bars.times, return_indices=True)
    if not len(common):
        return False
    return not differs(stored.closes[here], raw.bars.closes[there], TOLERANCE).any()


def _leading_bars(security: Security, raw: RawHistory) -> BarColumns:
    """The first settled stored bars of the window that `raw` covers; of all, where it covers nothing."""
    rows = Price.objects.of(security, raw.interval).filter(provisional=False)
    if len(raw.bars):
        rows = rows.filter(ts__gte=moment(raw.bars.times[0]))
    newest = rows.order_by("ts").values_list("ts", "open", "high", "low", "close", "volume")
    return BarColumns.from_rows(list(newest[:LEADING_BARS]))
