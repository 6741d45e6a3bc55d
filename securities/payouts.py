"""What is suspicious about the dividends of one answer: another unit, one payment listed twice, far too large.

Pure. The adjusted close tells what the provider itself took off: D = P x (1 - factor before / factor after), where P
is the close before the ex-date.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median
from typing import Any

import numpy as np

from finances.valuation.continuity import is_near
from securities.bars import BarColumns
from securities.models import Bar, Dividend, Review
from securities.recovery import RawDividend, RawHistory

Reason = Review.Reason
Kind = Dividend.Kind

MINOR_MARKETS = frozenset({"GBP", "ILS", "ZAR"})
"""Currencies of markets that quote in hundredths of them."""
TWICE_WITHIN, UNITS_WITHIN = 3, 10
"""Days between two listings of one payment: of the same amount, of 100 times the amount."""
SAME_AMOUNT = Decimal("0.000001")
"""A smaller relative difference is none."""
LARGE = 0.10
SPECIAL, SPECIAL_TIMES = 0.05, 5
"""A special dividend is at least this much of the price, and so many times the median of those before it."""
ENOUGH = 3


@dataclass(frozen=True)
class DividendFinding:
    reason: str
    detail: str
    event: RawDividend
    proposal: dict[str, Any] | None = None


@dataclass(frozen=True)
class Around:
    """One event's surroundings."""

    event: RawDividend
    previous_close: float | None
    close: float | None
    implied: float | None
    """What the adjusted closes say was paid on that day, all kinds together."""
    others: list[RawDividend]
    known: list[RawDividend]
    """Those of the others that are stored."""


def screen_dividends(raw: RawHistory, stored: BarColumns, known: Iterable[RawDividend]) -> list[DividendFinding]:
    """known: dividends stored, which are not judged again. stored: bars before and around those of `raw`."""
    if raw.interval != Bar.Interval.DAY:
        return []
    known = list(known)
    fresh = [event for event in raw.dividends if not any(is_same(event, old) for old in known)]
    return [finding for event in fresh if (finding := _judged(_around(event, raw, stored, known)))]


def with_specials(raw: RawHistory, stored: BarColumns, known: Iterable[RawDividend]) -> RawHistory:
    """`raw` with the kind of special dividends, which the provider does not tell."""
    known = list(known)
    dividends = tuple(
        replace(event, kind=Kind.SPECIAL.value) if _is_special(_around(event, raw, stored, known)) else event
        for event in raw.dividends
    )
    return replace(raw, dividends=dividends)


def is_same(event: RawDividend, other: RawDividend) -> bool:
    """The same payment with the same amount, whether it counts as special or not."""
    gain = Kind.CAPITAL_GAIN.value
    same_event = event.ex_date == other.ex_date and (event.kind == gain) == (other.kind == gain)
    same_currency = event.currency_code == other.currency_code
    return same_event and same_currency and abs(event.amount - other.amount) <= abs(other.amount) * SAME_AMOUNT


def _judged(around: Around) -> DividendFinding | None:
    return _twice(around) or _gain_within(around) or _unit(around) or _large(around)


def _around(event: RawDividend, raw: RawHistory, stored: BarColumns, known: list[RawDividend]) -> Around:
    times = np.append(stored.times, raw.bars.times)
    closes = np.append(stored.closes, raw.bars.closes)
    opening = int(np.datetime64(event.ex_date, "s").astype(np.int64))
    before, after = np.flatnonzero(times < opening), np.flatnonzero(times >= opening)
    before, after = before[np.argsort(times[before], kind="stable")], after[np.argsort(times[after], kind="stable")]
    previous = float(closes[before[-1]]) if len(before) else None
    for split in raw.splits:
        if previous is not None and split.ex_date == event.ex_date:
            previous *= split.denominator / split.numerator
    everything = [*raw.dividends, *(old for old in known if not any(is_same(old, new) for new in raw.dividends))]
    others = [other for other in everything if other is not event and other.currency_code == event.currency_code]
    return Around(
        event=event,
        previous_close=previous if previous and previous > 0 else None,
        close=float(closes[after[0]]) if len(after) else None,
        implied=_implied(raw, opening, previous),
        others=others,
        known=[other for other in others if any(is_same(other, old) for old in known)],
    )


def _implied(raw: RawHistory, opening: int, previous: float | None) -> float | None:
    at = int(np.searchsorted(raw.bars.times, opening))
    if raw.payouts is None or previous is None or at in (0, len(raw.bars)):
        return None
    factor = float(raw.payouts[at - 1] / raw.payouts[at])
    return previous * (1 - factor) if 0 < factor < 1 - 1e-5 else None


def _twice(around: Around) -> DividendFinding | None:
    event = around.event
    for other in around.others:
        if other.kind != event.kind or other.ex_date == event.ex_date or other.amount <= 0:
            continue
        days, times = (other.ex_date - event.ex_date).days, float(event.amount / other.amount)
        # Of two new ones the later is right, as a rule; what is stored stands.
        close_by = 0 < days <= TWICE_WITHIN or (other in around.known and -TWICE_WITHIN <= days < 0)
        again = close_by and is_near(times, 1.0, 1e-6)
        in_minor = abs(days) <= UNITS_WITHIN and is_near(times, 100.0, 0.01)
        if again or in_minor:
            detail = f"{_plain(event)} on {event.ex_date} looks like the {_plain(other)} of {other.ex_date} once more."
            return DividendFinding(Reason.PHANTOM_DIVIDEND, detail, event, {"kind": "drop_dividend"})
    return None


def _gain_within(around: Around) -> DividendFinding | None:
    """A capital gain that the dividend of the day contains already, to judge by how far the price fell."""
    event = around.event
    same_day = [other for other in around.others if other.ex_date == event.ex_date and other.kind != event.kind]
    if event.kind != Kind.CAPITAL_GAIN or not same_day or around.previous_close is None or around.close is None:
        return None
    paid, gain, fall = float(same_day[0].amount), float(event.amount), around.previous_close - around.close
    if paid < gain or abs(fall - paid - gain) < abs(fall - paid):
        return None
    detail = f"The dividend of {paid:g} on {event.ex_date} seems to contain the capital gain of {gain:g}."
    return DividendFinding(Reason.PHANTOM_DIVIDEND, detail, event, {"kind": "drop_dividend"})


def _unit(around: Around) -> DividendFinding | None:
    event, implied = around.event, around.implied
    if implied is None:
        return None
    times = float(event.amount) / implied
    factor = 0.01 if is_near(times, 100.0, 0.35) else 100.0 if is_near(times, 0.01, 0.35) else None
    if factor is None:
        return None
    detail = f"{_plain(event)} on {event.ex_date}, where the adjusted closes say {implied:.4g}."
    return DividendFinding(Reason.DIVIDEND_UNIT, detail, event, {"kind": "scale_dividend", "factor": factor})


def _large(around: Around) -> DividendFinding | None:
    event, price = around.event, around.previous_close or around.close
    amount = float(event.amount)
    confirmed = around.implied is not None and is_near(amount / around.implied, 1.0, 1.0)
    if price is None or amount <= LARGE * price or confirmed or event.kind == Kind.CAPITAL_GAIN:
        return None
    usual = _usual(around)
    detail = f"{_plain(event)} on {event.ex_date} is {amount / price:.0%} of the price before it."
    in_minor = {"kind": "scale_dividend", "factor": 0.01}
    if event.currency_code in MINOR_MARKETS and (
        usual is None or amount < 20 * usual or is_near(amount / usual, 100, 2)
    ):
        return DividendFinding(Reason.DIVIDEND_UNIT, detail, event, in_minor)
    if usual is not None and amount >= 20 * usual:
        proposal = in_minor if is_near(amount / usual, 100.0, 2.0) else None
        return DividendFinding(Reason.LARGE_DIVIDEND, detail, event, proposal)
    return DividendFinding(Reason.LARGE_DIVIDEND, detail, event) if amount >= price else None


def _plain(event: RawDividend) -> str:
    return f"{event.amount.normalize():f}"


def _usual(around: Around) -> float | None:
    amounts = [float(other.amount) for other in around.others if other.kind == Kind.ORDINARY]
    return median(amounts) if len(amounts) >= ENOUGH else None


def _is_special(around: Around) -> bool:
    event, price = around.event, around.previous_close
    earlier = list(_ordinary_before(around))
    if event.kind != Kind.ORDINARY or price is None or len(earlier) < ENOUGH:
        return False
    return float(event.amount) >= max(SPECIAL * price, SPECIAL_TIMES * median(earlier))


def _ordinary_before(around: Around) -> Iterator[float]:
    for other in around.others:
        if other.kind == Kind.ORDINARY and other.ex_date < around.event.ex_date:
            yield float(other.amount)
