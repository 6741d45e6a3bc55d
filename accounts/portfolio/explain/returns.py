"""Returns and what is made of them, down to the values, deposits and withdrawals of single days."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

import numpy as np

from accounts.portfolio.explain.bookings import booked_term
from accounts.portfolio.explain.ranges import Range, parts_of
from accounts.portfolio.explain.stages import value_term
from accounts.portfolio.explain.terms import Operation, Term, constant, number
from accounts.portfolio.performance.bookings import Part
from accounts.portfolio.performance.causes import DETAILS
from accounts.portfolio.performance.figures import FRACTION_PLACES, YEAR_DAYS, Stage, fraction
from accounts.portfolio.performance.journey import Journey
from finances.valuation.figures import Cause, Figure
from finances.valuation.scale import EXACT
from finances.valuation.track import Passage

DAY = timedelta(days=1)
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
