"""What staff see of rates held back: figures beside those stored, a chart of both, what each decision would do."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from currencies.models import ExchangeRate, QuarantinedRates
from currencies.screening import differs
from currencies.series import EPOCH
from finances.sync.held_back import Choice, Figures

SHOWN = 5
AROUND = timedelta(days=90)
"""How much of what is stored is charted before and after the days in question."""
DAY_SECONDS = 86_400


def figures_of(held: QuarantinedRates) -> Figures:
    stored = _stored(held, *_span(held))
    rows = [
        [day, _plain(stored.get(date.fromisoformat(day))), _plain(Decimal(rate))] for day, rate in reversed(held.rates)
    ]
    what = f"{held.quote_id} for one {held.base_id}, {held.source}"
    return Figures(what, ["Day", "Stored now", "Came"], rows[:SHOWN], len(rows[SHOWN:]))


def choices_of(held: QuarantinedRates) -> list[Choice]:
    meaning = "Store these rates."
    reject = Choice("reject", "Never store these rates, nor hold them back again.", "No stored rate changes.")
    if held.reason not in QuarantinedRates.STORABLE:
        return [Choice("accept", meaning, "Not possible: no currency pair can have them.", is_possible=False), reject]
    return [Choice("accept", meaning, _effect(held)), reject]


def series_of(held: QuarantinedRates) -> dict[str, Any]:
    """Columns for a chart, ascending: times in UTC seconds, the rates `stored` and `fetched`, null where there is none;
    `lines` names those that hold any."""
    first, last = _span(held)
    newest = (
        ExchangeRate.objects.of_pair(held.base_id, held.quote_id).filter(source=held.source).order_by("-day").first()
    )
    start = min(first, newest.day) if newest else first
    stored = {day: float(rate) for day, rate in _stored(held, start - AROUND, last + AROUND).items()}
    came = {date.fromisoformat(day): _number(rate) for day, rate in held.rates}
    days = sorted({*stored, *came})
    return {
        "times": [_seconds(day) for day in days],
        "stored": [stored.get(day) for day in days],
        "fetched": [came.get(day) for day in days],
        "lines": [name for name, column in (("stored", stored), ("fetched", came)) if column],
        "marked": [_seconds(day) for day in came] if len(came) == 1 else [],
        "currency": f"{held.quote_id} per {held.base_id}",
    }


def _span(held: QuarantinedRates) -> tuple[date, date]:
    return date.fromisoformat(held.rates[0][0]), date.fromisoformat(held.rates[-1][0])


def _stored(held: QuarantinedRates, first: date, last: date) -> dict[date, Decimal]:
    own = ExchangeRate.objects.of_pair(held.base_id, held.quote_id).filter(source=held.source)
    return dict(own.between(first, last).values_list("day", "quote_per_base"))


def _effect(held: QuarantinedRates) -> str:
    stored, came = _stored(held, *_span(held)), {date.fromisoformat(day): Decimal(rate) for day, rate in held.rates}
    added = len(came.keys() - stored.keys())
    changed = sum(differs(stored[day], came[day]) for day in came.keys() & stored.keys())
    counts = [(added, "added"), (changed, "replaced, the old ones kept as revisions")]
    told = [f"{count} {'rate' if count == 1 else 'rates'} {what}" for count, what in counts if count]
    return f"{' and '.join(told)}." if told else "No stored rate changes."


def _number(rate: str) -> float | None:
    """None for what no chart can show."""
    figure = Decimal(rate)
    return float(figure) if figure.is_finite() else None


def _plain(rate: Decimal | None) -> str:
    return "–" if rate is None else f"{rate.normalize():f}"


def _seconds(day: date) -> int:
    return (day - EPOCH).days * DAY_SECONDS
