"""What changed a value: market, currencies, income, fees, taxes and flows, which add up to the cent."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from finances.valuation.adjustment import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Each part as it changed the value, in the reporting currency: fees and taxes paid are negative."""

    market: Decimal
    fx: Decimal
    income: Decimal
    fees: Decimal
    taxes: Decimal
    flows: Decimal

    @property
    def change(self) -> Decimal:
        return self.market + self.fx + self.income + self.fees + self.taxes + self.flows


def market_and_fx(values: Floats, rates: Floats, flows: Floats, booked: Floats) -> tuple[Floats, Floats]:
    """What prices and what rates did to each line (a position, or the cash in one currency), day by day.

    values  (n_days + 1, n_lines)  at the end of each day, each in its line's currency; the first of the day before
    rates   (n_days + 1, n_lines)  reporting currency per unit of the line's
    flows   (n_days, n_lines)      what moved into the line that day (out: negative), in its currency
    booked  (n_days, n_lines)      the same in the reporting currency, at the rate booked or the day's
    Returns market and fx, (n_days, n_lines), in the reporting currency.

    A day's gain in the line's own currency, at the day's rate, is market: (V1 - V0 - F) * X1. What V0 and F gained by
    the rate is fx: V0 * (X1 - X0) + F * X1 - booked. Both sum to V1 * X1 - V0 * X0 - booked, and over any days to the
    sum of their parts. NaN where a value or rate is NaN; a line that is empty all day needs no rate.
    """
    before, after = values[:-1], values[1:]
    empty = (before == 0) & (after == 0) & (flows == 0)
    market = (after - before - flows) * rates[1:]
    fx = _held(before, rates[1:] - rates[:-1]) + flows * rates[1:] - booked
    return np.where(empty, 0.0, market), np.where(empty, 0.0, fx)


def attribute(
    *,
    opening: Decimal,
    closing: Decimal,
    market: float,
    fx: float,
    income: Decimal,
    fees: Decimal,
    taxes: Decimal,
    flows: Decimal,
    places: int = 2,
) -> Attribution:
    """Round the parts of closing - opening to `places`, so that they still add up to it.

    opening, closing: as shown, rounded already; fees, taxes: negative if paid.
    Income, fees, taxes and flows are what was booked and keep their rounding. What is left over goes to the larger of
    market and fx, which are estimates of the day; to market if they are alike. Raises ValueError if that is more than
    rounding explains: then the parts are not those of this change.
    """
    unit = Decimal(1).scaleb(-places)
    booked = [figure.quantize(unit, ROUND_HALF_UP) for figure in (income, fees, taxes, flows)]
    estimates = [Decimal(figure).quantize(unit, ROUND_HALF_UP) for figure in (market, fx)]
    left = closing - opening - sum(booked) - sum(estimates)
    _check(left, unit, max(abs(closing), abs(opening), *map(abs, (*booked, *estimates))))
    larger = 1 if abs(fx) > abs(market) else 0
    estimates[larger] += left
    return Attribution(
        market=estimates[0], fx=estimates[1], income=booked[0], fees=booked[1], taxes=booked[2], flows=booked[3]
    )


def _check(left: Decimal, unit: Decimal, largest: Decimal) -> None:
    """Eight roundings of half a unit, and float64's share of the largest figure."""
    if abs(left) > 4 * unit + largest * Decimal("1e-12"):
        raise ValueError(f"The parts miss the change by {left}.")


def _held(values: Floats, changes: Floats) -> Floats:
    """Nothing gains nothing, whatever its rate did."""
    return np.where(values == 0, 0.0, values * changes)
