"""A review's series on one time axis: what is stored, what came, and what the proposed correction would store."""

from typing import Any

import numpy as np

from finances.valuation.adjustment import Floats, Ints
from securities.bars import BarColumns
from securities.held import dividend_from_json, from_json
from securities.models import Review
from securities.review_preview import preview, stored_beside

NOTHING = BarColumns.from_rows([])
FEW = 3
AROUND = 60
"""Bars shown at first before and after those that a review is about."""


def series_of(review: Review) -> dict[str, Any]:
    """Columns for a chart, ascending: times in UTC seconds, closes `stored`, `fetched` and `corrected`, null where
    there is none; `lines` names those that hold any figure, `shown` is the stretch to begin with, `marked` are the
    times in question where they are few."""
    fetched = from_json(review.response).bars if review.response else NOTHING
    stored = stored_beside(review, NOTHING)
    columns = {"stored": stored, "fetched": fetched, "corrected": _corrected(review, stored)}
    about = _about(review)
    times = np.unique(np.concatenate([bars.times for bars in columns.values()]))
    return {
        "times": times.tolist(),
        **{name: _aligned(times, bars.times, bars.closes) for name, bars in columns.items()},
        "lines": [name for name, bars in columns.items() if len(bars)],
        "shown": _stretch(times, about),
        "marked": about if len(about) <= FEW else [],
        "currency": review.security.currency_id,
        "units": {"fetched": review.response["currency_code"]} if review.response else {},
    }


def _corrected(review: Review, stored: BarColumns) -> BarColumns:
    """Of an open review; what was decided is stored."""
    if not review.proposal or review.status != Review.Status.OPEN:
        return NOTHING
    if review.reason == Review.Reason.POSSIBLE_SPLIT:
        (time, _close), ratio = review.evidence[0], review.proposal["numerator"] / review.proposal["denominator"]
        factors = np.where(stored.times < time, 1 / ratio, 1.0)
        return BarColumns(stored.times, stored.prices * factors, stored.volumes)
    return preview(review, Review.Status.CORRECTED).bars if review.response else NOTHING


def _about(review: Review) -> list[int]:
    if review.reason in Review.DIVIDEND_REASONS:
        return [int(np.datetime64(dividend_from_json(review.evidence).ex_date, "s").astype(np.int64))]
    return [time for time, _close in review.evidence]


def _stretch(times: Ints, about: list[int]) -> list[int] | None:
    """The first and the last time around those in question; None where there is nothing."""
    if not len(times):
        return None
    first, last = np.searchsorted(times, [min(about, default=times[-1]), max(about, default=times[-1])])
    return [int(times[max(first - AROUND, 0)]), int(times[min(last + AROUND, len(times) - 1)])]


def _aligned(times: Ints, own: Ints, closes: Floats) -> list[float | None]:
    column: list[float | None] = [None] * len(times)
    for at, close in zip(np.searchsorted(times, own).tolist(), closes.tolist(), strict=True):
        column[at] = close if np.isfinite(close) else None
    return column
