"""The value of many positions on many days, by numpy over one array of closes per security.

Days are int64 numbers of days since 1970-01-01, ascending. NaN is "not known", never 0; nothing held is 0 whatever
is not known about it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finances.valuation.adjustment import Floats, Ints, shares_since
from finances.valuation.positions import Steps

RATE_MAX_AGE = 7
"""Days for which a rate counts after its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One position and what it is worth.

    steps         units held, in units after the last split
    close_days    (k,), ascending; closes (k,): `currency` per unit as traded that day, none of them NaN
    split_days    (s,), ascending: ex-dates; split_ratios (s,): new units per old one
    max_age       days for which a close counts after its own
    """

    steps: Steps
    currency: str
    close_days: Ints
    closes: Floats
    split_days: Ints
    split_ratios: Floats
    max_age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in `currency` that changes by steps: cash, or a value that was recorded."""

    steps: Steps
    currency: str


Line = Holding | Money


@dataclass(frozen=True, slots=True)
class Rates:
    """days (k,), ascending; rates (k,): reporting currency per unit of the one that these are of, none of them NaN."""

    days: Ints
    rates: Floats


@dataclass(frozen=True, slots=True)
class Values:
    """What positions are worth.

    local      (n_days, n_ids)  each in its own currency
    reporting  (n_days, n_ids)  each in the reporting currency
    Both NaN where a held position lacks a close, `reporting` also where it lacks a rate.
    """

    local: Floats
    reporting: Floats
    currencies: tuple[str, ...]

    @property
    def total(self) -> Floats:
        """(n_days,) NaN on a day on which anything held is not known."""
        return np.asarray(self.reporting.sum(axis=1))

    @property
    def known(self) -> Floats:
        """(n_days,) the sum of what is known."""
        return np.asarray(np.nansum(self.reporting, axis=1))

    @property
    def missing(self) -> NDArray[np.bool_]:
        """(n_days, n_ids) held and not known."""
        return np.isnan(self.reporting)

    def by_currency(self) -> dict[str, Floats]:
        """Totals (n_days,) of the positions of each currency, in that currency."""
        columns: dict[str, list[int]] = {}
        for column, currency in enumerate(self.currencies):
            columns.setdefault(currency, []).append(column)
        return {currency: self.local[:, own].sum(axis=1) for currency, own in columns.items()}


def last_known(days: Ints, known_days: Ints, known: Floats, max_age: int) -> Floats:
    """The last of `known` (k,) on or before each of `days` (n,), at most `max_age` days old. (n,), else NaN."""
    if not len(known):
        return np.full(len(days), np.nan)
    last = np.searchsorted(known_days, days, side="right") - 1
    found = known[last]
    found[(last < 0) | (days - known_days[last] > max_age)] = np.nan
    return found


def value_holdings(days: Ints, holdings: Sequence[Line], rates: Mapping[str, Rates], *, base: str) -> Values:
    """Value `holdings` at the end of each of `days` (n_days,) in the currency `base`.

    rates: `base` per unit of each other currency; a rate counts for 7 days after its own.
    """
    per_day = {code: last_known(days, own.days, own.rates, RATE_MAX_AGE) for code, own in rates.items()}
    return value_lines(days, holdings, per_day, base=base)


def value_lines(days: Ints, lines: Sequence[Line], rates: Mapping[str, Floats], *, base: str) -> Values:
    """As value_holdings, with rates (n_days,) that hold on each of `days`, NaN where there is none."""
    local = np.empty((len(days), len(lines)), order="F")
    reporting = np.empty_like(local)
    for column, line in enumerate(lines):
        local[:, column] = value_in_currency(days, line)
        reporting[:, column] = _times(local[:, column], rates_of(line.currency, rates, len(days), base=base))
    return Values(local, reporting, tuple(line.currency for line in lines))


def rates_of(currency: str, rates: Mapping[str, Floats], n_days: int, *, base: str) -> Floats:
    """(n_days,) of one currency; NaN for one without any."""
    if currency == base:
        return np.ones(n_days)
    return rates.get(currency, np.full(n_days, np.nan))


def value_in_currency(days: Ints, line: Line) -> Floats:
    """One position or amount on each of `days`, in its own currency. (n_days,)"""
    held = line.steps.on(days)
    return held if isinstance(line, Money) else _times(held, closes_on(days, line))


def closes_on(days: Ints, holding: Holding) -> Floats:
    """The close that counts on each of `days`, in units after the last split. (n_days,)"""
    closes = holding.closes
    if len(holding.split_days):
        # Closes in units of today, like the quantities: then one from before a split still fits the day after it.
        closes = closes / shares_since(holding.close_days, holding.split_days, holding.split_ratios)
    return last_known(days, holding.close_days, closes, holding.max_age)


def _times(amounts: Floats, prices: Floats) -> Floats:
    """Nothing is worth nothing, at whatever price."""
    products = amounts * prices
    products[amounts == 0] = 0.0
    return products
