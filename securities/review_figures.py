"""A review's figures as a table: what is stored, what came, and what the proposed correction would make of it."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from finances.sync.held_back import Figures
from securities.bars import BarColumns
from securities.held import dividend_from_json, from_json
from securities.models import Review
from securities.review_preview import corrected_event, preview, stored_beside
from securities.screening import day_of

Reason, Status = Review.Reason, Review.Status
HEADINGS = ["Day", "Stored now", "Came", "If corrected"]
SHOWN = 5
"""Rows; of more the newest."""
NONE = "–"
OF_RANGE = (Reason.IMPOSSIBLE_PRICE, Reason.HIGH_BELOW_LOW, Reason.CLOSE_OUTSIDE_RANGE)
NEARBY = timedelta(days=400)
"""How far from a dividend the stored ones are shown beside it."""


Rows = list[list[str]]
"""Day, stored, came, if corrected."""


def figures_of(review: Review) -> Figures | None:
    """None where the answer held no figures."""
    if review.reason == Reason.EMPTY_HISTORY:
        return None
    if review.reason in Review.DIVIDEND_REASONS:
        what, rows = f"Dividends, {review.security.currency_id} a share", _dividend_rows(review)
    elif review.response is None:
        what, rows = f"Closes, {review.security.currency_id}", _split_rows(review)
    else:
        what, rows = _bars_told(review), _bar_rows(review)
    headings = HEADINGS if _is_open_with_proposal(review) else HEADINGS[:-1]
    return Figures(what, headings, [row[: len(headings)] for row in rows[:SHOWN]], len(rows[SHOWN:]))


def _bars_told(review: Review) -> str:
    came, stored = (review.response or {})["currency_code"], review.security.currency_id
    what = "Open / high / low / close" if review.reason in OF_RANGE else "Closes"
    return f"{what}, {stored}" if came == stored else f"{what}: stored in {stored}, came in {came}"


def _bar_rows(review: Review) -> Rows:
    came = from_json(review.response or {}).bars
    stored = stored_beside(review, came)
    corrected = preview(review, Status.CORRECTED).bars if _is_open_with_proposal(review) else came.where(slice(0))
    about = sorted((time for time, _close in review.evidence), reverse=True)
    columns = [_texts(bars, about, whole=review.reason in OF_RANGE) for bars in (stored, came, corrected)]
    return [[day_of(time), *texts] for time, *texts in zip(about, *columns, strict=True)]


def _is_open_with_proposal(review: Review) -> bool:
    return bool(review.proposal) and review.status == Status.OPEN


def _texts(bars: BarColumns, times: list[int], *, whole: bool) -> list[str]:
    at = {time: i for i, time in enumerate(bars.times.tolist())}
    return [_text(bars.prices[:, at[time]], whole=whole) if time in at else NONE for time in times]


def _text(prices: Any, *, whole: bool) -> str:
    return " / ".join(map(plain, prices)) if whole else plain(prices[3])


def plain(figure: float) -> str:
    """Up to eight digits, never as a power of ten."""
    if not np.isfinite(figure):
        return "no number"
    return np.format_float_positional(figure, precision=8, fractional=False, trim="-")


def _split_rows(review: Review) -> Rows:
    """The bars on both sides of the night, and those before it as they would be shown."""
    proposal, (time, _close) = review.proposal or {}, review.evidence[0]
    stored = stored_beside(review, BarColumns.from_rows([]))
    ratio = proposal["numerator"] / proposal["denominator"]
    at = int(np.searchsorted(stored.times, time))
    return [
        [day_of(day), plain(close), plain(close), plain(close / ratio if day < time else close)]
        for day, close in zip(
            stored.times[max(at - 2, 0) : at + 3].tolist()[::-1],
            stored.closes[max(at - 2, 0) : at + 3].tolist()[::-1],
            strict=True,
        )
    ]


def _dividend_rows(review: Review) -> Rows:
    event, mended = dividend_from_json(review.evidence), corrected_event(review)
    stored = review.security.dividends.current().filter(ex_date__range=(event.ex_date - NEARBY, event.ex_date + NEARBY))
    told: dict[date, list[str]] = {row.ex_date: [_amount(row.amount), NONE, NONE] for row in stored}
    known = told.get(event.ex_date, [NONE])[0]
    told[event.ex_date] = [known, _amount(event.amount), _amount(mended.amount) if mended else "left out"]
    return [[day.isoformat(), *texts] for day, texts in _newest_first(told.items())]


def _amount(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _newest_first(rows: Iterable[tuple[date, list[str]]]) -> list[tuple[date, list[str]]]:
    return sorted(rows, reverse=True)
