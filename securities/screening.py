"""What is suspicious about the bars of one answer, each with its reason and, where one is plain, a correction.

Pure: the answer, the settled bars stored over its range, and the currency they are in. A bar that is stored as it
comes was judged before and is not judged again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finances.valuation.adjustment import Ints, differs
from finances.valuation.continuity import is_near, leaps, may_be_plain, plain_ratio
from securities.bars import BarColumns, moment
from securities.models import Bar, Review
from securities.recovery import RawHistory, split_arrays

Reason = Review.Reason
Mask = NDArray[np.bool_]

ROUNDING = 1e-3
"""How far a close may lie outside high and low."""
SAME = 2e-6
LARGEST_LEAP = 20.0
UNIT = 100.0
UNIT_TOLERANCE = 0.35
"""A day's own move beside a change of unit."""
OVERNIGHT_TOLERANCE = 0.04
"""A night's own move beside a split."""


@dataclass(frozen=True)
class Finding:
    reason: str
    detail: str
    times: tuple[int, ...] = ()
    """The bars it is about."""
    proposal: dict[str, Any] | None = None


def screen_bars(raw: RawHistory, stored: BarColumns, *, currency_code: str, time_zone: str) -> list[Finding]:
    """stored: settled bars around the range of `raw`, ascending, the one before it among them."""
    if raw.currency_code != currency_code:
        detail = f"Quoted in {raw.currency_code}, stored in {currency_code}."
        return [Finding(Reason.CURRENCY_CHANGE, detail, tuple(raw.bars.times.tolist()))]
    fresh = _fresh(raw.bars, stored)
    findings = [*_impossible(raw, fresh), *_misplaced(raw, fresh)]
    broken = {time for finding in findings for time in finding.times}
    return [*findings, *_leaping(raw, stored, fresh, broken, time_zone)]


def possible_splits(raw: RawHistory, stored: BarColumns, *, time_zone: str) -> list[Finding]:
    """Nights over which the price went by a plain ratio that no listed split explains. Never held back."""
    if raw.interval != Bar.Interval.DAY:
        return []
    series, fresh = _joined(raw, stored, set())
    opens = np.where(np.isnan(series.prices[0]), series.closes, series.prices[0])
    splits = split_arrays(raw.splits, raw.interval, time_zone)
    ratios, found = leaps(series.times, series.closes, opens, *splits), []
    for i in np.flatnonzero(may_be_plain(ratios, OVERNIGHT_TOLERANCE) & fresh[1:]) + 1:
        plain = plain_ratio(1 / ratios[i - 1], OVERNIGHT_TOLERANCE)
        if plain is None or not is_near(series.closes[i] / opens[i], 1.0, 0.15):
            continue
        new, old, day = plain.numerator, plain.denominator, day_of(series.times[i])
        detail = f"From {series.closes[i - 1]:g} to {opens[i]:g} over the night to {day}, as a {new}:{old} split would."
        proposal = {"kind": "add_split", "on": day, "numerator": new, "denominator": old}
        # A second split on the day of a listed one would take its place.
        listed = any(split.ex_date.isoformat() == day for split in raw.splits)
        found.append(Finding(Reason.POSSIBLE_SPLIT, detail, (int(series.times[i]),), None if listed else proposal))
    return found


def day_of(time: int) -> str:
    return moment(time).date().isoformat()


def _fresh(bars: BarColumns, stored: BarColumns) -> Mask:
    """Which bars are not stored just as they come."""
    fresh = np.ones(len(bars), dtype=bool)
    _, here, there = np.intersect1d(bars.times, stored.times, return_indices=True)
    fresh[here] = differs(stored.prices[:, there], bars.prices[:, here], SAME).any(axis=0)
    return fresh


def _impossible(raw: RawHistory, fresh: Mask) -> Iterator[Finding]:
    _opens, highs, lows, closes = raw.bars.prices
    with np.errstate(invalid="ignore"):
        bad = fresh & (
            ~np.isfinite(closes) | np.isinf(raw.bars.prices).any(axis=0) | (raw.bars.prices <= 0).any(axis=0)
        )
        crossed = fresh & ~bad & (highs < lows)
        outside = fresh & ~bad & ~crossed & ((closes > highs * (1 + ROUNDING)) | (closes < lows * (1 - ROUNDING)))
    for reason, mask, what in (
        (Reason.IMPOSSIBLE_PRICE, bad, "A price that is zero, negative or no number"),
        (Reason.HIGH_BELOW_LOW, crossed, "The high is below the low"),
        (Reason.CLOSE_OUTSIDE_RANGE, outside, "The close is outside high and low"),
    ):
        if mask.any():
            times = raw.bars.times[mask]
            proposal = None if mask is bad else {"kind": "fit_range", "times": times.tolist()}
            yield Finding(reason, _about(what, times), tuple(times.tolist()), proposal)


def _misplaced(raw: RawHistory, fresh: Mask) -> Iterator[Finding]:
    ahead = raw.bars.times[fresh & (raw.bars.times > raw.latest_time)]
    if len(ahead):
        yield Finding(Reason.FUTURE_DATE, _about("Dated after the answer itself", ahead), tuple(ahead.tolist()))
    settled = set(raw.bars.times[fresh & (raw.bars.times < raw.provisional_from)].tolist())
    twice = [time for time in raw.duplicates if time in settled]
    if twice:
        detail = _about("Given twice with different figures", np.array(twice))
        yield Finding(Reason.DUPLICATE_TIMESTAMPS, detail, tuple(twice))


def _about(what: str, times: Ints) -> str:
    others = f" and {len(times) - 1} more" if len(times) > 1 else ""
    return f"{what}: {day_of(times[0])}{others}."


def _leaping(raw: RawHistory, stored: BarColumns, fresh: Mask, broken: set[int], time_zone: str) -> Iterator[Finding]:
    series, new = _joined(raw, stored, broken)
    splits = split_arrays(raw.splits, raw.interval, time_zone)
    ratios = leaps(series.times, series.closes, series.closes, *splits)
    for first, end in _stretches(ratios):
        ratio = float(ratios[first - 1])
        if end == len(series) and first < end - first and new[:first].all():
            # Nothing stored tells which side is right: the longer one.
            yield _leap(series, np.arange(first), 1 / ratio, first)
        elif new[first:end].any():
            yield _leap(series, np.arange(first, end)[new[first:end]], ratio, first)


def _leap(series: BarColumns, chosen: Ints, ratio: float, at: int) -> Finding:
    """`chosen` bars are `ratio` times what they should be, to judge by the step into bar `at`."""
    what = f"From {series.closes[at - 1]:g} to {series.closes[at]:g} on {day_of(series.times[at])}"
    times = tuple(series.times[chosen].tolist())
    factor = UNIT if ratio < 1 else 1 / UNIT
    if not is_near(ratio * factor, 1.0, UNIT_TOLERANCE) or not _volumes_alike(series, chosen):
        return Finding(Reason.JUMP, f"{what}, which no split explains.", times)
    last = day_of(times[-1]) if chosen[-1] < len(series) - 1 else None
    proposal = {"kind": "scale_bars", "factor": factor, "from": day_of(times[0]), "to": last, "volumes": False}
    return Finding(Reason.UNIT_FLIP, f"{what}: another unit, by the look of it.", times, proposal)


def _volumes_alike(series: BarColumns, chosen: Ints) -> bool:
    inside, outside = series.volumes[chosen], np.delete(series.volumes, chosen)
    inside, outside = inside[inside > 0], outside[outside > 0]
    return not len(inside) or not len(outside) or is_near(float(np.median(inside) / np.median(outside)), 1.0, 9.0)


def _stretches(ratios: Any) -> Iterator[tuple[int, int]]:
    """(first, end) of each run of bars between a leap and the leap back, or the end."""
    with np.errstate(invalid="ignore"):
        leaping = [int(i) + 1 for i in np.flatnonzero((ratios >= LARGEST_LEAP) | (ratios <= 1 / LARGEST_LEAP))]
    while leaping:
        first = leaping.pop(0)
        back = next((i for i in leaping if (ratios[i - 1] > 1) != (ratios[first - 1] > 1)), len(ratios) + 1)
        leaping = [i for i in leaping if i > back]
        yield first, back


def _joined(raw: RawHistory, stored: BarColumns, broken: set[int]) -> tuple[BarColumns, Mask]:
    """The series as it would be stored, without `broken` bars, and which of its bars are fresh."""
    sound = ~np.isin(raw.bars.times, list(broken)) & np.isfinite(raw.bars.closes)
    bars, fresh = raw.bars.where(sound), _fresh(raw.bars, stored)[sound]
    kept = stored.where(~np.isin(stored.times, bars.times))
    order = np.argsort(np.append(kept.times, bars.times), kind="stable")
    joined = BarColumns(
        np.append(kept.times, bars.times), np.hstack([kept.prices, bars.prices]), np.append(kept.volumes, bars.volumes)
    ).where(order)
    return joined, np.append(np.zeros(len(kept), dtype=bool), fresh)[order]
