"""How a person's accounts did over a range of days, by their ledger."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from accounts.portfolio.gaps import gaps_of
from accounts.portfolio.inputs import Inputs, read_inputs
from accounts.portfolio.lines import Kind
from accounts.portfolio.names import line_figure
from accounts.portfolio.performance.benchmark import Benchmark, Comparison, read_benchmark
from accounts.portfolio.performance.bookings import Selection
from accounts.portfolio.performance.causes import Missing, missing_of
from accounts.portfolio.performance.figures import Risk, Stage, months_of, years_of
from accounts.portfolio.performance.journey import journey_of
from accounts.portfolio.worth import Worth
from finances.errors import RuleViolation
from finances.users.models import User
from securities.models import Security

DAY = timedelta(days=1)
MOST_DAYS = 36_525
"""A hundred years: what is kept for every day must have an end."""


class EndsInFuture(RuleViolation):
    code = "ends_in_future"
    message = "end_date is after today."


class RangeTooLong(RuleViolation):
    code = "range_too_long"
    message = "At most a hundred years at once."


@dataclass(frozen=True, kw_only=True)
class PerformanceQuery:
    """Days are inclusive; None as `start`: from the first transaction on. `account_ids`: None for all assets."""

    base: str
    start: date | None
    end: date
    known_at: datetime | None = None
    account_ids: Collection[uuid.UUID] | None = None
    benchmark: Security | None = None
    risk_free_rate: Decimal = Decimal(0)


@dataclass(frozen=True)
class LeftOut:
    """An account whose days do not all count, and why."""

    account_id: uuid.UUID
    code: str
    detail: str


@dataclass(frozen=True)
class Performance:
    query: PerformanceQuery
    stage: Stage
    left_out: list[LeftOut]
    benchmark: Benchmark | None

    @property
    def account_ids(self) -> list[uuid.UUID]:
        return [key for key in self.stage.journey.inputs.accounts if key in self.stage.journey.selection.last]

    @cached_property
    def risk(self) -> Risk:
        return Risk(self.stage.passage, self.query.risk_free_rate)

    @cached_property
    def comparison(self) -> Comparison | None:
        return None if self.benchmark is None else Comparison(self.stage.passage, self.benchmark.passage)

    @cached_property
    def years(self) -> list[Stage]:
        return list(years_of(self.stage))

    @cached_property
    def months(self) -> list[Stage]:
        return list(months_of(self.stage))

    @property
    def excluded_days(self) -> list[date]:
        """On which something was earned or lost on nothing invested; no return counts them."""
        return [self.stage.journey.day(int(at) + 1) for at in np.flatnonzero(self.stage.passage.without_capital)]

    @cached_property
    def missing(self) -> list[Missing]:
        """Of the whole range; the tables' rows tell their own."""
        causes = {
            "twr_annualized": self.stage.passage.annualized.cause,
            "xirr": self.stage.money_weighted.cause,
            "max_drawdown": self.stage.passage.drawdown[0].cause,
            "volatility": self.risk.volatility.cause,
            "sharpe": self.risk.sharpe.cause,
        }
        if self.comparison is not None:
            causes |= {name: figure.cause for name, figure in self.comparison.figures.items()}
        named = (missing_of(name, cause) for name, cause in causes.items())
        return [*self.stage.missing, *(each for found in named for each in found), *self._gaps()]

    def _gaps(self) -> Iterator[Missing]:
        """The parts that are not known at the start or at the end."""
        journey = self.stage.journey
        if self.stage.opening_value is not None and self.stage.closing_value is not None:
            return
        securities = journey.inputs.securities
        names = {line_figure(line, securities.get(line.security_id or 0)) for line in journey.lines}
        for gap in gaps_of(Worth(journey.inputs, journey.track.days[[0, -1]])):
            if gap.figure in names:
                yield {"figure": gap.figure, "code": gap.code, "detail": gap.detail}


def read_performance(owner: User, query: PerformanceQuery, *, today: date) -> Performance:
    """Raises EndsInFuture, RangeTooLong."""
    if query.end > today:
        raise EndsInFuture
    wanted = query.start or query.end
    inputs = read_inputs(
        owner,
        base=query.base,
        start=_earliest(wanted, query),
        end=query.end,
        known_at=query.known_at,
        extra_codes=[] if query.benchmark is None else [query.benchmark.currency_id],
    )
    selection = _select(inputs, query.account_ids)
    start = _start(inputs, selection, query)
    if (query.end - start).days >= MOST_DAYS:
        raise RangeTooLong
    journey = journey_of(inputs, selection, start=start, end=query.end)
    stage = Stage(journey, start, query.end)
    benchmark = read_benchmark(query.benchmark, stage, today=today) if query.benchmark is not None else None
    return Performance(query, stage, list(_left_out(inputs, selection, query)), benchmark)


def _earliest(wanted: date, query: PerformanceQuery) -> date:
    """Rates of that day on are read."""
    if query.start is None:
        return date.min
    return wanted - DAY if wanted > date.min else wanted


def _start(inputs: Inputs, selection: Selection, query: PerformanceQuery) -> date:
    """The first day with a transaction, unless a later one is asked for: nothing was there before it."""
    own = [entry.trade_date for entry in inputs.entries if _touches(entry, selection)]
    first = max(min(own, default=query.end), date.min + DAY)
    return max(query.start or first, first)


def _touches(entry: Any, selection: Selection) -> bool:
    return entry.account_id in selection.last or entry.counter_account_id in selection.last


def _select(inputs: Inputs, account_ids: Collection[uuid.UUID] | None) -> Selection:
    """Accounts with a ledger; liabilities where they are named."""
    chosen = [
        key
        for key, account in inputs.accounts.items()
        if inputs.spans[key].ledger_from is not None
        and (not account.is_liability if account_ids is None else key in account_ids)
    ]
    return Selection({key: inputs.spans[key].last or date.max for key in chosen}, inputs.home)


def _left_out(inputs: Inputs, selection: Selection, query: PerformanceQuery) -> Iterator[LeftOut]:
    recorded = {line.account_id for line in inputs.lines if line.kind is Kind.RECORDED}
    for key, account in inputs.accounts.items():
        if query.account_ids is not None and key not in query.account_ids:
            continue
        from_ = inputs.spans[key].ledger_from
        if key not in selection.last and account.is_liability and query.account_ids is None:
            yield LeftOut(key, "liability", "What is owed counts only where `accounts` names it.")
        elif key not in selection.last and key in recorded:
            yield LeftOut(key, "recorded_values_only", "What flowed in and out of recorded values is not known.")
        elif key in recorded:
            detail = f"It counts from its first transaction on {from_}; what flowed before is not known."
            yield LeftOut(key, "recorded_before_ledger", detail)
