"""Returns and what is made of them, down to the values, deposits and withdrawals of single days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

import numpy as np

from accounts.portfolio.explain.ranges import Range, parts_of
from accounts.portfolio.explain.rows import rate_term
from accounts.portfolio.explain.stages import booked_term, value_term
from accounts.portfolio.explain.terms import Operation, Term, constant, number
from accounts.portfolio.performance.benchmark import Benchmark
from accounts.portfolio.performance.bookings import Part
from accounts.portfolio.performance.causes import DETAILS
from accounts.portfolio.performance.figures import FRACTION_PLACES, YEAR_DAYS, Stage, fraction
from accounts.portfolio.performance.journey import Journey
from accounts.portfolio.performance.reading import Performance
from finances.valuation.adjustment import Floats
from finances.valuation.figures import Cause, Figure
from finances.valuation.scale import EXACT
from finances.valuation.track import Passage

DAY = timedelta(days=1)
SUMS = ("r", "rr", "m", "mm", "rm")
"""Sums of daily returns, of their squares, the same of the benchmark's, and of the products of both."""
TWR_RULE = (
    "(value + withdrawals) / (value before + deposits) - 1 of each day, linked. Days without a value that no flow "
    "needs are one with the next; days without capital are left out."
)


@dataclass(frozen=True)
class Return:
    """The return of a journey over a range."""

    journey: Journey
    range: Range

    @property
    def figure(self) -> str:
        return f"performance:return@{self.range}"

    @property
    def passage(self) -> Passage:
        first, last = (self.journey.position(day) for day in self.range)
        return self.journey.track.between(first - 1, last)

    @property
    def value(self) -> Decimal | None:
        """Of a single day without capital and without gain: 0."""
        found = self.passage.time_weighted.value
        if found is None and len(self.passage.daily) == 1:
            return number(self.passage.daily[0])
        return None if found is None else number(found)

    def brief(self) -> Term:
        return Term(name=f"return of {self.range}", value=self.value, unit="fraction", figure=self.figure)

    def term(self, *, places: int | None = None) -> Term:
        if places and self.passage.time_weighted.value is None:
            return unknown_term("twr", self.figure, self.passage.time_weighted.cause)
        stretches = self.stretches
        if stretches == [self.range]:
            return self._quotient()
        parts = [Return(self.journey, part) for part in parts_of(self.range, stretches)]
        return Term(
            name=f"return of {self.range}",
            value=fraction(self.passage.time_weighted.value) if places else self.value,
            unit="fraction",
            operation=Operation.LINK,
            terms=[part.brief() for part in parts],
            figure=self.figure,
            places=places,
            rule=TWR_RULE,
        )

    @property
    def stretches(self) -> list[Range]:
        """The days and stretches that are linked, without those on which nothing changed."""
        values, deposits, withdrawals, ends = self.passage.stretches
        starts = np.append(0, ends[:-1])
        first = self.journey.position(self.range.first) - 1
        capital = values[:-1] + deposits
        changed = (values[1:] + withdrawals != capital) & (capital != 0)
        pairs = zip(starts[changed] + first, ends[changed] + first, strict=True)
        return [Range(self.journey.day(int(start) + 1), self.journey.day(int(end))) for start, end in pairs]

    def _quotient(self) -> Term:
        first, last = self.range
        above = self._and_flows(last, Operation.DIFFERENCE, "withdrawals")
        below = self._and_flows(first - DAY, Operation.SUM, "deposits")
        growth = Term(name="growth", value=None, operation=Operation.QUOTIENT, terms=[above, below])
        return Term(
            name=f"return of {self.range}",
            value=self.value,
            unit="fraction",
            operation=Operation.DIFFERENCE,
            terms=[growth, constant("the capital itself", 1)],
            figure=self.figure,
            rule=TWR_RULE,
        )

    def _and_flows(self, on: date, operation: Operation, side: str) -> Term:
        value = value_term(self.journey, on, places=None, figure=f"performance:value@{on}..{on}")
        brief = Term(name=value.name, value=value.value, unit=value.unit, figure=value.figure)
        return Term(
            name=f"value at the end of {on} and {side}",
            value=None,
            unit=value.unit,
            operation=operation,
            terms=[brief, flows_term(self.journey, self.range, side)],
        )


def flows_term(journey: Journey, over: Range, side: str) -> Term:
    """Deposits positive, withdrawals negative."""
    sign = 1 if side == "deposits" else -1
    booked = [
        each
        for each in journey.booked_between(*over)
        if each.part is Part.FLOWS and (each.amount is None or each.amount * sign > 0)
    ]
    amounts = [each.amount for each in booked if each.amount is not None]
    with localcontext(EXACT):
        value = sum(amounts, Decimal(0)) if len(amounts) == len(booked) else None
    return Term(
        name=side,
        value=value,
        unit=journey.inputs.base,
        operation=Operation.SUM,
        terms=[booked_term(journey, each) for each in booked],
        figure=f"performance:{side}@{over}",
        rule="A deposit is there from the start of its day, a withdrawal until the end of it.",
    )


def unknown_term(name: str, figure: str, cause: Cause | None) -> Term:
    """Nothing to follow, but why."""
    return Term(name=name, value=None, figure=figure, rule="" if cause is None else DETAILS[cause])


def annualized_term(name: str, total: Term, figure: Figure, days: int) -> Term:
    if figure.value is None:
        return unknown_term(name, f"performance:{name}", figure.cause)
    return Term(
        name=name,
        value=fraction(figure.value),
        unit="fraction",
        operation=Operation.COMPOUND,
        terms=[total, constant("days of a year", YEAR_DAYS), constant("days with capital, first to last", days)],
        figure=f"performance:{name}",
        places=FRACTION_PLACES,
        rule="Per 365 days; not below 365 days.",
    )


def xirr_term(stage: Stage) -> Term:
    """Every flow with its day."""
    if stage.money_weighted.rate is None:
        return unknown_term("xirr", "performance:xirr", stage.money_weighted.cause)
    days, amounts = stage.xirr_flows
    terms = [
        Term(name="flow", value=number(amount), unit=stage.base, row={"kind": "flow", "date": day})
        for day, amount in zip(days, amounts, strict=True)
    ]
    return Term(
        name="xirr",
        value=fraction(stage.money_weighted.rate),
        unit="fraction",
        operation=Operation.ROOT_OF_FLOWS,
        terms=terms,
        figure="performance:xirr",
        places=FRACTION_PLACES,
        rule="The value at the start and deposits negative; withdrawals and the value at the end positive.",
    )


@dataclass(frozen=True)
class Sum:
    """A sum over daily returns that statistics need; `kind` is one of SUMS."""

    performance: Performance
    kind: str
    range: Range

    @property
    def figure(self) -> str:
        return f"performance:sum:{self.kind}@{self.range}"

    def brief(self) -> Term:
        return Term(name=NAMES[self.kind], value=number(float(self._amounts().sum())), figure=self.figure)

    def term(self) -> Term:
        """By day, month or year."""
        ranges = parts_of(self.range, self._days())
        single = len(ranges) == len(self._days())
        terms = [
            self._of_day(each.first) if single else Sum(self.performance, self.kind, each).brief() for each in ranges
        ]
        return Term(
            name=NAMES[self.kind],
            value=number(float(self._amounts().sum())),
            operation=Operation.SUM,
            terms=terms,
            figure=self.figure,
            rule="Of the days with capital, from the first to the last; without days that have no return.",
        )

    @property
    def journey(self) -> Journey:
        return self.performance.stage.journey

    def _daily(self) -> dict[str, Floats]:
        """(n,) of all days of the stage; 0 where a day does not count."""
        passage = self.performance.stage.passage
        found = {"r": np.zeros(len(passage.daily)), "m": np.zeros(len(passage.daily))}
        if passage.measured is not None:
            first, last = passage.measured
            found["r"][first : last + 1] = passage.daily[first : last + 1]
            if self.performance.benchmark is not None:
                found["m"][first : last + 1] = self.performance.benchmark.passage.daily[first : last + 1]
        return {name: np.where(passage.without_capital, 0.0, daily) for name, daily in found.items()}

    def _amounts(self) -> Floats:
        daily = self._daily()
        products = np.prod([daily[letter] for letter in self.kind], axis=0)
        first, last = (self._place(day) for day in self.range)
        return np.asarray(products[first : last + 1])

    def _place(self, day: date) -> int:
        return (day - self.performance.stage.start).days

    def _days(self) -> list[Range]:
        days = (self.range.first + timedelta(days=int(at)) for at in np.flatnonzero(self._amounts()))
        return [Range(day, day) for day in days]

    def _of_day(self, day: date) -> Term:
        factors = {"r": Return(self.journey, Range(day, day)).brief()}
        if self.performance.benchmark is not None:
            factors["m"] = BenchmarkReturn(self.performance.stage, self.performance.benchmark, Range(day, day)).brief()
        if len(self.kind) == 1:
            return factors[self.kind]
        value = number(float(self._amounts()[(day - self.range.first).days]))
        return Term(
            name=str(day), value=value, operation=Operation.PRODUCT, terms=[factors[letter] for letter in self.kind]
        )  # fmt: skip


NAMES = {
    "r": "sum of daily returns",
    "rr": "sum of their squares",
    "m": "sum of the benchmark's daily returns",
    "mm": "sum of their squares",
    "rm": "sum of the products of both",
}


@dataclass(frozen=True)
class BenchmarkReturn:
    """Of the benchmark over a range: from close to close in the base currency."""

    stage: Stage
    benchmark: Benchmark
    range: Range

    @property
    def figure(self) -> str:
        return f"performance:benchmark-return@{self.range}"

    @property
    def value(self) -> Decimal | None:
        first, last = self._place(self.range.first - DAY), self._place(self.range.last)
        values = self.benchmark.passage.values
        return number(float(values[last] / values[first] - 1.0))

    def brief(self) -> Term:
        return Term(name=f"benchmark's return of {self.range}", value=self.value, unit="fraction", figure=self.figure)

    def term(self, *, name: str | None = None, places: int | None = None) -> Term:
        growth = Term(
            name="growth",
            value=None,
            operation=Operation.QUOTIENT,
            terms=[self._worth(self.range.last), self._worth(self.range.first - DAY)],
        )
        value = self.value
        return Term(
            name=name or f"benchmark's return of {self.range}",
            value=fraction(float(value)) if places and value is not None else value,
            unit="fraction",
            operation=Operation.DIFFERENCE,
            terms=[growth, constant("the start itself", 1)],
            figure=self.figure if name is None else f"performance:{name}",
            places=places,
            rule="Closes adjusted for splits and dividends, as if dividends were reinvested, at the day's rates.",
        )

    def _worth(self, on: date) -> Term:
        close = self.benchmark.close_on(on)
        if close is None:
            return Term(name=f"one unit on {on}", value=None, rule="No close counts on this day.")
        row = {"kind": "price", "date": close.day, "basis": "adjusted for splits and dividends"}
        row |= {"symbol": self.benchmark.security.symbol, "as_traded": close.as_traded}
        adjusted = Term(
            name=f"adjusted close of {close.day}",
            value=number(close.adjusted),
            unit=self.benchmark.security.currency_id,
            row=row,
        )
        rate = rate_term(self.stage.journey.inputs, self.benchmark.security.currency_id, on)
        return Term(
            name=f"one unit on {on}",
            value=None,
            unit=self.stage.base,
            operation=Operation.PRODUCT,
            terms=[adjusted, rate],
        )

    def _place(self, day: date) -> int:
        return (day - self.stage.start).days + 1


@dataclass(frozen=True)
class Statistics:
    """What is made of the daily returns of a performance."""

    performance: Performance

    @property
    def whole(self) -> Range:
        return Range(self.performance.stage.start, self.performance.stage.end)

    @property
    def count(self) -> Term:
        days = len(self.performance.stage.passage.returns)
        return constant("days with a return", days)

    def sums(self, *kinds: str) -> Sequence[Term]:
        return [Sum(self.performance, kind, self.whole).brief() for kind in kinds]

    def _deviation(self) -> Term:
        terms = [self.count, *self.sums("r", "rr")]
        return Term(name="deviation of a day", value=None, operation=Operation.DEVIATION, terms=terms)

    def _root_of_year(self) -> Term:
        days = [constant("days of a year", YEAR_DAYS)]
        return Term(name="their root", value=None, operation=Operation.SQUARE_ROOT, terms=days)

    def _figure(self, name: str, figure: Figure, operation: Operation, terms: Sequence[Term], rule: str) -> Term:
        if figure.value is None:
            return unknown_term(name, f"performance:{name}", figure.cause)
        return Term(
            name=name,
            value=fraction(figure.value),
            unit="fraction",
            operation=operation,
            terms=terms,
            figure=f"performance:{name}",
            places=FRACTION_PLACES,
            rule=rule,
        )

    def volatility(self) -> Term:
        rule = "The sample's deviation of daily returns, times the root of 365."
        terms = [self._deviation(), self._root_of_year()]
        return self._figure("volatility", self.performance.risk.volatility, Operation.PRODUCT, terms, rule)

    def sharpe(self) -> Term:
        rate = Term(
            name="risk-free rate of a day",
            value=None,
            operation=Operation.COMPOUND,
            terms=[
                Term(name="per year", value=self.performance.query.risk_free_rate),
                constant("one day", 1),
                constant("days of a year", YEAR_DAYS),
            ],
        )
        mean = Term(name="mean return", value=None, operation=Operation.QUOTIENT, terms=[*self.sums("r"), self.count])
        excess = Term(name="mean excess", value=None, operation=Operation.DIFFERENCE, terms=[mean, rate])
        ratio = Term(name="of a day", value=None, operation=Operation.QUOTIENT, terms=[excess, self._deviation()])
        rule = "Mean excess over the risk-free rate by its deviation, times the root of 365."
        return self._figure(
            "sharpe", self.performance.risk.sharpe, Operation.PRODUCT, [ratio, self._root_of_year()], rule
        )  # fmt: skip

    def beta(self) -> Term:
        terms = [self.count, *self.sums("r", "m", "rm", "mm")]
        return self.compared("beta", Operation.BETA, terms)

    def correlation(self) -> Term:
        terms = [self.count, *self.sums("r", "m", "rm", "mm", "rr")]
        return self.compared("correlation", Operation.CORRELATION, terms)

    def compared(self, name: str, operation: Operation, terms: Sequence[Term]) -> Term:
        assert self.performance.comparison is not None
        figure = self.performance.comparison.figures[f"benchmark.{name}"]
        return self._figure(f"benchmark:{name}", figure, operation, terms, "Of the daily returns of both.")

    def drawdown(self) -> Term:
        """The index at the trough by that at the peak before it, less 1."""
        figure, found = self.performance.stage.passage.drawdown
        terms: list[Term] = []
        if found is not None:
            growth = Term(
                name="trough by peak",
                value=None,
                operation=Operation.QUOTIENT,
                terms=[self._index(found.trough), self._index(found.peak)],
            )
            terms = [growth, constant("the peak itself", 1)]
        rule = "The deepest fall of the linked returns below an earlier value; the start counts as a peak."
        return self._figure("max_drawdown:depth", figure, Operation.DIFFERENCE, terms, rule)

    def _index(self, at: int) -> Term:
        """What 1 at the start has become."""
        stage = self.performance.stage
        if at == 0:
            return constant("index at the start", 1)
        to = Return(stage.journey, Range(stage.start, stage.journey.day(stage.bounds[0] + at)))
        return Term(
            name=f"index on {to.range.last}",
            value=None,
            operation=Operation.SUM,
            terms=[constant("start", 1), to.brief()],
        )
