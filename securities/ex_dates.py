"""Splits that an answer lists and has not applied to its own prices, told by continuity at the ex-date.

A listed split was undone on recovery. Where the prices had never been divided by it, that makes them wrong by its
ratio before the ex-date, and the step over the ex-date tells: it is much smoother with the prices as quoted.
"""

from math import log

import numpy as np

from finances.yahoo.types import SplitEvent
from securities.bars import BarColumns
from securities.models import Bar, Review
from securities.recovery import RawHistory
from securities.screening import Finding, day_of

SMALLEST = 0.2
"""|log| of the ratios that are told from a day's own move."""
SMOOTH = 0.1


def unapplied_splits(raw: RawHistory, stored: BarColumns) -> list[Finding]:
    """Of daily bars alone, and only where the bars before the ex-date are not stored as they come."""
    if raw.interval != Bar.Interval.DAY:
        return []
    fetched = raw.bars.where(np.isfinite(raw.bars.closes) & (raw.bars.closes > 0))
    found = [_judged(raw, fetched, split) for split in raw.splits]
    known = set(stored.times.tolist())
    return [finding for finding in found if finding and not known.intersection(finding.times)]


def _judged(raw: RawHistory, bars: BarColumns, split: SplitEvent) -> Finding | None:
    ratio = split.numerator / split.denominator
    first_after = int(np.searchsorted(bars.times, int(np.datetime64(split.ex_date, "s").astype(np.int64))))
    if abs(log(ratio)) < SMALLEST or first_after in (0, len(bars)):
        return None
    before, after = float(bars.closes[first_after - 1]), float(bars.closes[first_after])
    paid = float(sum(event.amount for event in raw.dividends if event.ex_date == split.ex_date))
    applied, as_quoted = _step(before, after, paid, ratio), _step(before / ratio, after, paid, ratio)
    if as_quoted is None or as_quoted > SMOOTH or (applied is not None and applied <= max(SMALLEST, 3 * as_quoted)):
        return None
    last = day_of(bars.times[first_after - 1])
    proposal = {"kind": "scale_bars", "factor": 1 / ratio, "from": None, "to": last, "volumes": True}
    detail = f"The split of {split.ex_date} is among the events, and not in the prices before it."
    return Finding(Review.Reason.UNAPPLIED_SPLIT, detail, tuple(bars.times[:first_after].tolist()), proposal)


def _step(before: float, after: float, paid: float, ratio: float) -> float | None:
    """How far the close after is from the close before, less what was paid, in new shares; as |log|."""
    expected = (before - paid) / ratio
    return abs(log(after / expected)) if expected > 0 else None
