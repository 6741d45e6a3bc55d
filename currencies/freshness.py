"""How old the rates of each pair and source are."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min

from currencies.models import Currency, ExchangeRate, ExchangeRateRevision, QuarantinedRates

Series = tuple[str, str, str]
"""Base, quote, source."""


@dataclass(frozen=True)
class Freshness:
    base: str
    quote: str
    source: str
    first_day: date
    last_day: date
    rates: int
    last_rate: Decimal
    """Units of the quote for one of the base."""
    days_since: int | None
    """None where one of the two has ended."""
    changed: int
    held: int
    """Open decisions."""

    @property
    def exact(self) -> str:
        return f"{self.last_rate.normalize():f}"


def freshness(*, today: date) -> list[Freshness]:
    """Of every pair and source with rates, the stalest first; in five queries however many they are."""
    facts = {"first_day": Min("day"), "last_day": Max("day"), "rates": Count("pk")}
    rows = list(ExchangeRate.objects.order_by().values_list("base_id", "quote_id", "source").annotate(**facts))
    ended = set(Currency.objects.ended_before(today).values_list("pk", flat=True))
    changed = _counts(ExchangeRateRevision.objects)
    held = _counts(QuarantinedRates.objects.open())
    last_rates = _rates_on({row[4] for row in rows})
    found = [
        Freshness(
            base,
            quote,
            source,
            first_day=first,
            last_day=last,
            rates=count,
            last_rate=last_rates[base, quote, source, last],
            days_since=None if ended & {base, quote} else (today - last).days,
            changed=changed.get((base, quote, source), 0),
            held=held.get((base, quote, source), 0),
        )
        for base, quote, source, first, last, count in rows
    ]
    return sorted(found, key=_stalest_first)


def _stalest_first(row: Freshness) -> tuple[bool, int, Series]:
    return row.days_since is None, -(row.days_since or 0), (row.base, row.quote, row.source)


def _counts(rows: Any) -> dict[Series, int]:
    counted = rows.order_by().values_list("base_id", "quote_id", "source").annotate(Count("pk"))
    return {(base, quote, source): count for base, quote, source, count in counted}


def _rates_on(days: set[date]) -> dict[tuple[str, str, str, date], Decimal]:
    rows = ExchangeRate.objects.filter(day__in=days)
    return {row[:4]: row[4] for row in rows.values_list("base_id", "quote_id", "source", "day", "quote_per_base")}
