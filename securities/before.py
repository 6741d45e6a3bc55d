"""What is stored of a security before a sync or a decision writes, each thing read once.

Whoever writes a listed security's bars, events and reviews holds its lease and spends it in the writing transaction. So
what was read since the lease was taken is what is there when it is written.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Max

from finances.sync.models import SyncRun
from finances.yahoo.types import SplitEvent
from securities.actions import known_splits, void_days
from securities.bars import COLUMNS, BarColumns, moment
from securities.models import Price, Review, Security
from securities.recovery import RawDividend

OVERLAP_BARS = 60
"""How many stored bars an answer is to repeat, to show whether it continues them."""
TAIL_BARS = OVERLAP_BARS + 1
"""And the one before them."""


@dataclass
class Before:
    security: Security
    _tails: dict[int, BarColumns] = field(default_factory=dict)

    @classmethod
    def of(cls, symbol: str) -> "Before | None":
        """Of a listed symbol; None where it is new."""
        security = Security.objects.listed().for_sync().filter(symbol=symbol).first()
        if security is None:
            return None
        before, listed = cls(security), sorted(security.listed_splits or ())
        events = [(SplitEvent(date.fromisoformat(day), new, old), void) for day, new, old, void in listed]
        before.splits = tuple(event for event, void in events if not void)
        before.void_days = {event.ex_date for event, void in events if void}
        before.last_recorded_at = security.last_recorded_at
        if not security.has_reviews:
            before.reviews = []
        return before

    @cached_property
    def splits(self) -> tuple[SplitEvent, ...]:
        """Those that count, by ex-date."""
        return tuple(known_splits(self.security))

    @cached_property
    def void_days(self) -> set[date]:
        return void_days(self.security)

    @cached_property
    def dividends(self) -> list[RawDividend]:
        current = self.security.dividends.current().order_by("ex_date", "pk")
        return [RawDividend(*row) for row in current.values_list("ex_date", "amount", "kind", "currency_id")]

    @cached_property
    def reviews(self) -> list[Review]:
        """Of all intervals, the latest last."""
        return list(Review.objects.remembered(self.security))

    @cached_property
    def last_recorded_at(self) -> datetime | None:
        """When figures of its symbol were recorded last."""
        at: datetime | None = SyncRun.objects.of_symbol(self.security.symbol).aggregate(at=Max("recorded_at"))["at"]
        return at

    def tail(self, interval: int) -> BarColumns:
        """The newest TAIL_BARS settled bars, ascending."""
        if interval not in self._tails:
            newest = self._settled(interval).newest_first().values_list(*COLUMNS)[:TAIL_BARS]
            self._tails[interval] = BarColumns.from_rows(list(newest)[::-1])
        return self._tails[interval]

    def bars_from(self, interval: int, since: datetime | None) -> BarColumns:
        """Settled bars, ascending; `since` None: all."""
        tail = self.tail(interval)
        if len(tail) < TAIL_BARS or (since is not None and moment(tail.times[0]) <= since):
            return tail if since is None else tail.where(tail.times >= since.timestamp())
        rows = self._settled(interval).between(since, None).order_by("ts")
        return BarColumns.from_rows(list(rows.values_list(*COLUMNS)))

    def bar_before(self, interval: int, time: int) -> BarColumns:
        """The last settled bar before `time` (UTC seconds), if there is one."""
        tail = self.tail(interval)
        earlier = tail.where(tail.times < time)
        if len(earlier) or len(tail) < TAIL_BARS:
            return earlier.where(slice(-1, None))
        rows = self._settled(interval).between(None, moment(time)).newest_first()
        return BarColumns.from_rows(list(rows.values_list(*COLUMNS)[:1]))

    def _settled(self, interval: int) -> Any:
        return Price.objects.of(self.security, interval).filter(provisional=False)
