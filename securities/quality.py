"""What is stored of a security's daily bars, measured against the days on which it traded."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from securities.calendars import (
    EVERY_DAY,
    CalendarLoading,
    Days,
    UnknownCalendar,
    calendar_of,
    plain_days,
    trading_days,
)
from securities.models import Bar, Price, PriceRevision, Review, Security
from securities.quality_score import Part, parts_of, score_of, share

SHOWN = 100
FIGURES = ("first_bar", "last_bar", "trading_days", "missing_days", "completeness", "staleness_days", "score")
NO_PRICE = {"code": "missing_price", "detail": "No price is stored yet."}


@dataclass(frozen=True)
class Quality:
    """Figures that cannot be known are None; `missing` says why."""

    symbol: str
    changed_bars: int
    quarantined: int
    """Reviews that await staff's decision."""
    parts: list[Part]
    missing: list[dict[str, str]]
    first_bar: date | None = None
    last_bar: date | None = None
    trading_days: int | None = None
    """From the first bar to the last, as far back as the calendar goes."""
    missing_days: int | None = None
    missing_dates: list[date] = field(default_factory=list)
    """The newest of the missing days, newest first."""
    completeness: Decimal | None = None
    staleness_days: int | None = None
    """Trading days that went by since the last bar."""
    score: int | None = None


def measure(security: Security, *, today: date) -> Quality:
    """`today` in the security's time zone. Three queries, and the calendar within its bounded wait."""
    bars, changed = _bar_days(security), _changed_bars(security)
    held = Review.objects.open().filter(security=security).count()
    known, cause = _known(security, bars, today)
    parts = parts_of(
        completeness=known.get("completeness"),
        staleness=known.get("staleness_days"),
        changed=changed,
        bars=len(bars),
        open_reviews=held,
    )
    known["score"] = score_of(parts)
    missing = [{"figure": name, **cause} for name in FIGURES if known.get(name) is None]
    return Quality(security.symbol, changed, held, parts, missing, **known)


def first_gap(security: Security) -> date | None:
    """The earliest trading day without a bar between stored ones.

    Most securities cost one query. The calendar is asked only about plain days that lack a bar; while it is loading,
    and where none is known, there is no verdict (None).
    """
    code = calendar_of(security)
    if code is None:
        return None
    bars = _bar_days(security)
    if len(bars) < 2:
        return None
    first, last = _dates(bars[[0, -1]])
    if not len(np.setdiff1d(plain_days(first, last, every_day=code == EVERY_DAY), bars)):
        return None
    try:
        gaps = np.setdiff1d(trading_days(security, first, last), bars)
    except CalendarLoading:
        return None
    return _dates(gaps[:1])[0] if len(gaps) else None


def _known(security: Security, bars: Days, today: date) -> tuple[dict[str, Any], dict[str, str]]:
    """The figures by name, and why the others are unknown."""
    if not len(bars):
        return {}, NO_PRICE
    first, last = _dates(bars[[0, -1]])
    facts: dict[str, Any] = {"first_bar": first, "last_bar": last}
    try:
        sessions = trading_days(security, first, max(today, last))
        return {**facts, **_coverage(security, sessions, bars), "staleness_days": _passed(sessions, last, today)}, {}
    except (CalendarLoading, UnknownCalendar) as error:
        return facts, {"code": error.code, "detail": str(error)}


def _coverage(security: Security, sessions: Days, bars: Days) -> dict[str, Any]:
    traded = sessions[sessions <= bars[-1]]
    if not len(traded):
        raise UnknownCalendar(f"The calendar of {security.symbol} does not go back to {_dates(bars[-1:])[0]}.")
    lacking = np.setdiff1d(traded, bars)
    return {
        "trading_days": len(traded),
        "missing_days": len(lacking),
        "missing_dates": _dates(lacking[::-1][:SHOWN]),
        "completeness": share(len(traded) - len(lacking), len(traded)),
    }


def _passed(sessions: Days, last: date, today: date) -> int:
    """Sessions after `last` that are over: today's may be going on."""
    return int(((sessions > np.datetime64(last)) & (sessions < np.datetime64(today))).sum())


def _bar_days(security: Security) -> Days:
    moments = Price.objects.of(security, Bar.Interval.DAY).order_by("ts").values_list("ts", flat=True)
    return np.array([moment.date() for moment in moments], dtype="datetime64[D]")


def _changed_bars(security: Security) -> int:
    revisions = PriceRevision.objects.filter(security=security, interval=Bar.Interval.DAY)
    return revisions.values("ts").distinct().count()


def _dates(days: Days) -> list[date]:
    found: list[date] = days.tolist()
    return found
