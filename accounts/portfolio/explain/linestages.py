"""What closes and rates did to one line over a range of days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

import numpy as np

from accounts.portfolio.explain.bookings import booked_term, in_kind_terms, product_of
from accounts.portfolio.explain.lines import LineOnDay, described, name_of, transaction_row
from accounts.portfolio.explain.ranges import Range, parts_of
from accounts.portfolio.explain.rows import rate_term
from accounts.portfolio.explain.terms import Operation, Term, number
from accounts.portfolio.lines import Line
from accounts.portfolio.performance.bookings import Booking, InKind, Leg, effects
from accounts.portfolio.performance.journey import Booked, Journey, key_of
from finances.valuation.scale import EXACT

DAY = timedelta(days=1)
MARKET_RULE = "(value - value before - what moved in) at the day's rate, in the line's own currency."
FX_RULE = "Value before times the change of the rate, and what moved in at the day's rate less what it was booked at."


@dataclass(frozen=True)
class LineStage:
    """One line over a range: what the market and its currency did to it."""

    journey: Journey
    place: int
    range: Range

    @property
    def line(self) -> Line:
        return self.journey.lines[self.place]

    def figure(self, name: str) -> str:
        return f"performance:{name}:{name_of(self.journey.inputs, self.line)}@{self.range}"

    def value(self, name: str) -> Decimal | None:
        first, last = self.journey.position(self.range.first) - 1, self.journey.position(self.range.last)
        track = self.journey.track
        sums = track.market(first, last) if name == "market" else track.fx(first, last)
        return number(sums[self.place])

    def brief(self, name: str) -> Term:
        return Term(
            name=f"{name} of {described(self.journey.inputs, self.line)}, {self.range}",
            value=self.value(name),
            unit=self.journey.inputs.base,
            figure=self.figure(name),
        )

    def term(self, name: str) -> Term:
        ends = self.ends(name)
        if len(ends) <= 1 and self.is_one_stretch():
            return self._stretch(name)
        parts = [LineStage(self.journey, self.place, part) for part in parts_of(self.range, self.stretches(ends))]
        return Term(
            name=f"{name} of {described(self.journey.inputs, self.line)}, {self.range}",
            value=self.value(name),
            unit=self.journey.inputs.base,
            operation=Operation.SUM,
            terms=[part.brief(name) for part in parts],
            figure=self.figure(name),
            rule=MARKET_RULE if name == "market" else FX_RULE,
        )

    @property
    def known(self) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """Positions of the days on which the line is known."""
        return np.flatnonzero(~np.isnan(self.journey.track.reporting[:, self.place]))

    def ends(self, name: str) -> list[int]:
        """Positions of the days of the range on which something counts."""
        first, last = self.journey.position(self.range.first), self.journey.position(self.range.last)
        moved = self.journey.track.market_and_fx[0 if name == "market" else 1][first - 1 : last, self.place]
        return [int(at) + first for at in np.flatnonzero(moved)]

    def start_of(self, end: int) -> int:
        """The day after the last one before `end` on which the line is known."""
        earlier = self.known[self.known < end]
        return int(earlier[-1]) + 1

    def stretches(self, ends: list[int]) -> list[Range]:
        return [Range(self.journey.day(self.start_of(end)), self.journey.day(end)) for end in ends]

    def is_one_stretch(self) -> bool:
        end = self.journey.position(self.range.last)
        return end in self.known and self.start_of(end) == self.journey.position(self.range.first)

    def _stretch(self, name: str) -> Term:
        before = LineOnDay(self.journey.inputs, self.line, self.range.first - DAY)
        after = LineOnDay(self.journey.inputs, self.line, self.range.last)
        terms = self._market(before, after) if name == "market" else self._fx(before, after)
        return Term(
            name=f"{name} of {described(self.journey.inputs, self.line)}, {self.range}",
            value=self.value(name),
            unit=self.journey.inputs.base,
            operation=Operation.PRODUCT if name == "market" else Operation.SUM,
            terms=terms,
            figure=self.figure(name),
            rule=MARKET_RULE if name == "market" else FX_RULE,
        )

    def _market(self, before: LineOnDay, after: LineOnDay) -> list[Term]:
        gain = Term(
            name="gain in the line's own currency",
            value=self._difference([number(after.local), number(before.local), self.moved.value]),
            unit=self.line.currency_code,
            operation=Operation.DIFFERENCE,
            terms=[after.local_term(), before.local_term(), self.moved],
        )
        return [gain, self._rate(after.on)]

    def _fx(self, before: LineOnDay, after: LineOnDay) -> list[Term]:
        rates = [self._rate(after.on), self._rate(before.on)]
        change = Term(
            name="change of the rate",
            value=self._difference([rate.value for rate in rates]),
            operation=Operation.DIFFERENCE,
            terms=rates,
        )
        return [
            self._product("value before, by the change of the rate", before.local_term(), change),
            self._product("what moved in, at the day's rate", self.moved, rates[0]),
            self._product("less what it was booked at", Term(name="less", value=Decimal(-1)), self.booked),
        ]

    def _product(self, name: str, one: Term, other: Term) -> Term:
        """A term that is nought needs no other."""
        value = None if one.value is None or other.value is None else one.value * other.value
        value = Decimal(0) if one.value == 0 else value
        return Term(name=name, value=value, operation=Operation.PRODUCT, terms=[one, other])

    def _difference(self, amounts: list[Decimal | None]) -> Decimal | None:
        known = [amount for amount in amounts if amount is not None]
        with localcontext(EXACT):
            return known[0] - sum(known[1:], Decimal(0)) if len(known) == len(amounts) else None

    def _rate(self, on: date) -> Term:
        return rate_term(self.journey.inputs, self.line.currency_code, on)

    @property
    def moved(self) -> Term:
        return self._sum("flow", [self._leg_local(leg) for leg in self._legs()], self.line.currency_code)

    @property
    def booked(self) -> Term:
        return self._sum("booked", [self._leg_booked(leg) for leg in self._legs()], self.journey.inputs.base)

    def _sum(self, name: str, terms: list[Term], unit: str) -> Term:
        amounts = [term.value for term in terms]
        known = [amount for amount in amounts if amount is not None]
        with localcontext(EXACT):
            value = sum(known, Decimal(0)) if len(known) == len(amounts) else None
        return Term(
            name="what moved in" if name == "flow" else "what it was booked at",
            value=value,
            unit=unit,
            operation=Operation.SUM,
            terms=terms,
            figure=self.figure(name),
        )

    def _legs(self) -> Iterator[Leg | InKind | Booked]:
        for entry in self.journey.inputs.entries:
            if self.range.first <= entry.trade_date <= self.range.last:
                for effect in effects(entry, self.journey.selection):
                    if not isinstance(effect, Booking) and effect.line == key_of(self.line):
                        yield effect
        for booked in self.journey.booked_between(self.range.first, self.range.last):
            if not isinstance(booked.cause, Booking | InKind) and booked.cause.line == key_of(self.line):
                yield booked

    def _leg_local(self, leg: Leg | InKind | Booked) -> Term:
        if isinstance(leg, Leg):
            return Term(
                name=leg.entry.type, value=leg.amount, unit=self.line.currency_code, row=transaction_row(leg.entry)
            )
        terms = in_kind_terms(self.journey, leg) if isinstance(leg, InKind) else self._departed(leg)
        return product_of("in kind", terms, self.line.currency_code)

    def _departed(self, booked: Booked) -> list[Term]:
        assert not isinstance(booked.cause, Booking | InKind)
        held = LineOnDay(self.journey.inputs, self.line, booked.cause.on).local_term()
        return [Term(name="out", value=Decimal(-1)), held]

    def _leg_booked(self, leg: Leg | InKind | Booked) -> Term:
        base = self.journey.inputs.base
        if isinstance(leg, Booked):
            return booked_term(self.journey, leg)
        if isinstance(leg, InKind):
            terms = [*in_kind_terms(self.journey, leg), self._rate(leg.entry.trade_date)]
            return product_of("in kind", terms, base)
        terms = [
            Term(name="amount", value=leg.booked.amount, unit=leg.entry.currency_id, row=transaction_row(leg.entry))
        ]
        if leg.booked.rate != 1:
            terms.append(Term(name="booked rate", value=leg.booked.rate))
        if leg.booked.currency != base:
            terms.append(rate_term(self.journey.inputs, leg.booked.currency, leg.entry.trade_date))
        return product_of(leg.entry.type, terms, base)
