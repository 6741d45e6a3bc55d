"""The figures of a performance over any range of a journey's days."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

import numpy as np

from accounts.portfolio.performance.bookings import Part
from accounts.portfolio.performance.causes import Missing, missing_of, unknown_parts
from accounts.portfolio.performance.journey import Booked, Journey, total
from finances.money import minor_digits, round_money
from finances.valuation.attribution import Attribution, attribute
from finances.valuation.figures import Cause, Figure
from finances.valuation.risk import sharpe, volatility
from finances.valuation.rounding import to_units
from finances.valuation.scale import EXACT
from finances.valuation.track import Passage
from finances.valuation.xirr import HIGHEST, MoneyWeighted, xirr

YEAR_DAYS = 365
"""Returns are of every day of the year, so that deviations are of so many periods."""
FRACTION_PLACES = 8
DAY = timedelta(days=1)
PARTS = ("market", "fx", "income", "fees", "taxes", "flows")


def fraction(value: float | None) -> Decimal | None:
    """As shown: eight decimals."""
    if value is None:
        return None
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-FRACTION_PLACES), ROUND_HALF_UP, EXACT)


@dataclass(frozen=True)
class Stage:
    """What happened from the end of the day before `start` to the end of `end`: one row of a table, or all of it."""

    journey: Journey
    start: date
    end: date

    @property
    def base(self) -> str:
        return self.journey.inputs.base

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """Positions of both ends in the journey's days."""
        return self.journey.position(self.start) - 1, self.journey.position(self.end)

    @cached_property
    def passage(self) -> Passage:
        return self.journey.track.between(*self.bounds)

    @cached_property
    def booked(self) -> list[Booked]:
        return self.journey.booked_between(self.start, self.end)

    @cached_property
    def opening_value(self) -> Decimal | None:
        return self.money(self.passage.values[0])

    @cached_property
    def closing_value(self) -> Decimal | None:
        return self.money(self.passage.values[-1])

    @property
    def change(self) -> Decimal | None:
        opening, closing = self.opening_value, self.closing_value
        return None if opening is None or closing is None else closing - opening

    @property
    def gain(self) -> Decimal | None:
        """The change less the flows: what was earned."""
        change, flows = self.change, self.parts["flows"]
        return None if change is None or flows is None else change - flows

    @cached_property
    def parts(self) -> Mapping[str, Decimal | None]:
        """Of the change, to the minor unit; all of them add up to it."""
        booked = {part.value: self.exact_total(part) for part in Part}
        if self.attribution is not None:
            return {name: getattr(self.attribution, name) for name in PARTS}
        shown = {name: None if amount is None else round_money(amount, self.base) for name, amount in booked.items()}
        return {"market": None, "fx": None, **shown}

    def exact_total(self, part: Part) -> Decimal | None:
        return total(self.booked, part)

    @cached_property
    def market(self) -> float:
        """NaN where a line is not known at either end."""
        return float(self.journey.track.market(*self.bounds).sum())

    @cached_property
    def fx(self) -> float:
        return float(self.journey.track.fx(*self.bounds).sum())

    @cached_property
    def attribution(self) -> Attribution | None:
        amounts = {part.value: self.exact_total(part) for part in Part}
        known = {name: amount for name, amount in amounts.items() if amount is not None}
        opening, closing = self.opening_value, self.closing_value
        if len(known) < len(amounts) or opening is None or closing is None or np.isnan([self.market, self.fx]).any():
            return None
        places = minor_digits(self.base)
        return attribute(
            opening=opening, closing=closing, market=self.market, fx=self.fx, places=places, **known
        )  # fmt: skip

    @property
    def twr(self) -> Figure:
        return self.passage.time_weighted

    @cached_property
    def money_weighted(self) -> MoneyWeighted:
        days, amounts = self.xirr_flows
        if not np.isnan(amounts).any() and not min(amounts) < 0:
            return MoneyWeighted(None, Cause.NO_CAPITAL)
        found = xirr(days, amounts)
        if found.rate is not None and not found.rate <= HIGHEST:
            return MoneyWeighted(None, Cause.PERIOD_TOO_SHORT)
        return found

    @cached_property
    def xirr_flows(self) -> tuple[list[date], list[float]]:
        """What is put in negative: the value at the start, deposits; what is taken out, and the value at the end."""
        passage = self.passage
        days, amounts = [self.start - DAY], [-float(passage.values[0])]
        for at in np.flatnonzero((passage.deposits != 0) | (passage.withdrawals != 0)):
            days.append(self.start + timedelta(days=int(at)))
            amounts.append(float(passage.withdrawals[at] - passage.deposits[at]))
        flows = [(day, amount) for day, amount in zip(days, amounts, strict=True) if amount != 0]
        flows.append((self.end, float(passage.values[-1])))
        return [day for day, _ in flows], [amount for _, amount in flows]

    def money(self, amount: float) -> Decimal | None:
        digits = minor_digits(self.base)
        return None if np.isnan(amount) else Decimal(int(to_units(np.array([amount]), digits)[0])).scaleb(-digits)

    @property
    def missing(self) -> list[Missing]:
        return [*unknown_parts(self), *missing_of("twr", self.twr.cause)]


@dataclass(frozen=True)
class Risk:
    """risk_free_rate: per year, as a fraction; a day earns (1 + rate) ** (1 / 365) - 1."""

    passage: Passage
    risk_free_rate: Decimal

    @property
    def daily_risk_free(self) -> float:
        return float((1.0 + float(self.risk_free_rate)) ** (1.0 / YEAR_DAYS) - 1.0)

    @cached_property
    def volatility(self) -> Figure:
        if self.passage.time_weighted.value is None:
            return self.passage.time_weighted
        return volatility(self.passage.returns, YEAR_DAYS)

    @cached_property
    def sharpe(self) -> Figure:
        if self.volatility.value is None:
            return self.volatility
        return sharpe(self.passage.returns, YEAR_DAYS, self.daily_risk_free)


def years_of(stage: Stage) -> Iterator[Stage]:
    """Calendar years, the first and last perhaps not whole."""
    for year in range(stage.start.year, stage.end.year + 1):
        yield _clipped(stage, date(year, 1, 1), date(year, 12, 31))


def months_of(stage: Stage) -> Iterator[Stage]:
    first = stage.start.replace(day=1)
    while first <= stage.end:
        following = (first + timedelta(days=32)).replace(day=1)
        yield _clipped(stage, first, following - DAY)
        first = following


def _clipped(stage: Stage, first: date, last: date) -> Stage:
    return Stage(stage.journey, max(first, stage.start), min(last, stage.end))
