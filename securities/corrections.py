"""Proposed corrections, applied to an answer. Pure: each returns a new history.

A proposal is plain JSON with a `kind`:
    scale_bars      factor, from, to (days, None: open), volumes (whether they change the other way round)
    fit_range       times: high and low are widened or exchanged so that they hold open and close
    add_split       on, numerator, denominator: the prices before it are divided by it, though it is not listed
    void_split      on: it is listed, did not happen, and the prices are not divided by it
    scale_dividend  factor
    drop_dividend
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from finances.valuation.adjustment import Floats, round_significant
from finances.yahoo.types import SplitEvent
from securities.bars import BarColumns
from securities.recovery import RawDividend, RawHistory

Proposal = dict[str, Any]
AMOUNT_PLACES = Decimal("0.00000001")


def without_bars(raw: RawHistory, times: Collection[int]) -> RawHistory:
    kept = ~np.isin(raw.bars.times, list(times))
    payouts = None if raw.payouts is None else raw.payouts[kept]
    return replace(raw, bars=raw.bars.where(kept), payouts=payouts)


def settled(raw: RawHistory) -> RawHistory:
    """A held answer without what was open then: it has settled since, at other figures, which the next sync brings."""
    times = raw.bars.times
    return without_bars(raw, times[(times >= raw.provisional_from) & (times <= raw.latest_time)].tolist())


def storable(raw: RawHistory) -> RawHistory:
    """What can be a row: every close a number, high not below low."""
    raw = without_bars(raw, raw.bars.times[~np.isfinite(raw.bars.closes)].tolist())
    prices = np.where(np.isfinite(raw.bars.prices), raw.bars.prices, np.nan)
    crossed = prices[1] < prices[2]
    prices[1:3, crossed] = prices[2:0:-1, crossed]
    return replace(raw, bars=BarColumns(raw.bars.times, prices, raw.bars.volumes))


def fit_range(raw: RawHistory, times: Collection[int]) -> RawHistory:
    chosen, prices = np.isin(raw.bars.times, list(times)), raw.bars.prices.copy()
    prices[1, chosen] = np.fmax.reduce(raw.bars.prices[:, chosen])
    prices[2, chosen] = np.fmin.reduce(raw.bars.prices[:, chosen])
    return replace(raw, bars=BarColumns(raw.bars.times, prices, raw.bars.volumes))


def scaled_towards(raw: RawHistory, proposal: Proposal, stored: BarColumns) -> RawHistory:
    """Scale the bars of the stretch that this brings nearer to what is stored, or else to the bar before: a provider
    that has mended them in the meantime is left alone."""
    factor, closes = float(proposal["factor"]), raw.bars.closes.copy()
    known = dict(zip(stored.times.tolist(), stored.closes.tolist(), strict=True))
    scaled = np.zeros(len(closes), dtype=bool)
    for i in np.flatnonzero(_between(raw.bars, proposal["from"], proposal["to"])):
        reference = known.get(int(raw.bars.times[i])) or _close_before(closes, int(i), raw.bars, stored)
        scaled[i] = reference is None or _nearer(closes[i] * factor, closes[i], reference)
        closes[i] *= factor if scaled[i] else 1.0
    bars = scale_bars(raw.bars, np.where(scaled, factor, 1.0), volumes=proposal["volumes"])
    dividends = raw.dividends
    if proposal["volumes"] and scaled.any():
        # A split that the provider has not applied to prices it has not applied to dividends either.
        last = date.fromisoformat(proposal["to"])
        dividends = tuple(
            _times(event, Decimal(str(factor))) if event.ex_date <= last else event for event in dividends
        )
    return replace(raw, bars=bars, dividends=dividends)


def add_split(raw: RawHistory, proposal: Proposal) -> RawHistory:
    split = SplitEvent(date.fromisoformat(proposal["on"]), proposal["numerator"], proposal["denominator"])
    if any(listed.ex_date == split.ex_date for listed in raw.splits):
        return raw
    splits = tuple(sorted((*raw.splits, split), key=lambda listed: listed.ex_date))
    return _undone(replace(raw, splits=splits), split.ex_date, Decimal(split.numerator) / split.denominator)


def quoted_before(proposal: Proposal) -> Proposal:
    """The scaling that takes back what recovery does for a split, where prices were never divided by it."""
    last = date.fromisoformat(proposal["on"]) - timedelta(days=1)
    factor = proposal["denominator"] / proposal["numerator"]
    return {"kind": "scale_bars", "factor": factor, "from": None, "to": last.isoformat(), "volumes": True}


def void_split(raw: RawHistory, proposal: Proposal) -> RawHistory:
    day = date.fromisoformat(proposal["on"])
    void = next((listed for listed in raw.splits if listed.ex_date == day), None)
    if void is None:
        return raw
    splits = tuple(listed for listed in raw.splits if listed is not void)
    return _undone(replace(raw, splits=splits), day, Decimal(void.denominator) / void.numerator)


def corrected_dividend(event: RawDividend, proposal: Proposal) -> RawDividend | None:
    """None where it is to be dropped."""
    if proposal["kind"] == "drop_dividend":
        return None
    return _times(event, Decimal(str(proposal["factor"])))


def scale_bars(bars: BarColumns, factors: Floats, *, volumes: bool) -> BarColumns:
    whole = np.where(bars.volumes < 0, -1, np.rint(bars.volumes / factors)).astype(np.int64)
    return BarColumns(bars.times, round_significant(bars.prices * factors), whole if volumes else bars.volumes)


def _undone(raw: RawHistory, day: date, ratio: Decimal) -> RawHistory:
    """Prices and dividends before `day` times `ratio`, volumes the other way round."""
    factors = np.where(_days(raw.bars) < np.datetime64(day, "D"), float(ratio), 1.0)
    dividends = tuple(_times(event, ratio) if event.ex_date < day else event for event in raw.dividends)
    return replace(raw, bars=scale_bars(raw.bars, factors, volumes=True), dividends=dividends)


def _times(event: RawDividend, factor: Decimal) -> RawDividend:
    return replace(event, amount=(event.amount * factor).quantize(AMOUNT_PLACES, ROUND_HALF_UP))


def _between(bars: BarColumns, first: str | None, last: str | None) -> Any:
    days = _days(bars)
    chosen = np.ones(len(days), dtype=bool)
    if first is not None:
        chosen &= days >= np.datetime64(first, "D")
    if last is not None:
        chosen &= days <= np.datetime64(last, "D")
    return chosen


def _days(bars: BarColumns) -> Any:
    return bars.times.astype("datetime64[s]").astype("datetime64[D]")


def _close_before(closes: Floats, i: int, bars: BarColumns, stored: BarColumns) -> float | None:
    """Of the answer as corrected so far, else the last stored one before it, else the first one after the stretch."""
    if i > 0:
        return float(closes[i - 1])
    before = stored.closes[stored.times < bars.times[i]]
    return float(before[-1]) if len(before) else None


def _nearer(scaled: float, plain: float, reference: float) -> bool:
    if reference <= 0 or plain <= 0:
        return False
    return bool(abs(np.log(scaled / reference)) < abs(np.log(plain / reference)))
