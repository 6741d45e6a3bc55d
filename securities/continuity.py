"""Whether an answer continues the stored bars.

Yahoo sometimes answers a window with a split applied that it does not list, lists one before applying it, switches
unit, or sends another company's series. Such an answer disagrees with the stored bars from its first day on; a
correction touches a few. Pure: both sides are given.
"""

from datetime import timedelta
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from finances.valuation.adjustment import Floats, differs
from finances.valuation.continuity import is_near, leading_run, shared_fraction
from securities.bars import BarColumns, moment
from securities.models import Review
from securities.recovery import RawHistory
from securities.screening import Finding, day_of

Reason = Review.Reason

LEADING_BARS = 3
TOLERANCE = 2e-6
RESTATED_BY, RESTATED_BARS = 0.05, 5
VOLUME_TOLERANCE = 0.02


def starts_alike(raw: RawHistory, stored: BarColumns) -> bool:
    """Whether the answer holds one of the first stored bars of its window and agrees with all of them that it holds.

    stored: settled bars of the window, ascending. True where there are none.
    """
    leading = stored.where(slice(None, LEADING_BARS))
    old, new = _common(leading, raw.bars)
    return not len(stored) or (len(old) > 0 and not differs(old.closes, new.closes, TOLERANCE).any())


def contradiction(raw: RawHistory, stored: BarColumns) -> Finding | None:
    """What an answer for the window of `stored` gets wrong about it as a whole. None where it continues it, corrections
    of a few bars included."""
    if not len(stored):
        return None
    old, new = _common(stored, raw.bars)
    leading = np.isin(stored.times[:LEADING_BARS], raw.bars.times)
    if not leading.any() or len(old) * 2 < len(stored):
        detail = f"Of {len(stored)} stored bars since {day_of(stored.times[0])} it holds {len(old)}."
        return Finding(Reason.TRUNCATED_HISTORY, detail, tuple(raw.bars.times[:1].tolist()))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = old.closes / new.closes
    return _one_factor(raw, old, new, ratios) or _restated(old, new, ratios)


def _common(stored: BarColumns, fetched: BarColumns) -> tuple[BarColumns, BarColumns]:
    _, here, there = np.intersect1d(stored.times, fetched.times, return_indices=True)
    return stored.where(here), fetched.where(there)


def _one_factor(raw: RawHistory, old: BarColumns, new: BarColumns, ratios: Floats) -> Finding | None:
    """The first bars are off by one factor k = stored / fetched, the others right."""
    run = leading_run(ratios, TOLERANCE)
    if run < min(LEADING_BARS, len(ratios)) or differs(old.closes[run:], new.closes[run:], TOLERANCE).any():
        return None
    k = shared_fraction(ratios[:run], TOLERANCE)
    if k is None:
        return None
    first_right = int(old.times[run]) if run < len(old) else _after(raw, int(old.times[-1]))
    if k in (100, Fraction(1, 100)) and _volume_ratio(old, new, run, 1.0):
        detail = f"Every bar before {day_of(first_right)} is off by {float(k):g}: another unit, by the look of it."
        to = day_of(old.times[run - 1]) if run < len(old) else None
        return Finding(Reason.UNIT_FLIP, detail, _times(new, run), _scaled(float(k), to, volumes=False))
    if _volume_ratio(old, new, run, float(k)):
        return _split(raw, new, run, k, first_right)
    return None


def _volume_ratio(old: BarColumns, new: BarColumns, run: int, expected: float) -> bool:
    """Whether fetched volumes are `expected` times the stored ones; where none are known, whether they could tell."""
    known = (old.volumes[:run] > 0) & (new.volumes[:run] > 0)
    # Nearer to it than to 1, or a small restatement would pass for a split.
    tolerance = min(VOLUME_TOLERANCE, abs(expected - 1) / 3) if expected != 1 else VOLUME_TOLERANCE
    if not known.any():
        return tolerance == VOLUME_TOLERANCE
    return is_near(float(np.median(new.volumes[:run][known] / old.volumes[:run][known])), expected, tolerance)


def _split(raw: RawHistory, new: BarColumns, run: int, k: Fraction, first_right: int) -> Finding:
    listed = next((split for split in raw.splits if Fraction(split.denominator, split.numerator) == k), None)
    if listed is None:
        together = _together(raw, k, day_of(new.times[run - 1]))
        if together:
            detail = f"The splits of {together} are among the events, and not in the prices before them."
            return Finding(Reason.UNAPPLIED_SPLIT, detail, _times(new, run))
        on = day_of(first_right)
        detail = f"A {k.numerator}:{k.denominator} split is in the prices before {on}, and not among the events."
        proposal = {"kind": "add_split", "on": on, "numerator": k.numerator, "denominator": k.denominator}
        return Finding(Reason.HIDDEN_SPLIT, detail, _times(new, run), proposal)
    detail = f"The split of {listed.ex_date} is among the events, and not in the prices before it."
    if _goes_on(raw, listed.ex_date.isoformat(), float(k)):
        proposal = {"kind": "void_split", "on": listed.ex_date.isoformat()}
    else:
        # Where every stored bar is off, so are the new ones before the ex-date.
        last = listed.ex_date - timedelta(days=1) if new.times[run:].size == 0 else moment(new.times[run - 1]).date()
        proposal = _scaled(float(k), last.isoformat(), volumes=True)
    return Finding(Reason.UNAPPLIED_SPLIT, detail, _times(new, run), proposal)


def _together(raw: RawHistory, k: Fraction, last_wrong: str) -> str:
    """The ex-dates of the listed splits after `last_wrong`, if it is their ratios together that are missing."""
    later = [split for split in raw.splits if split.ex_date.isoformat() > last_wrong]
    ratio = prod(Fraction(split.denominator, split.numerator) for split in later)
    return " and ".join(str(split.ex_date) for split in later) if ratio == k else ""


def _goes_on(raw: RawHistory, ex_date: str, k: float) -> bool:
    """Whether the price as quoted went on over the ex-date as if nothing had happened."""
    days = [day_of(time) for time in raw.bars.times]
    after = next((i for i, day in enumerate(days) if day >= ex_date), None)
    if not after:
        return False
    quoted_before = raw.bars.closes[after - 1] * k
    return is_near(raw.bars.closes[after] / quoted_before, 1.0, abs(1 - min(k, 1 / k)) / 2)


def _restated(old: BarColumns, new: BarColumns, ratios: Floats) -> Finding | None:
    off = differs(old.closes, new.closes, RESTATED_BY)
    whole = len(off) < RESTATED_BARS and bool(off[:LEADING_BARS].all())
    one_factor = leading_run(ratios, TOLERANCE) == len(ratios) >= LEADING_BARS
    if not whole and not one_factor and off.sum() < RESTATED_BARS:
        return None
    times = new.times[off] if off.any() else new.times
    detail = f"{len(times)} of {len(old)} bars stored since {day_of(old.times[0])} are told otherwise."
    return Finding(Reason.RESTATED_HISTORY, detail, tuple(times.tolist()))


def _after(raw: RawHistory, time: int) -> int:
    """The first bar after `time`, or the moment of the answer."""
    later = raw.bars.times[raw.bars.times > time]
    return int(later[0]) if len(later) else raw.latest_time


def _times(bars: BarColumns, run: int) -> tuple[int, ...]:
    return tuple(bars.times[:run].tolist())


def _scaled(factor: float, to: str | None, *, volumes: bool) -> dict[str, Any]:
    return {"kind": "scale_bars", "factor": factor, "from": None, "to": to, "volumes": volumes}
