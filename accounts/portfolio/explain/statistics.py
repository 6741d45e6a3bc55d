"""What is made of the daily returns: sums over them, volatility, ratios, comparison, drawdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from accounts.portfolio.explain.benchmark import BenchmarkReturn
from accounts.portfolio.explain.ranges import Range, parts_of
from accounts.portfolio.explain.returns import Return, unknown_term
from accounts.portfolio.explain.terms import Operation, Term, constant, number
from accounts.portfolio.performance.figures import FRACTION_PLACES, YEAR_DAYS, fraction
from accounts.portfolio.performance.journey import Journey
from accounts.portfolio.performance.reading import Performance
from finances.valuation.adjustment import Floats
from finances.valuation.figures import Figure

SUMS = ("r", "rr", "m", "mm", "rm")
"""Sums of daily returns, of their squares, the same of the benchmark's, and of the products of both."""
NAMES = {
    "r": "sum of daily returns",
    "rr": "sum of their squares",
    "m": "sum of the benchmark's daily returns",
    "mm": "sum of their squares",
    "rm": "sum of the products of both",
}


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
