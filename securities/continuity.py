"""Whether new bars continue the stored ones.

Yahoo sometimes answers a window with a split applied that it does not list, in another unit, or with another
company's series. Such an answer disagrees with the stored bars from its first day on; a correction touches a few.
"""

from datetime import UTC, date, datetime, time

import numpy as np

from finances.valuation.adjustment import differs
from securities.bars import COLUMNS, BarColumns, moment
from securities.models import Bar, Price, Security
from securities.recovery import RawHistory

LEADING_BARS = 3
TOLERANCE = 2e-6


def continues(security: Security, raw: RawHistory, *, start: date | None) -> bool:
    """Whether an answer for the window from `start` holds one of the first settled bars stored there, and agrees
    with all of them that it holds. True where nothing is stored."""
    stored = _leading_bars(security, raw, start)
    if not len(stored):
        return True
    common, here, there = np.intersect1d(stored.times, raw.bars.times, return_indices=True)
    return len(common) > 0 and not differs(stored.closes[here], raw.bars.closes[there], TOLERANCE).any()


def _leading_bars(security: Security, raw: RawHistory, start: date | None) -> BarColumns:
    rows = Price.objects.of(security, raw.interval).filter(provisional=False)
    if raw.interval != Bar.Interval.DAY and len(raw.bars):
        # Yahoo keeps short bars for a while only: what is older cannot be in the answer.
        rows = rows.filter(ts__gte=moment(raw.bars.times[0]))
    elif start is not None:
        rows = rows.filter(ts__gte=datetime.combine(start, time(), UTC))
    return BarColumns.from_rows(list(rows.order_by("ts").values_list(*COLUMNS)[:LEADING_BARS]))
