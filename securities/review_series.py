"""A review's two series on one time axis: what is stored, and what came."""

from typing import Any

import numpy as np

from finances.valuation.adjustment import Floats, Ints
from securities.bars import COLUMNS, BarColumns, moment
from securities.held import from_json
from securities.models import Price, Review

NEWEST = 300
"""Stored bars shown where the answer itself was not kept."""


def series_of(review: Review) -> dict[str, Any]:
    """Columns for a chart, ascending: times in UTC seconds, closes `stored` and `fetched`, null where there is none."""
    fetched = from_json(review.response).bars if review.response else BarColumns.from_rows([])
    stored = _stored(review, fetched)
    times = np.union1d(stored.times, fetched.times)
    return {
        "times": times.tolist(),
        "stored": _aligned(times, stored.times, stored.closes),
        "fetched": _aligned(times, fetched.times, fetched.closes),
        "currency": review.security.currency_id,
    }


def _stored(review: Review, fetched: BarColumns) -> BarColumns:
    rows = Price.objects.of(review.security, review.interval).order_by("-ts")
    if len(fetched):
        rows = rows.filter(ts__gte=moment(fetched.times[0]))
    else:
        rows = rows[:NEWEST]
    return BarColumns.from_rows(list(rows.values_list(*COLUMNS))[::-1])


def _aligned(times: Ints, own: Ints, closes: Floats) -> list[float | None]:
    column: list[float | None] = [None] * len(times)
    for at, close in zip(np.searchsorted(times, own).tolist(), closes.tolist(), strict=True):
        column[at] = close if np.isfinite(close) else None
    return column
