"""The days on which a security trades.

The library of trading calendars costs 0.7 to 1.9 seconds to import (more on a cold disk) and a calendar 0.1 to 0.4,
once a process: a thread loads them when they are first asked for, and nobody waits longer than WAIT_SECONDS for it.
"""

import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from finances.errors import RuleViolation, Unavailable
from securities.calendar_codes import BY_EXCHANGE, BY_SUFFIX
from securities.models import Security

Days = npt.NDArray[np.datetime64]
"""Dates (datetime64[D]), ascending."""


class Calendar(NamedTuple):
    days: Days
    closes: npt.NDArray[np.datetime64]
    """UTC (datetime64[s]), one for each day."""


WEEKDAYS, EVERY_DAY = "weekdays", "every day"
"""Calendars that need no library."""
WAIT_SECONDS = 2.0
"""How long a request waits for the first use of a calendar."""
# Holidays of some markets are recorded from later years on.
BEGINNINGS = ("1960-01-01", "1990-01-01", "2000-01-01")
_loader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="calendars")


class UnknownCalendar(RuleViolation):
    """Nobody can say whether a day was a trading day."""

    code = "unknown_calendar"


class CalendarLoading(Unavailable):
    code = "calendar_loading"
    message = "The trading calendar is being loaded; ask again in a few seconds."
    retry_after = 5


def calendar_of(security: Security) -> str | None:
    """The calendar's code, by the symbol's suffix or the exchange's name; None where none is known."""
    if security.owner_id is not None:
        return None
    if security.security_type == Security.Type.CRYPTO:
        return EVERY_DAY
    if security.security_type == Security.Type.CURRENCY:
        return WEEKDAYS
    _stem, dot, suffix = security.symbol.rpartition(".")
    return (BY_SUFFIX.get(suffix) if dot else None) or BY_EXCHANGE.get(security.exchange.casefold())


def trading_days(security: Security, start: date, end: date) -> Days:
    """The security's trading days from `start` to `end`, both inclusive, as far back as its calendar goes.

    Raises UnknownCalendar, and CalendarLoading after WAIT_SECONDS.
    """
    code = calendar_of(security)
    if code is None:
        raise UnknownCalendar(
            f"No trading calendar is known for {security.symbol} at {security.exchange or 'nowhere'}."
        )
    if code in (WEEKDAYS, EVERY_DAY):
        return plain_days(start, end, every_day=code == EVERY_DAY)
    days = _sessions(code, max(end.year, timezone.now().year))
    if not len(days) or days[-1].item().year < end.year:
        raise UnknownCalendar(f"The trading calendar of {security.symbol} is not known up to {end}.")
    return days[(days >= np.datetime64(start)) & (days <= np.datetime64(end))]


def last_close(code: str, now: datetime) -> datetime | None:
    """When the calendar's newest session before `now` ended; None where nobody knows. Without a library's calendar a
    day ends at midnight UTC. Raises CalendarLoading after WAIT_SECONDS."""
    if code in (WEEKDAYS, EVERY_DAY):
        days = plain_days(now.date() - timedelta(days=4), now.date() - timedelta(days=1), every_day=code == EVERY_DAY)
        return datetime.combine(days[-1].item() + timedelta(days=1), time(), tzinfo=UTC)
    closes = _calendar(code, now.year).closes
    at = np.searchsorted(closes, np.datetime64(now.replace(tzinfo=None)), side="right")
    return closes[at - 1].astype("datetime64[us]").item().replace(tzinfo=UTC) if at else None


def plain_days(start: date, end: date, *, every_day: bool = False) -> Days:
    """All days or weekdays from `start` to `end`, both inclusive."""
    days = np.arange(np.datetime64(start), np.datetime64(end) + 1)
    return days if every_day else days[np.is_busday(days)]


def _sessions(code: str, year: int) -> Days:
    return _calendar(code, year).days


def _calendar(code: str, year: int) -> Calendar:
    try:
        return _loading(code, year).result(timeout=WAIT_SECONDS)
    except TimeoutError as error:
        raise CalendarLoading from error


@lru_cache(maxsize=128)
def _loading(code: str, year: int) -> Future[Calendar]:
    """Begun once a process and year."""
    return _loader.submit(_load, code, year)


def _load(code: str, year: int) -> Calendar:
    """From the first beginning that the market's records reach back to."""
    import exchange_calendars  # type: ignore[import-untyped]  # it has no types
    from pandas.errors import Pandas4Warning

    # Raised inside the library by the hundred; it is about the library's own code.
    warnings.filterwarnings("ignore", category=Pandas4Warning)
    # Without an end it is as late as holidays are known, which for some markets is less than a year ahead.
    for end, start in product((f"{year}-12-31", None), BEGINNINGS):
        with suppress(ValueError):
            found = exchange_calendars.get_calendar(code, start=start, end=end)
            closes = found.closes.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
            return Calendar(found.sessions.to_numpy().astype("datetime64[D]"), closes)
    return Calendar(np.array([], dtype="datetime64[D]"), np.array([], dtype="datetime64[s]"))
