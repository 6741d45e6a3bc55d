"""Stored history as the columns that reads work on: whole series of bars, and the events that adjust them.

Kept in the cache under the security's `data_version`, which every write of them steps: what is found there is never
older than the version that the caller has read. The rest is read from the database, of all securities by one
statement. Closes with their times lie apart from the other columns, since most figures need no more.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from django.core.cache import caches
from django.db import connection

from finances.valuation.adjustment import Floats, Ints
from finances.yahoo.types import SplitEvent
from securities import storage_orm, storage_postgres
from securities.bars import BarColumns
from securities.models import Bar, Dividend, Split

WHOLE = frozenset({Bar.Interval.DAY, Bar.Interval.HOUR})
"""Intervals whose series are read and kept whole; of minutes there are too many."""
KEPT_SECONDS = 24 * 60 * 60
AT_ONCE = 100
"""Securities a statement, which bounds its memory: 100 of ten years are 12 MB."""
Versions = Mapping[int, int]
"""By the keys of the securities wanted, the `data_version` that was read of each."""
Kept = dict[str, Any]
Key = Callable[[int, str], str]


class Closes(NamedTuple):
    """times (n,) UTC seconds, ascending; closes (n,) as traded, in the security's currency."""

    times: Ints
    closes: Floats


@dataclass(frozen=True, slots=True)
class Events:
    """What counts, by ex-date, announced events among them."""

    splits: tuple[SplitEvent, ...]
    dividends: tuple[tuple[date, Decimal, str], ...]
    """(ex-date, amount, currency code)."""


def read_closes(versions: Versions, interval: int = Bar.Interval.DAY) -> dict[int, Closes]:
    """All closes of each security; empty columns of one that has no bars, or that does not exist."""
    kept = _read(versions, ["closes"], lambda pks, key: _pack_closes(pks, interval, key), interval)
    return {pk: _closes(closes) for pk, (closes,) in kept.items()}


def read_series(versions: Versions, interval: int = Bar.Interval.DAY) -> dict[int, BarColumns]:
    """All bars of each security, as traded."""
    kept = _read(versions, ["closes", "others"], lambda pks, key: _pack(pks, interval, key), interval)
    return {pk: _columns(closes, others) for pk, (closes, others) in kept.items()}


def read_events(versions: Versions) -> dict[int, Events]:
    kept = _read(versions, ["events"], _events)
    return {pk: events for pk, (events,) in kept.items()}


def _read(
    versions: Versions, kinds: list[str], load: Callable[[list[int], Key], Kept], interval: int = 0
) -> dict[int, list[Any]]:
    """The value of each kind for each security: what the cache has, and what `load` brings of the others."""

    def key(pk: int, kind: str) -> str:
        return f"{kind}:{interval}:{pk}:{versions[pk]}"

    keys = {pk: [key(pk, kind) for kind in kinds] for pk in versions}
    found: Kept = caches["series"].get_many([each for own in keys.values() for each in own])
    absent = [pk for pk, own in keys.items() if not found.keys() >= set(own)]
    for start in range(0, len(absent), AT_ONCE):
        loaded = load(absent[start : start + AT_ONCE], key)
        caches["series"].set_many(loaded, KEPT_SECONDS)
        found |= loaded
    return {pk: [found[each] for each in own] for pk, own in keys.items()}


def _engine() -> Any:
    return storage_postgres if connection.vendor == "postgresql" else storage_orm


def _pack_closes(pks: list[int], interval: int, key: Key) -> Kept:
    """As the first value of `_pack`, without reading the other columns."""
    found = _engine().read_closes(pks, interval).items()
    return {key(pk, "closes"): times.tobytes() + closes.tobytes() for pk, (times, closes) in found}


def _pack(pks: list[int], interval: int, key: Key) -> Kept:
    """Two values a security: times and closes; opens, highs, lows and volumes. Eight bytes each, in this machine's
    order."""
    packed: Kept = {}
    for pk, bars in _engine().read_series(pks, interval).items():
        packed[key(pk, "closes")] = bars.times.tobytes() + bars.closes.tobytes()
        packed[key(pk, "others")] = bars.prices[:3].tobytes() + bars.volumes.tobytes()
    return packed


def _closes(packed: bytes) -> Closes:
    times, closes = np.frombuffer(packed, dtype=np.int64).reshape(2, -1)
    return Closes(times, closes.view(np.float64))


def _columns(packed_closes: bytes, packed_others: bytes) -> BarColumns:
    times, closes = _closes(packed_closes)
    others = np.frombuffer(packed_others, dtype=np.int64).reshape(4, -1)
    return BarColumns(times, np.vstack([others[:3].view(np.float64), closes]), others[3])


def _events(pks: list[int], key: Key) -> Kept:
    splits = Split.objects.current().filter(security__in=pks, is_void=False)
    dividends = Dividend.objects.current().filter(security__in=pks)
    split_rows = _by_security(pks, splits, ["ex_date", "numerator", "denominator"])
    dividend_rows = _by_security(pks, dividends, ["ex_date", "amount", "currency_id"])
    return {
        key(pk, "events"): Events(tuple(SplitEvent(*row) for row in split_rows[pk]), tuple(dividend_rows[pk]))
        for pk in pks
    }


def _by_security(pks: list[int], events: Any, columns: Iterable[str]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {pk: [] for pk in pks}
    for pk, *row in events.order_by("ex_date", "pk").values_list("security_id", *columns):
        found[pk].append(tuple(row))
    return found
