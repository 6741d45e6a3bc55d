"""Bars into any engine through the ORM: read the range, compare, write what is new or changed in bulk."""

from typing import Any

import numpy as np

from finances.sync.models import SyncRun
from finances.valuation.adjustment import Floats, Ints
from securities.bars import COLUMNS, NOISE, BarColumns, Tolerance, moment, seconds
from securities.models import Price, PriceRevision, Security
from securities.recovery import RawHistory

FIELDS = ("open", "high", "low", "close", "volume", "provisional")
BATCH = 1000


def upsert(security: Security, raw: RawHistory, run: SyncRun, same: Tolerance = NOISE) -> tuple[int, int, int]:
    """(added, changed, written); see `securities.storage.store_bars`."""
    stored = _stored(security, raw)
    fetched = {row[0]: row[1:] for row in raw.rows()}
    new = {ts: row for ts, row in fetched.items() if ts not in stored}
    # A bar that is settled already is not taken back by an older answer from an open session.
    known = {ts: row for ts, row in fetched.items() if ts in stored and (stored[ts][5] or not row[5])}
    changed = {ts: row for ts, row in known.items() if _differs(stored[ts], row, same)}
    settled = {ts: row for ts, row in known.items() if ts not in changed and stored[ts][5] != row[5]}
    _keep({ts: stored[ts] for ts in changed if not stored[ts][5]}, security, raw.interval, run)
    written = new | changed | settled
    Price.objects.bulk_create(
        [
            Price(security=security, interval=raw.interval, ts=ts, run=run, **dict(zip(FIELDS, row, strict=True)))
            for ts, row in written.items()
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["security", "interval", "ts"],
        update_fields=[*FIELDS, "run"],
    )
    return len(new), len(changed), len(written)


def _stored(security: Security, raw: RawHistory) -> dict[Any, tuple[Any, ...]]:
    """{ts: (open, high, low, close, volume, provisional, run id)} over the range of `raw`."""
    first, last = moment(raw.bars.times[0]), moment(raw.bars.times[-1])
    rows = Price.objects.of(security, raw.interval).filter(ts__gte=first, ts__lte=last)
    return {row[0]: row[1:] for row in rows.values_list("ts", *FIELDS, "run_id")}


def _differs(stored: tuple[Any, ...], fetched: tuple[Any, ...], same: Tolerance) -> bool:
    prices = any(_price_differs(old, new, same.price) for old, new in zip(stored[:4], fetched[:4], strict=True))
    return prices or _volume_differs(stored[4], fetched[4], same.volume)


def _price_differs(old: float | None, new: float | None, tolerance: float) -> bool:
    if old is None or new is None:
        return old is not new
    return abs(old - new) > tolerance * abs(old)


def _volume_differs(old: int | None, new: int | None, tolerance: int) -> bool:
    if old is None or new is None:
        return old is not new
    return abs(old - new) > tolerance


def _keep(superseded: dict[Any, tuple[Any, ...]], security: Security, interval: int, run: SyncRun) -> None:
    PriceRevision.objects.bulk_create(
        [
            PriceRevision(
                security=security,
                interval=interval,
                ts=ts,
                superseded_at=run.recorded_at,
                run_id=row[6],
                **dict(zip(FIELDS[:5], row[:5], strict=True)),
            )
            for ts, row in superseded.items()
        ],
        batch_size=BATCH,
    )


def read_series(pks: list[int], interval: int) -> dict[int, BarColumns]:
    """All bars of each security."""
    rows: dict[int, list[tuple[Any, ...]]] = {pk: [] for pk in pks}
    bars = Price.objects.filter(security__in=pks, interval=interval).order_by("security_id", "ts")
    for pk, *row in bars.values_list("security_id", *COLUMNS):
        rows[pk].append(tuple(row))
    return {pk: BarColumns.from_rows(own) for pk, own in rows.items()}


def read_closes(pks: list[int], interval: int) -> dict[int, tuple[Ints, Floats]]:
    """Times and closes of all bars of each security."""
    rows: dict[int, tuple[list[int], list[float]]] = {pk: ([], []) for pk in pks}
    bars = Price.objects.filter(security__in=pks, interval=interval).order_by("security_id", "ts")
    for pk, ts, close in bars.values_list("security_id", "ts", "close"):
        times, closes = rows[pk]
        times.append(seconds(ts))
        closes.append(close)
    return {pk: (np.array(times, dtype=np.int64), np.array(closes)) for pk, (times, closes) in rows.items()}
