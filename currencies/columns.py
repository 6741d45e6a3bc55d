"""Rates of many days at once, by the rules of `currencies.fixings`: what a valuation of a history converts with."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import Case, CharField, Exists, IntegerField, OuterRef, Q, Value, When

from currencies import storage_postgres
from currencies.fixings import MAX_AGE_DAYS, PIVOTS, Fixing, Fixings
from currencies.models import Currency, ExchangeRate
from finances.statements import Parameter, Statement
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

    series: Mapping[Pair, Series]
    ends: Mapping[str, date]
    """The last day of validity of currencies that have ended."""
    read_rows: Callable[[], list[Row]]
    """The same with all their digits; of each pair and day one, by day."""

    @cached_property
    def rows(self) -> list[Row]:
        return self.read_rows()

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
        series = self.series.get((base, quote))
        if series is None:
            return np.full(len(days), BEFORE_ALL), np.full(len(days), np.nan)
        last = np.searchsorted(series.days, days, side="right") - 1
        fresh = (last >= 0) & (days - series.days[last] <= MAX_AGE_DAYS)
        return np.where(fresh, series.days[last], BEFORE_ALL), np.where(fresh, series.rates[last], np.nan)

    def _partners(self, code: str) -> set[str]:
        return {quote if base == code else base for base, quote in self.series if code in (base, quote)}

    def _is_valid(self, code: str, days: Ints) -> Any:
        return True if code not in self.ends else days <= day_number(self.ends[code])


def read_columns(
    codes: Collection[str], *, start: date, end: date, known_at: datetime | None = None
) -> RateColumns:  # fmt: skip
    """What rates between any of `codes`, major currencies, follow from on the days from `start` to `end`, as known now
    or at `known_at`. Two statements; none for a single currency."""
    wanted = set(codes)
    if len(wanted) < 2:
        return columns_of([], {})
    ends = dict(_with_pivots(wanted))
    first = date.fromordinal(max(1, start.toordinal() - MAX_AGE_DAYS))
    rows = ExchangeRate.objects.known(known_at).between(first, end).filter(base__in=ends, quote__in=ends)
    figure = "quote_per_base" if known_at is None else "rate_then"
    stored = rows.order_by("day").values_list("base_id", "quote_id", "day", figure, "source")
    valid_until = {code: last for code, last in ends.items() if last is not None}
    if connection.vendor == "postgresql" and known_at is None:
        packed = storage_postgres.read_series(list(ends), first, end)
        return RateColumns(_merged(packed), valid_until, lambda: _preferred(stored))
    return columns_of(_preferred(stored), valid_until)


def columns_of(rows: list[Row], ends: Mapping[str, date]) -> RateColumns:
    columns: dict[Pair, tuple[list[date], list[float]]] = {}
    for base, quote, day, rate in rows:
        days, rates = columns.setdefault((base, quote), ([], []))
        days.append(day)
        rates.append(float(rate))
    series = {
        pair: Series(np.array(days, dtype="datetime64[D]").astype(np.int64), np.array(rates))
        for pair, (days, rates) in columns.items()
    }
    return RateColumns(series, ends, lambda: rows)


def _merged(found: Mapping[tuple[str, str, str], tuple[Ints, Floats]]) -> dict[Pair, Series]:
    """Of several sources' rates of one pair and day the preferred one's."""
    by_pair: dict[Pair, list[tuple[Ints, Floats]]] = {}
    for key in sorted(found, key=lambda key: _precedence(key[2])):
        by_pair.setdefault(key[:2], []).append(found[key])
    return {pair: _first_of_each_day(own) for pair, own in by_pair.items()}


def _first_of_each_day(best_first: list[tuple[Ints, Floats]]) -> Series:
    if len(best_first) == 1:
        return Series(*best_first[0])
    days, firsts = np.unique(np.concatenate([days for days, _ in best_first]), return_index=True)
    return Series(days, np.concatenate([rates for _, rates in best_first])[firsts])


def _with_pivots(wanted: set[str]) -> Any:
    """(code, last day of validity) of `wanted` and of the currencies with rates against two of them or more."""
    names = {f"code{number}": code for number, code in enumerate(sorted(wanted))}
    return _linked_with(len(wanted)).rows(**names)


@lru_cache(maxsize=32)
def _linked_with(count: int) -> Statement:
    links: Any = Value(0)
    wanted = Q()
    for number in range(count):
        code = Parameter(f"code{number}", CharField())
        forward = Exists(ExchangeRate.objects.filter(base=code, quote=OuterRef("pk")))
        backward = Exists(ExchangeRate.objects.filter(base=OuterRef("pk"), quote=code))
        links = links + Case(When(forward | backward, then=1), default=0, output_field=IntegerField())
        wanted |= Q(pk=code)
    rows = Currency.objects.alias(links=links).filter(wanted | Q(links__gte=2))
    return Statement(rows.order_by(), ["pk", "last_valid_on"])


def _preferred(ascending: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Of several sources' rates of one pair and day the one that ExchangeRateQuerySet.preferred takes."""
    rows = list(ascending)
    sources = {row[4] for row in rows}
    if len(sources) < 2:
        return [row[:4] for row in rows]
    worst_first = sorted(sources, key=_precedence, reverse=True)
    place = {source: number for number, source in enumerate(worst_first)}
    rows.sort(key=lambda row: (row[2], place[row[4]]))
    return list({row[:3]: row[:4] for row in rows}.values())


def _precedence(source: str) -> tuple[int, str]:
    """The place of the source; the best is first."""
    preferred = settings.RATE_SOURCES
    return (preferred.index(source) if source in preferred else len(preferred), source)


def _preference(pivot: str) -> tuple[int, str]:
    return (PIVOTS.index(pivot) if pivot in PIVOTS else len(PIVOTS), pivot)
