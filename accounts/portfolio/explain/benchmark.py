"""Returns of the benchmark, from close to close."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounts.portfolio.explain.ranges import Range
from accounts.portfolio.explain.rows import rate_term
from accounts.portfolio.explain.terms import Operation, Term, constant, number
from accounts.portfolio.performance.benchmark import Benchmark
from accounts.portfolio.performance.figures import Stage, fraction

DAY = timedelta(days=1)


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
