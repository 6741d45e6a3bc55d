"""Which rates look wrong beside those before them; free of the database."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Literal, NamedTuple

JUMP = 20
"""No currency moves by this factor from one fixing to the next."""
PAR = (Decimal("0.98"), Decimal("1.02"))
"""A rate times the one before it, where one of them is upside down; and they differ by more than NORMAL_MOVE."""
NORMAL_MOVE = Decimal("1.05")
NEAR = timedelta(days=10)
"""Over longer gaps a rate may go from one side of par to the other by itself."""
TOLERANCE = Decimal("1e-6")
"""A relative difference up to it is no change."""
LEADING = 5

Reason = Literal["impossible", "future", "jump", "flipped", "restated"]


class DayClose(NamedTuple):
    day: date
    quote_per_base: Decimal


class Suspect(NamedTuple):
    day: date
    rate: str
    """As answered, digits or not."""
    reason: Reason


class Screened(NamedTuple):
    closes: list[DayClose]
    suspects: list[Suspect]


def screen(closes: list[DayClose], *, stored: Mapping[date, Decimal], before: DayClose | None) -> Screened:
    """Tell the rates that go on from the one `before` (None: from what most of the first ones say) from those that
    jump. What is `stored` already is beyond doubt."""
    screened, last = Screened([], []), before or _typical(closes)
    for close in closes:
        reason = None if _is_stored(close, stored) or last is None else _suspicion(last, close)
        if reason is None:
            screened.closes.append(close)
            last = close
        else:
            screened.suspects.append(Suspect(close.day, f"{close.quote_per_base:f}", reason))
    return screened


def differs(old: Decimal, new: Decimal) -> bool:
    return abs(old - new) > TOLERANCE * old


def _suspicion(last: DayClose, close: DayClose) -> Reason | None:
    old, new = last.quote_per_base, close.quote_per_base
    move = max(old / new, new / old)
    if close.day - last.day <= NEAR and move > NORMAL_MOVE and PAR[0] < old * new < PAR[1]:
        return "flipped"
    return "jump" if move >= JUMP else None


def _is_stored(close: DayClose, stored: Mapping[date, Decimal]) -> bool:
    return close.day in stored and not differs(stored[close.day], close.quote_per_base)


def _typical(closes: list[DayClose]) -> DayClose | None:
    first = closes[:LEADING]
    return DayClose(first[0].day, median(close.quote_per_base for close in first)) if first else None
