"""What a portfolio consists of: a line for each position, for the cash in each currency, and for recorded values."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import prod
from typing import NamedTuple

import numpy as np

from accounts.ledger.splits import KnownSplit
from accounts.portfolio.facts import AccountFacts, RecordedValue, SecurityFacts
from accounts.portfolio.positions import Position
from finances.valuation import series
from finances.valuation.adjustment import Floats, Ints
from finances.valuation.positions import Steps, day_number

PRICE_MAX_AGE = 14
"""Days for which a listed security's close counts after its own: the longest holidays of exchanges are eleven."""
ALWAYS = 10_000_000
"""A manual security's price counts until the next one."""


class Kind(StrEnum):
    SECURITY = "security"
    CASH = "cash"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One part of the portfolio, signed as it counts: what is owed is negative."""

    account_id: uuid.UUID
    kind: Kind
    security_id: int | None
    valued: series.Line
    """Its amount over time, in its currency, as `finances.valuation.series` values it."""

    @property
    def currency_code(self) -> str:
        return self.valued.currency


class Stretch(NamedTuple):
    """From the day `since` (a number) on, closes are those of `security_id`, times what `splits` of it have made of a
    unit held."""

    since: int
    security_id: int
    splits: tuple[KnownSplit, ...]


@dataclass(frozen=True, slots=True)
class DayCloses:
    """days (n,), ascending; closes (n,) as traded, per unit held, in the security's currency."""

    days: Ints
    closes: Floats
    stretches: tuple[Stretch, ...] = ()
    """Of a renamed security, ascending."""

    def origin(self, security_id: int, day: date) -> tuple[int, Fraction]:
        """Whose close that of `security_id` on `day` is, and how many of its units one unit held has become by then."""
        own = [stretch for stretch in self.stretches if stretch.since <= day_number(day)]
        if not own:
            return security_id, Fraction(1)
        counted = (split.ratio for split in own[-1].splits if split.ex_date <= day)
        return own[-1].security_id, prod(counted, start=Fraction(1))


@dataclass(frozen=True, slots=True)
class Span:
    """The days on which an account counts, and from which on by its ledger."""

    first: date | None
    """Of its first transaction or recorded value; None where there is none."""
    ledger_from: date | None
    """Its first transaction: the ledger counts from then on, recorded values before."""
    last: date | None
    """Of an archived account; None without end."""


def span_of(account: AccountFacts, values: list[RecordedValue], ledger: tuple[date, date] | None) -> Span:
    """`ledger`: the days of its first and last transaction.

    An archived account counts up to the day it was closed on, else up to the last that anything is recorded of.
    """
    firsts = [day for day in (values[0].on if values else None, ledger and ledger[0]) if day]
    lasts = [day for day in (values[-1].on if values else None, ledger and ledger[1]) if day]
    last = None if account.is_active else account.closed_on or max(lasts, default=date.min)
    return Span(min(firsts, default=None), ledger and ledger[0], last)


def position_line(
    account_id: uuid.UUID, security: SecurityFacts, position: Position, closes: DayCloses, span: Span
) -> Line:
    splits = sorted(position.splits, key=lambda split: split.on)
    held = series.Holding(
        steps=until(position.steps, span.last),
        currency=security.currency_code,
        close_days=closes.days,
        closes=closes.closes,
        split_days=np.array([day_number(split.on) for split in splits], dtype=np.int64),
        split_ratios=np.array([split.numerator / split.denominator for split in splits], dtype=np.float64),
        max_age=ALWAYS if security.is_manual else PRICE_MAX_AGE,
    )
    return Line(account_id=account_id, kind=Kind.SECURITY, security_id=security.id, valued=held)


def cash_line(account_id: uuid.UUID, currency_code: str, balances: Steps, span: Span) -> Line:
    money = series.Money(steps=until(balances, span.last), currency=currency_code)
    return Line(account_id=account_id, kind=Kind.CASH, security_id=None, valued=money)


def recorded_lines(
    accounts: Mapping[uuid.UUID, AccountFacts],
    values: Mapping[uuid.UUID, list[RecordedValue]],
    spans: Mapping[uuid.UUID, Span],
) -> Iterator[Line]:
    """Of accounts with values from before their first transaction."""
    for key, span in spans.items():
        account = accounts[key]
        counted = [value for value in values.get(key, []) if span.ledger_from is None or value.on < span.ledger_from]
        if counted:
            steps = _recorded_steps(counted, account.sign, span)
            money = series.Money(steps=steps, currency=account.currency_code)
            yield Line(account_id=key, kind=Kind.RECORDED, security_id=None, valued=money)


def _recorded_steps(values: list[RecordedValue], sign: int, span: Span) -> Steps:
    pairs: list[tuple[date, Decimal | int]] = [(value.on, value.value * sign) for value in values]
    if span.ledger_from is not None:
        pairs.append((span.ledger_from, 0))
    days = np.array([day_number(day) for day, _ in pairs], dtype=np.int64)
    return until(Steps(days, np.array([float(value) for _, value in pairs])), span.last)


def until(steps: Steps, last: date | None) -> Steps:
    """Nothing after the day `last`."""
    if last is None or last == date.max:
        return steps
    end = day_number(last + timedelta(days=1))
    kept = int(np.searchsorted(steps.days, end))
    return Steps(np.append(steps.days[:kept], end), np.append(steps.quantities[:kept], 0.0))
