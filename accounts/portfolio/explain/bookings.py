"""Transactions as terms: what one of them moved, at the booked rate and the day's."""

from datetime import date
from decimal import Decimal, localcontext

from accounts.portfolio.explain.lines import LineOnDay, transaction_row
from accounts.portfolio.explain.rows import rate_term
from accounts.portfolio.explain.terms import Operation, Term, number
from accounts.portfolio.lines import Line
from accounts.portfolio.performance.bookings import Booking, InKind
from accounts.portfolio.performance.journey import Booked, Journey, key_of, units_after_splits
from finances.valuation.scale import EXACT
from finances.valuation.series import Holding


def booked_term(journey: Journey, booked: Booked) -> Term:
    """One transaction's share of a part: the amount, at the booked rate, at the day's rate."""
    base, cause = journey.inputs.base, booked.cause
    if isinstance(cause, Booking):
        money = cause.money
        terms = [
            Term(name="amount", value=money.amount, unit=cause.entry.currency_id, row=transaction_row(cause.entry))
        ]
        if money.rate != 1:
            terms.append(Term(name="booked rate", value=money.rate, unit=f"{money.currency}/{cause.entry.currency_id}"))
        if money.currency != base:
            terms.append(rate_term(journey.inputs, money.currency, booked.on))
        return Term(
            name=cause.entry.type, value=booked.amount, unit=base, operation=Operation.PRODUCT, terms=terms
        )  # fmt: skip
    if isinstance(cause, InKind):
        terms = [*in_kind_terms(journey, cause), rate_term(journey.inputs, cause.line.currency, booked.on)]
        name = f"{cause.entry.type}: units at the day's close"
        return Term(name=name, value=booked.amount, unit=base, operation=Operation.PRODUCT, terms=terms)
    line = line_of(journey, cause.line)
    value = LineOnDay(journey.inputs, line, cause.on).brief()
    minus = Term(name="out", value=Decimal(-1))
    return Term(
        name="held when the archived account ceased to count",
        value=booked.amount,
        unit=base,
        operation=Operation.PRODUCT,
        terms=[minus, value],
    )


def in_kind_terms(journey: Journey, effect: InKind) -> list[Term]:
    """Units and the close of the day, both in units after the last split."""
    line = line_of(journey, effect.line)
    held = line.valued
    assert isinstance(held, Holding)
    day = LineOnDay(journey.inputs, line, effect.entry.trade_date)
    units = Term(
        name="units, in those after the last split",
        value=number(units_after_splits(effect, held)),
        unit="units",
        row=transaction_row(effect.entry),
    )
    return [units, day.close(held, date.max)]


def line_of(journey: Journey, key: object) -> Line:
    return next(line for line in journey.lines if key_of(line) == key)


def product_of(name: str, terms: list[Term], unit: str) -> Term:
    with localcontext(EXACT):
        value: Decimal | None = Decimal(1)
        for term in terms:
            value = None if value is None or term.value is None else value * term.value
    return Term(name=name, value=value, unit=unit, operation=Operation.PRODUCT, terms=terms)
