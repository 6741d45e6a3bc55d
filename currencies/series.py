"""Rates day by day: as stored, or followed from what is stored on that very day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Case, CharField, DateField, Exists, F, Min, OuterRef, Q, When

from currencies.fixings import Fixing, Fixings, Rate
from currencies.models import Currency, ExchangeRate
from finances.statements import PagedStatement, Parameter

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class DayRate:
    base: str
    quote: str
    rate: Rate
    source: str
    """Of a cross those of both legs, where they differ."""


class StoredRate(NamedTuple):
    """A row of ExchangeRate, or what it was at some moment."""

    base_id: str
    quote_id: str
    day: date
    quote_per_base: Decimal
    source: str


def columns_known(at: datetime | None) -> tuple[str, ...]:
    """Where rows that came through `known` have the fields of StoredRate."""
    figure = "quote_per_base" if at is None else "rate_then"
    return ("base_id", "quote_id", "day", figure, "source")


def day_rates(code: str, rows: Iterable[StoredRate]) -> list[DayRate]:
    """Stored `rows` as seen from `code`: the inverse where it is the quote."""
    found = []
    for row in rows:
        other = row.quote_id if row.base_id == code else row.base_id
        found.append(_day_rate(code, other, row.day, [row]))
    return found


@lru_cache(maxsize=32)
def stored_rates(*, starts: bool, ends: bool, newest_first: bool, sources: tuple[str, ...]) -> PagedStatement:
    """Rows of StoredRate to or from `code`, from `start` on and up to `end` if it `starts` or `ends`; the statement
    holds the precedence of `sources`, the setting as it is."""
    day, code = DateField(), Parameter("code", CharField())
    rows = ExchangeRate.objects.seen_from(code).between(
        Parameter("start", day) if starts else None, Parameter("end", day) if ends else None
    )
    ordered = rows.preferred().order_by("-day" if newest_first else "day", "other")
    return PagedStatement(ordered, columns_known(None))


def pair_days(base: str, quote: str, *, start: date | None, end: date | None, known_at: datetime | None = None) -> Any:
    """The days, a queryset to be ordered and cut, on which fixings of that day give units of `quote` for `base`."""
    others = [quote, *_pivots(base, quote)]
    ended = Currency.objects.filter(pk__in=[base, quote]).aggregate(on=Min("last_valid_on"))["on"]
    last = min((day for day in (end, ended) if day), default=None)
    rows = ExchangeRate.objects.known(known_at).between(start, last)
    rows = rows.filter(Q(base=base, quote__in=others) | Q(base__in=others, quote=base))
    rows = rows.annotate(other=Case(When(base=base, then=F("quote")), default=F("base")))
    second_leg = (
        ExchangeRate.objects.known(known_at)
        .filter(day=OuterRef("day"))
        .filter(Q(base=quote, quote=OuterRef("other")) | Q(base=OuterRef("other"), quote=quote))
    )
    return rows.filter(Q(other=quote) | Exists(second_leg)).values_list("day", flat=True).distinct()


def pair_rates(base: str, quote: str, days: list[date], known_at: datetime | None = None) -> list[DayRate]:
    """Units of `quote` for one of `base` on each of `days`, in their order, each from fixings of that day alone."""
    codes = [base, quote, *_pivots(base, quote)]
    by_day: dict[date, list[StoredRate]] = {day: [] for day in days}
    rows = ExchangeRate.objects.known(known_at).filter(day__in=days, base__in=codes, quote__in=codes)
    for row in map(StoredRate._make, rows.preferred(known_at).values_list(*columns_known(known_at))):
        by_day[row.day].append(row)
    return [_day_rate(base, quote, day, rows) for day, rows in by_day.items()]


def currency_chart(code: str) -> dict[str, Any]:
    """Columns for a chart, ascending: times in UTC seconds, stored units of `code` for one euro, else for one of
    another base that it has rates against; of the euro's dollars."""
    stored = ExchangeRate.objects.filter(quote=code)
    first = stored.order_by(Case(When(base="EUR", then=0), default=1), "base").values_list("base", flat=True).first()
    base, quote = ("EUR", "USD") if code == "EUR" else (first or "EUR", code)
    rows = ExchangeRate.objects.of_pair(base, quote).preferred().order_by("day").values_list("day", "quote_per_base")
    return {
        "times": [(day - EPOCH).days * 86_400 for day, _rate in rows],
        "rates": [float(quote_per_base) for _day, quote_per_base in rows],
        "pair": f"{quote} per {base}",
    }


def _pivots(base: str, quote: str) -> list[str]:
    """Currencies with stored rates against both; each is a look-up in the key, whatever the length of the series."""
    third = Currency.objects.exclude(pk__in=[base, quote])
    return list(third.filter(_has_rates_with(base), _has_rates_with(quote)).values_list("pk", flat=True))


def _has_rates_with(code: str) -> Any:
    forward = ExchangeRate.objects.filter(base=code, quote=OuterRef("pk"))
    return Exists(forward) | Exists(ExchangeRate.objects.filter(base=OuterRef("pk"), quote=code))


def _day_rate(base: str, quote: str, day: date, rows: list[StoredRate]) -> DayRate:
    fixings = Fixings(Fixing(row.base_id, row.quote_id, row.day, row.quote_per_base) for row in rows)
    rate = fixings.quote_per_base(base, quote, as_of=day)
    if not isinstance(rate, Rate):
        raise LookupError(rate.detail)
    return DayRate(base, quote, rate, "+".join(_sources(rate, rows)))


def _sources(rate: Rate, rows: list[StoredRate]) -> Iterator[str]:
    pairs = {(leg.base, leg.quote) for leg in rate.legs}
    yield from sorted({row.source for row in rows if (row.base_id, row.quote_id) in pairs})
