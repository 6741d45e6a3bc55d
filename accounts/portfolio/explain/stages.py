"""What changed a value over a range of days: sums of transactions, and of what closes and rates did to each line."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from accounts.portfolio.explain.bookings import booked_term
from accounts.portfolio.explain.lines import LineOnDay
from accounts.portfolio.explain.linestages import FX_RULE, MARKET_RULE, LineStage
from accounts.portfolio.explain.ranges import Range
from accounts.portfolio.explain.terms import Operation, Term, number
from accounts.portfolio.performance.bookings import Part
from accounts.portfolio.performance.figures import PARTS, Stage
from accounts.portfolio.performance.journey import Journey
from finances.money import minor_digits

DAY = timedelta(days=1)
LEFTOVER = "what rounding leaves: it goes to the larger of market and fx"


def value_term(journey: Journey, on: date, *, places: int | None, figure: str) -> Term:
    """All lines of the selection at the end of a day."""
    at = journey.position(on)
    held = [
        (line, number(journey.track.reporting[at, place]))
        for place, line in enumerate(journey.lines)
        if journey.track.values[at, place] != 0
    ]
    terms = [LineOnDay(journey.inputs, line, on).brief() for line, _ in held]
    total = number(journey.track.totals[at])
    return Term(
        name=f"value at the end of {on}",
        value=total if places is None or total is None else round_half_up(total, places),
        unit=journey.inputs.base,
        operation=Operation.SUM,
        terms=terms,
        figure=figure,
        places=places,
        rule="Every position and balance of the accounts that count, by their ledger.",
    )


@dataclass(frozen=True)
class StageTerms:
    """Terms of the figures of one stage. `name` makes the name of a figure of a range."""

    stage: Stage

    @property
    def journey(self) -> Journey:
        return self.stage.journey

    @property
    def range(self) -> Range:
        return Range(self.stage.start, self.stage.end)

    @property
    def places(self) -> int:
        return minor_digits(self.stage.base)

    def named(self, figure: str) -> str:
        return f"performance:{figure}@{self.range}"

    def shown(self, name: str) -> Term:
        """A figure of this stage as the answer shows it, to be asked for."""
        value = self.stage.parts[name] if name in PARTS else getattr(self.stage, name)
        return Term(name=name, value=value, unit=self.stage.base, figure=self.named(name))

    def opening_value(self) -> Term:
        before = self.stage.start - DAY
        return value_term(self.journey, before, places=self.places, figure=self.named("opening_value"))

    def closing_value(self) -> Term:
        return value_term(
            self.journey, self.stage.end, places=self.places, figure=self.named("closing_value")
        )  # fmt: skip

    def change(self) -> Term:
        return self._difference("change", "closing_value", "opening_value")

    def gain(self) -> Term:
        return self._difference("gain", "change", "flows")

    def _difference(self, name: str, *terms: str) -> Term:
        return Term(
            name=name,
            value=getattr(self.stage, name),
            unit=self.stage.base,
            operation=Operation.DIFFERENCE,
            terms=[self.shown(term) for term in terms],
            figure=self.named(name),
        )

    def booked(self, part: Part) -> Term:
        terms = [booked_term(self.journey, each) for each in self.stage.booked if each.part is part]
        return Term(
            name=part.value,
            value=self.stage.parts[part.value],
            unit=self.stage.base,
            operation=Operation.SUM,
            terms=terms,
            figure=self.named(part.value),
            places=self.places,
            rule="As booked, at the booked rate or the day's.",
        )

    def moved(self, name: str) -> Term:
        """market or fx: the sum over all lines, and the cent that rounding leaves, if it falls to it."""
        lines = [
            LineStage(self.journey, place, self.range).brief(name) for place in range(len(self.journey.lines))
        ]  # fmt: skip
        terms = [term for term in lines if term.value != 0]
        value = self.stage.parts[name]
        exact = number(getattr(self.stage, name))
        if value is not None and exact is not None:
            left = value - round_half_up(exact, self.places)
            if left:
                terms.append(Term(name=LEFTOVER, value=left, unit=self.stage.base))
        return Term(
            name=name,
            value=value,
            unit=self.stage.base,
            operation=Operation.SUM,
            terms=terms,
            figure=self.named(name),
            places=self.places,
            rule=MARKET_RULE if name == "market" else FX_RULE,
        )


def round_half_up(amount: Decimal, places: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
