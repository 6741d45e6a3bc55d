"""Rates of many days at once, by the rules of `currencies.fixings`: what a valuation of a history converts with."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from currencies.fixings import MAX_AGE_DAYS, PIVOTS, Fixing, Fixings
from currencies.models import Currency, ExchangeRate
from finances.valuation.adjustment import Floats, Ints
from finances.valuation.positions import day_number

Pair = tuple[str, str]
Row = tuple[str, str, date, Decimal]
BEFORE_ALL = np.int64(-(2**40))


class Series(NamedTuple):
    """days (k,), ascending; rates (k,): units of the quote for one of the base."""

    days: Ints
    rates: Floats


@dataclass(frozen=True)
class RateColumns:
    """The fixings stored of some currencies over some days, and what follows from them day by day."""

    rows: list[Row]
    """(base, quote, day, units of the quote for one of the base); of each pair and day one, by day."""
    ends: Mapping[str, date]
    """The last day of validity of currencies that have ended."""

    @cached_property
    def _series(self) -> dict[Pair, Series]:
        columns: dict[Pair, tuple[list[date], list[float]]] = {}
        for base, quote, day, rate in self.rows:
            days, rates = columns.setdefault((base, quote), ([], []))
            days.append(day)
            rates.append(float(rate))
        return {
            pair: Series(np.array(days, dtype="datetime64[D]").astype(np.int64), np.array(rates))
            for pair, (days, rates) in columns.items()
        }

    def on(self, day: date) -> Fixings:
        """What counts on one day, exactly and with its derivation."""
        first = day - timedelta(days=MAX_AGE_DAYS) if day.toordinal() > MAX_AGE_DAYS else date.min
        counted = (Fixing(*row) for row in self.rows if first <= row[2] <= day)
        return Fixings(counted, ended=[code for code, last in self.ends.items() if last < day])

    def quote_per_base(self, base: str, quote: str, days: Ints) -> Floats:
        """Units of `quote` for one of `base` on each of `days` (n,), major currencies; NaN where there is none. (n,)"""
        if base == quote:
            return np.ones(len(days))
        found = self._of_pair(base, quote, days)
        for pivot in sorted(self._partners(base) & self._partners(quote), key=_preference):
            unknown = np.isnan(found)
            if not unknown.any():
                break
            crossed = self._of_pair(base, pivot, days) * self._of_pair(pivot, quote, days)
            found = np.where(unknown & self._is_valid(pivot, days), crossed, found)
        return np.where(self._is_valid(base, days) & self._is_valid(quote, days), found, np.nan)

    def _of_pair(self, base: str, quote: str, days: Ints) -> Floats:
        """From the later of the pair's two directions."""
        direct_days, direct = self._last(base, quote, days)
        inverse_days, inverse = self._last(quote, base, days)
        return np.where(direct_days >= inverse_days, direct, 1.0 / inverse)

    def _last(self, base: str, quote: str, days: Ints) -> tuple[Ints, Floats]:
        """The day and rate of the last fixing stored in this direction, at most MAX_AGE_DAYS old."""
        series = self._series.get((base, quote))
        if series is None:
            return np.full(len(days), BEFORE_ALL), np.full(len(days), np.nan)
        last = np.searchsorted(series.days, days, side="right") - 1
        fresh = (last >= 0) & (days - series.days[last] <= MAX_AGE_DAYS)
        return np.where(fresh, series.days[last], BEFORE_ALL), np.where(fresh, series.rates[last], np.nan)

    def _partners(self, code: str) -> set[str]:
        return {quote if base == code else base for base, quote in self._series if code in (base, quote)}

    def _is_valid(self, code: str, days: Ints) -> Any:
        return True if code not in self.ends else days <= day_number(self.ends[code])


def read_columns(
    codes: Collection[str], *, start: date, end: date, known_at: datetime | None = None
) -> RateColumns:  # fmt: skip
    """What rates between any of `codes`, major currencies, follow from on the days from `start` to `end`, as known now
    or at `known_at`. Two statements; none for a single currency."""
    wanted = set(codes)
    if len(wanted) < 2:
        return RateColumns([], {})
    ends = dict(_with_pivots(wanted))
    first = date.fromordinal(max(1, start.toordinal() - MAX_AGE_DAYS))
    rows = ExchangeRate.objects.known(known_at).between(first, end).filter(base__in=ends, quote__in=ends)
    figure = "quote_per_base" if known_at is None else "rate_then"
    stored = rows.order_by("day").values_list("base_id", "quote_id", "day", figure, "source")
    return RateColumns(_preferred(stored), {code: last for code, last in ends.items() if last is not None})


def _with_pivots(wanted: set[str]) -> Any:
    """(code, last day of validity) of `wanted` and of the currencies with rates against two of them or more."""
    links: Any = Value(0)
    for code in sorted(wanted):
        forward = Exists(ExchangeRate.objects.filter(base=code, quote=OuterRef("pk")))
        backward = Exists(ExchangeRate.objects.filter(base=OuterRef("pk"), quote=code))
        links = links + Case(When(forward | backward, then=1), default=0, output_field=IntegerField())
    rows = Currency.objects.alias(links=links).filter(Q(pk__in=wanted) | Q(links__gte=2))
    return rows.order_by().values_list("pk", "last_valid_on")


def _preferred(ascending: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Of several sources' rates of one pair and day the one that ExchangeRateQuerySet.preferred takes."""
    rows = list(ascending)
    sources = {row[4] for row in rows}
    if len(sources) < 2:
        return [row[:4] for row in rows]
    rank = {source: place for place, source in enumerate(settings.RATE_SOURCES)}
    worst_first = sorted(sources, key=lambda source: (rank.get(source, len(rank)), source), reverse=True)
    place = {source: number for number, source in enumerate(worst_first)}
    rows.sort(key=lambda row: (row[2], place[row[4]]))
    return list({row[:3]: row[:4] for row in rows}.values())


def _preference(pivot: str) -> tuple[int, str]:
    return (PIVOTS.index(pivot) if pivot in PIVOTS else len(PIVOTS), pivot)
