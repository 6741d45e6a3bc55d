"""Splits and dividends into the database: new ones in, changed ones replaced by a new row, equal ones untouched."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from currencies.catalogue import ensure_currency
from finances.sync.models import SyncRun
from finances.yahoo.types import SplitEvent
from securities.models import Dividend, Security, Split
from securities.recovery import RawDividend

LARGEST_PLAIN_TERM = 100
TOLERANCE = Decimal("0.000001")
"""A smaller relative difference is none; times the later splits, which magnify the rounding of what is shown."""


def changes_quantities(split: SplitEvent) -> bool:
    """Whether holders' units change: true of plain ratios (4:1, 1:30, 103:100), not of those that providers list for
    spin-offs and class dividends (10027455:10000000, 1001:500)."""
    return min(split.numerator, split.denominator) <= LARGEST_PLAIN_TERM


def known_splits(security: Security) -> list[SplitEvent]:
    """The splits that count, by ex-date, those only announced among them."""
    splits = security.splits.current().filter(is_void=False).order_by("ex_date")
    return [SplitEvent(*row) for row in splits.values_list("ex_date", "numerator", "denominator")]


def void_days(security: Security) -> set[date]:
    """Ex-dates of splits that the provider lists and that did not happen."""
    return set(security.splits.current().filter(is_void=True).values_list("ex_date", flat=True))


def read_actions(security: Security) -> dict[str, Any]:
    """The splits and dividends that count, by ex-date."""
    splits = security.splits.current().filter(is_void=False)
    return {
        "splits": splits.order_by("ex_date", "pk"),
        "dividends": security.dividends.current().order_by("ex_date", "pk"),
    }


def store_splits(security: Security, splits: Iterable[SplitEvent], run: SyncRun) -> None:
    current = {split.ex_date: split for split in security.splits.current()}
    news = [event for event in splits if _is_news(current.get(event.ex_date), event)]
    for event in news:
        if old := current.get(event.ex_date):
            Split.objects.filter(pk=old.pk).update(superseded_at=run.recorded_at)
        Split.objects.create(
            security=security,
            ex_date=event.ex_date,
            numerator=event.numerator,
            denominator=event.denominator,
            changes_quantities=changes_quantities(event),
            run=run,
        )
    if news:
        security.step_version()


def _is_news(old: Split | None, event: SplitEvent) -> bool:
    """A void split was looked at by staff: the provider listing it again changes nothing."""
    if old is None:
        return True
    return not old.is_void and (old.numerator, old.denominator) != (event.numerator, event.denominator)


def store_void(security: Security, event: SplitEvent, run: SyncRun) -> None:
    """Record that a listed split did not happen."""
    _supersede(security.splits.current().filter(ex_date=event.ex_date), run)
    facts = {"ex_date": event.ex_date, "numerator": event.numerator, "denominator": event.denominator}
    security.step_version()
    Split.objects.create(security=security, is_void=True, run=run, **facts)


def withdraw_dividend(security: Security, event: RawDividend, run: SyncRun) -> None:
    """Take back a dividend, if it was stored; its row is kept as superseded."""
    stored = security.dividends.current().filter(ex_date=event.ex_date, kind=event.kind, amount=event.amount)
    if _supersede(stored, run):
        security.step_version()


def _supersede(rows: Any, run: SyncRun) -> int:
    superseded: int = rows.update(superseded_at=run.recorded_at)
    return superseded


def new_dividends(stored: Iterable[RawDividend], dividends: Iterable[RawDividend]) -> list[RawDividend]:
    """Those of `dividends` that are not `stored`, or with another amount."""
    amounts = {_payment(event.ex_date, event.kind, event.currency_code): event.amount for event in stored}
    paid = [(amounts.get(_payment(event.ex_date, event.kind, event.currency_code)), event) for event in dividends]
    return [event for amount, event in paid if amount is None or not _is_amount(amount, event)]


def _payment(ex_date: date, kind: str, currency_code: str) -> tuple[date, bool, str]:
    """Ordinary or special is a judgement on one payment, a capital gain may come with either."""
    return ex_date, kind == Dividend.Kind.CAPITAL_GAIN, currency_code


def _is_amount(stored: Decimal, event: RawDividend) -> bool:
    return abs(stored - event.amount) <= abs(stored) * TOLERANCE * Decimal(event.shares_since)


def store_dividends(security: Security, dividends: Iterable[RawDividend], run: SyncRun) -> None:
    current = {_payment(row.ex_date, row.kind, row.currency_id): row for row in security.dividends.current()}
    new, currencies = [], cache(ensure_currency)
    for event in dividends:
        old = current.get(_payment(event.ex_date, event.kind, event.currency_code))
        if old and _is_amount(old.amount, event):
            continue
        if old:
            Dividend.objects.filter(pk=old.pk).update(superseded_at=run.recorded_at)
        facts = {"ex_date": event.ex_date, "amount": event.amount, "kind": event.kind}
        new.append(Dividend(security=security, currency=currencies(event.currency_code), run=run, **facts))
    if new:
        Dividend.objects.bulk_create(new)
        security.step_version()
