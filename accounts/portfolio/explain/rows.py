"""The stored rows of market data behind a figure: which one, from where, and since when it is known."""

from datetime import UTC, date, datetime, time
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from accounts.portfolio.explain.terms import Operation, Term, constant, number
from accounts.portfolio.inputs import Inputs
from currencies.fixings import Fixing, Missing, Rate
from currencies.models import ExchangeRate, ExchangeRateRevision
from finances.valuation.scale import EXACT
from securities.models import Bar, Price, PriceRevision

RATE_RULE = (
    "The last fixing on or before the day, at most 7 days old, in whichever direction it is stored; without one, "
    "through a third currency."
)


def price_row(security_id: int, day: date, known_at: datetime | None) -> dict[str, Any]:
    """Where the daily close of that day came from."""
    key: dict[str, Any] = {
        "security": security_id, "interval": Bar.Interval.DAY, "ts": datetime.combine(day, time(), UTC),
    }  # fmt: skip
    columns = ("run__source", "run__recorded_at")
    found = Price.objects.filter(**key).values_list(*columns)
    if known_at is not None:
        replaced = PriceRevision.objects.filter(**key, run__recorded_at__lte=known_at, superseded_at__gt=known_at)
        found = found.filter(run__recorded_at__lte=known_at).union(replaced.values_list(*columns), all=True)
    source, recorded_at = found[0]
    return {"kind": "price", "date": day, "basis": "as traded", "source": source, "recorded_at": recorded_at}


def rate_term(inputs: Inputs, currency: str, on: date) -> Term:
    """Units of the base currency for one of `currency`, from the fixings that count on the day."""
    name, unit = f"{inputs.base} per {currency}", f"{inputs.base}/{currency}"
    found = inputs.rates.on(on).quote_per_base(currency, inputs.base, as_of=on)
    if isinstance(found, Missing):
        return Term(name=name, value=None, unit=unit, rule=found.detail)
    if found.derivation == "same":
        return Term(name=name, value=Decimal(1), unit=unit, rule="The same currency.")
    return _derived(inputs, found, currency, name, unit)


def _derived(inputs: Inputs, rate: Rate, currency: str, name: str, unit: str) -> Term:
    """Each leg multiplies where it leads from `currency` on, and divides where it leads back."""
    above: list[Term] = []
    below: list[Term] = []
    at = currency
    for leg in rate.legs:
        forward = leg.base == at
        (above if forward else below).append(_fixing(inputs, leg))
        at = leg.quote if forward else leg.base
    if not below and len(above) == 1:
        return above[0]
    product = above[0] if len(above) == 1 else _product(above)
    if not below:
        return Term(
            name=name, value=rate.quote_per_base, unit=unit, operation=Operation.PRODUCT, terms=above, rule=RATE_RULE
        )
    divisor = below[0] if len(below) == 1 else _product(below)
    return Term(
        name=name,
        value=rate.quote_per_base,
        unit=unit,
        operation=Operation.QUOTIENT,
        terms=[product, divisor],
        rule=RATE_RULE,
    )


def _product(terms: list[Term]) -> Term:
    with localcontext(EXACT):
        value = Decimal(1)
        for term in terms:
            value *= term.value or 0
    return Term(name="product", value=value, operation=Operation.PRODUCT if terms else None, terms=terms)


def _fixing(inputs: Inputs, leg: Fixing) -> Term:
    key: dict[str, Any] = {"base": leg.base, "quote": leg.quote, "day": leg.day, "quote_per_base": leg.quote_per_base}
    columns = ("source", "run__recorded_at")
    found = ExchangeRate.objects.filter(**key).values_list(*columns).order_by()
    if inputs.known_at is not None:
        replaced = ExchangeRateRevision.objects.filter(
            **key, run__recorded_at__lte=inputs.known_at, superseded_at__gt=inputs.known_at
        )
        found = found.filter(run__recorded_at__lte=inputs.known_at).union(
            replaced.values_list(*columns).order_by(), all=True
        )
    source, recorded_at = found[0]
    row = {
        "kind": "rate", "pair": f"{leg.base}/{leg.quote}", "date": leg.day, "source": source,
        "recorded_at": recorded_at,
    }  # fmt: skip
    return Term(
        name=f"{leg.quote} per {leg.base} on {leg.day}",
        value=leg.quote_per_base,
        unit=f"{leg.quote}/{leg.base}",
        rule=RATE_RULE,
        row=row,
    )


def close_term(inputs: Inputs, security_id: int, day: date, close: float, ratio: Fraction, unit: str) -> Term:
    """The close of a day in units of another, of which `ratio` are one of the close's day."""
    traded = Term(
        name=f"close of {day}",
        value=number(close),
        unit=unit,
        row=price_row(security_id, day, inputs.known_at),
        rule="The last close on or before the day.",
    )
    assert traded.value is not None
    if ratio == 1:
        return traded
    with localcontext(EXACT):
        value = traded.value * ratio.denominator / ratio.numerator
        above = traded.value * ratio.denominator
    old = Term(
        name="close for old units",
        value=above,
        unit=unit,
        operation=Operation.PRODUCT,
        terms=[traded, constant("old units", ratio.denominator)],
    )
    return Term(
        name="close in units of the day",
        value=value,
        unit=unit,
        operation=Operation.QUOTIENT,
        terms=[old, constant("new units", ratio.numerator)],
        rule="Prices are stored as traded; the splits since then divide them.",
    )
