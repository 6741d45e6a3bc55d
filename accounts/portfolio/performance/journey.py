"""From inputs to a track: the selected accounts day by day, with all that transactions did to them."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from functools import cached_property
from typing import NamedTuple

import numpy as np

from accounts.portfolio.inputs import Inputs
from accounts.portfolio.lines import Kind, Line
from accounts.portfolio.performance.bookings import (
    Booking,
    InKind,
    Leg,
    LineKey,
    Part,
    Selection,
    effects,
)
from finances.valuation.adjustment import Floats, Ints, shares_since
from finances.valuation.positions import EPOCH, day_number
from finances.valuation.scale import EXACT
from finances.valuation.series import Holding, closes_on
from finances.valuation.track import Track

DAY = timedelta(days=1)
ZERO = Decimal(0)


class Departure(NamedTuple):
    """What an archived account still held when it ceased to count: a flow out."""

    line: LineKey
    on: date


class Booked(NamedTuple):
    """One thing that transactions did to the value, in the reporting currency; amount: None where no rate or close
    gives it."""

    on: date
    part: Part
    amount: Decimal | None
    cause: Booking | InKind | Departure


@dataclass(frozen=True)
class Journey:
    """`track.days` begins with the day before `start`."""

    inputs: Inputs
    selection: Selection
    start: date
    end: date
    lines: list[Line]
    track: Track
    booked: list[Booked]
    """In the order of days."""

    def position(self, on: date) -> int:
        """Of the end of a day, in `track.days`."""
        return (on - self.start).days + 1

    def day(self, position: int) -> date:
        return self.start + timedelta(days=position - 1)

    @cached_property
    def _booked_on(self) -> list[date]:
        return [booked.on for booked in self.booked]

    def booked_between(self, first: date, last: date) -> list[Booked]:
        """Of the days from `first` to `last`."""
        return self.booked[bisect_left(self._booked_on, first) : bisect_left(self._booked_on, last + DAY)]


def journey_of(inputs: Inputs, selection: Selection, *, start: date, end: date) -> Journey:
    """From the end of the day before `start` to that of `end`; `inputs` must reach from there to there."""
    days = np.arange(day_number(start) - 1, day_number(end) + 1, dtype=np.int64)
    columns = [at for at, line in enumerate(inputs.lines) if line.kind != Kind.RECORDED and counted(line, selection)]
    writer = _Writer(inputs, selection, columns, days)
    writer.write()
    track = Track(
        days=days,
        values=writer.values,
        rates=writer.rates,
        flows=writer.flows,
        booked=writer.booked,
        deposits=writer.deposits,
        withdrawals=writer.withdrawals,
    )
    return Journey(inputs, selection, start, end, writer.lines, track, sorted(writer.found, key=lambda each: each.on))


def counted(line: Line, selection: Selection) -> bool:
    return line.account_id in selection.last


def key_of(line: Line) -> LineKey:
    return LineKey(line.account_id, line.currency_code, line.security_id)


class _Writer:
    """Fills the arrays of a track, entry by entry."""

    def __init__(self, inputs: Inputs, selection: Selection, columns: list[int], days: Ints) -> None:
        self.inputs, self.selection, self.days = inputs, selection, days
        self.lines = [inputs.lines[at] for at in columns]
        self.places = {key_of(line): place for place, line in enumerate(self.lines)}
        self.values = inputs.values_on(days).local[:, columns]
        self.rates = inputs.rates_on(days)[:, columns]
        shape = len(days) - 1, len(columns)
        self.flows, self.booked = np.zeros(shape), np.zeros(shape)
        self.deposits, self.withdrawals = np.zeros(shape[0]), np.zeros(shape[0])
        self.found: list[Booked] = []
        self._rates: dict[str, Floats] = {}
        self._closes: dict[int, Floats] = {}

    def write(self) -> None:
        start = date.fromordinal(int(self.days[1]) + EPOCH)
        first = bisect_left(self.inputs.entries, start, key=lambda entry: entry.trade_date)
        with localcontext(EXACT):
            for entry in self.inputs.entries[first:]:
                for effect in effects(entry, self.selection):
                    self._add(effect, (entry.trade_date - start).days)
            for place, line in enumerate(self.lines):
                self._depart(place, line)

    def _add(self, effect: Leg | Booking | InKind, day: int) -> None:
        if isinstance(effect, Leg):
            rate = self._rate(effect.booked.currency, day)
            self._move(effect.line, day, float(effect.amount), float(effect.booked.exact) * rate)
        elif isinstance(effect, Booking):
            rate = self._rate(effect.money.currency, day)
            amount = None if np.isnan(rate) else effect.money.exact * Decimal(repr(rate))
            self._count(Booked(effect.entry.trade_date, effect.part, amount, effect), day)
        else:
            self._add_units(effect, day)

    def _add_units(self, effect: InKind, day: int) -> None:
        place = self.places[effect.line]
        held = self.lines[place].valued
        assert isinstance(held, Holding)
        local = units_after_splits(effect, held) * self._close(place)[day + 1]
        amount = local * self._rate(effect.line.currency, day)
        self._move(effect.line, day, local, amount)
        if effect.is_flow:
            exact = None if np.isnan(amount) else Decimal(repr(float(amount)))
            self._count(Booked(effect.entry.trade_date, Part.FLOWS, exact, effect), day)

    def _depart(self, place: int, line: Line) -> None:
        last = self.selection.last[line.account_id]
        day = (last - date.fromordinal(int(self.days[0]) + EPOCH)).days if last < date.max else -1
        if not 0 <= day < len(self.flows) or self.values[day, place] == 0:
            return
        local = -self.values[day, place]
        amount = local * self.rates[day, place]
        self._move(key_of(line), day, local, amount)
        exact = None if np.isnan(amount) else Decimal(repr(float(amount)))
        self._count(Booked(last + DAY, Part.FLOWS, exact, Departure(key_of(line), last)), day)

    def _move(self, key: LineKey, day: int, local: float, booked: float) -> None:
        # Cash that came and went within a day, to nothing, has no line.
        if (place := self.places.get(key)) is not None:
            self.flows[day, place] += local
            self.booked[day, place] += booked

    def _count(self, booked: Booked, day: int) -> None:
        self.found.append(booked)
        if booked.part is Part.FLOWS:
            amount = np.nan if booked.amount is None else float(booked.amount)
            side = self.withdrawals if amount < 0 else self.deposits
            side[day] += abs(amount)

    def _rate(self, currency: str, day: int) -> float:
        """Reporting currency per unit on that day."""
        if currency not in self._rates:
            base, rates = self.inputs.base, self.inputs.rates
            self._rates[currency] = rates.quote_per_base(currency, base, self.days)
        return float(self._rates[currency][day + 1])

    def _close(self, place: int) -> Floats:
        if place not in self._closes:
            held = self.lines[place].valued
            assert isinstance(held, Holding)
            self._closes[place] = closes_on(self.days, held)
        return self._closes[place]


def units_after_splits(effect: InKind, held: Holding) -> float:
    """In units after the last split."""
    on = np.array([day_number(effect.entry.units_as_of or effect.entry.trade_date)], dtype=np.int64)
    return float(effect.quantity) * float(shares_since(on, held.split_days, held.split_ratios)[0])


def total(booked: Iterable[Booked], part: Part) -> Decimal | None:
    """Exact; None where an amount is not known."""
    amounts = [each.amount for each in booked if each.part is part]
    with localcontext(EXACT):
        return None if None in amounts else sum((amount for amount in amounts if amount is not None), ZERO)
