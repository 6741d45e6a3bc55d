"""Bars and events as the system knew them at a moment: what was recorded by then and not yet replaced.

Every figure counts from its run's `recorded_at` until that of the run that replaced it, so that exactly one version
of each is known at any moment since the first. A provisional bar has no predecessor: it is known from the run that
wrote it last, which as a rule is the first one after its session's close.
"""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Min, OuterRef, QuerySet, Subquery

from finances.sync.models import SyncRun
from finances.yahoo.types import SplitEvent
from securities.bars import COLUMNS
from securities.models import Bar, Price, PriceRevision, Security


class PaidDividend(NamedTuple):
    """With the last daily close before the ex-date, as traded; None where there is no bar."""

    ex_date: date
    amount: Decimal
    previous_close: float | None
    previous_ts: datetime | None


def bars_known_at(
    security: Security, interval: int, start: datetime | None, end: datetime | None, *, known_at: datetime, limit: int
) -> list[tuple[Any, ...]]:
    """The newest `limit` rows of COLUMNS from `start` to before `end`, newest first, by one statement."""
    key: dict[str, Any] = {"security": security, "interval": interval, "recorded_at__lte": known_at}
    if start is not None:
        key["ts__gte"] = start
    if end is not None:
        key["ts__lt"] = end
    # By a look-up for each row: for a join PostgreSQL would read the runs of all securities.
    recorded_at = Subquery(SyncRun.objects.filter(pk=OuterRef("run_id")).order_by().values("recorded_at"))
    current = Price.objects.alias(recorded_at=recorded_at).filter(**key).values_list(*COLUMNS)
    replaced = PriceRevision.objects.alias(recorded_at=recorded_at).filter(**key, superseded_at__gt=known_at)
    replaced = replaced.values_list(*COLUMNS)
    if connection.features.supports_slicing_ordering_in_compound:
        # Each side stops at the limit by itself: without it the whole series would be read and sorted.
        current, replaced = current.order_by("-ts")[:limit], replaced.order_by("-ts")[:limit]
    return list(current.union(replaced, all=True).order_by("-ts")[:limit])


def closes_known_at(
    security_ids: Collection[int], interval: int, *, known_at: datetime
) -> "QuerySet[Any, tuple[int, datetime, float]]":  # fmt: skip
    """(security, time, close) of each of these securities, ascending, by one statement."""
    key: dict[str, Any] = {"security__in": security_ids, "interval": interval, "run__recorded_at__lte": known_at}
    columns = ("security_id", "ts", "close")
    current = Price.objects.filter(**key).order_by().values_list(*columns)
    replaced = PriceRevision.objects.filter(**key, superseded_at__gt=known_at).order_by().values_list(*columns)
    return current.union(replaced, all=True).order_by("security_id", "ts")


def first_known_at(security: Security, interval: int, *, known_at: datetime | None) -> datetime | None:
    """Where its bars begin; `known_at` None is now."""
    bars = Price.objects.of(security, interval)
    if known_at is None:
        return _first(bars)
    replaced = PriceRevision.objects.filter(security=security, interval=interval, superseded_at__gt=known_at)
    firsts = [_first(rows.filter(run__recorded_at__lte=known_at)) for rows in (bars, replaced)]
    return min((ts for ts in firsts if ts is not None), default=None)


def _first(bars: "QuerySet[Any]") -> datetime | None:
    first: datetime | None = bars.aggregate(first=Min("ts"))["first"]
    return first


def splits_known_at(security: Security, known_at: datetime) -> list[SplitEvent]:
    """The splits that counted, by ex-date, those only announced among them."""
    splits = security.splits.known(known_at).filter(is_void=False).order_by("ex_date")
    return [SplitEvent(*row) for row in splits.values_list("ex_date", "numerator", "denominator")]


def dividends_known_at(security: Security, today: date, known_at: datetime) -> list[PaidDividend]:
    """In the security's currency, gone ex by `today`."""
    paid = security.dividends.known(known_at).filter(ex_date__lte=today, currency=security.currency_id)
    current = Price.objects.filter(run__recorded_at__lte=known_at)
    replaced = PriceRevision.objects.filter(run__recorded_at__lte=known_at, superseded_at__gt=known_at)
    rows = paid.annotate(
        close=_before(current, "close"), ts=_before(current, "ts"),
        old_close=_before(replaced, "close"), old_ts=_before(replaced, "ts"),
    ).order_by("ex_date", "pk")  # fmt: skip
    found = []
    for row in rows.values_list("ex_date", "amount", "close", "ts", "old_close", "old_ts"):
        closes = [(ts, close) for close, ts in (row[2:4], row[4:6]) if ts is not None]
        previous_ts, previous_close = max(closes, default=(None, None))
        found.append(PaidDividend(row[0], row[1], previous_close, previous_ts))
    return found


def _before(bars: "QuerySet[Any]", column: str) -> Subquery:
    """Of the last daily bar before a dividend's ex-date."""
    earlier = bars.filter(security=OuterRef("security"), interval=Bar.Interval.DAY, ts__lt=OuterRef("ex_date"))
    return Subquery(earlier.order_by("-ts").values(column)[:1])
