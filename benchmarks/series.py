"""What is written: invented bars and rates, the same for both writers. Knows no library, so that both can import it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import sin
from typing import NamedTuple

FIRST = date(1987, 1, 1)


class Bar(NamedTuple):
    at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: int


def bars(count: int, percent: int = 0) -> list[Bar]:
    """Of `count` weekdays, all prices that many percent higher."""
    levels = ((day, round((100 + 30 * sin(n * 0.01)) * (1 + percent / 100), 2)) for n, day in _weekdays(count))
    return [
        Bar(
            datetime(day.year, day.month, day.day, tzinfo=UTC),
            round(level * 0.998, 2),
            round(level * 1.01, 2),
            round(level * 0.99, 2),
            level,
            1_000_000 + day.toordinal(),
        )
        for day, level in levels
    ]


def rates(count: int, percent: int = 0) -> list[tuple[date, Decimal]]:
    """Units of the quote currency for one of the base, of `count` weekdays."""
    return [(day, Decimal(str(round((2 + sin(n * 0.01)) * (1 + percent / 100), 6)))) for n, day in _weekdays(count)]


def _weekdays(count: int) -> Iterator[tuple[int, date]]:
    day = FIRST
    for n in range(count):
        yield n, day
        day += timedelta(days=3 if day.weekday() == 4 else 1)
