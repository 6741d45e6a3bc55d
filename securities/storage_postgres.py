"""Bars into PostgreSQL and out of it. In: one statement, with an array for each column.

The constants in the join let the planner read one range of the key instead of the whole of it. Out: a whole series as
one value of fixed-width records, which become columns without a step for each bar.
"""

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finances.columns import DOUBLES, FLAGS, INTEGERS, TIMES, Column, fetch_packed, fetch_row
from finances.sync.models import SyncRun
from finances.valuation.adjustment import Floats, Ints
from securities.bars import EPOCH, NOISE, BarColumns, Tolerance, moment
from securities.models import Security
from securities.recovery import RawHistory

DIFFERS = """(
    p.open is distinct from s.open and coalesce(abs(p.open - s.open) > %(price)s * abs(p.open), true)
 or p.high is distinct from s.high and coalesce(abs(p.high - s.high) > %(price)s * abs(p.high), true)
 or p.low is distinct from s.low and coalesce(abs(p.low - s.low) > %(price)s * abs(p.low), true)
 or abs(p.close - s.close) > %(price)s * abs(p.close)
 or p.volume is distinct from s.volume and coalesce(abs(p.volume - s.volume) > %(volume)s, true)
)"""
UPSERT = f"""
with stage as (
    select ts, nullif(open, 'NaN') as open, nullif(high, 'NaN') as high, nullif(low, 'NaN') as low, close,
           nullif(volume, -1) as volume, provisional
    from unnest(%(ts)s, %(open)s, %(high)s, %(low)s, %(close)s, %(volumes)s, %(provisional)s)
         as bar (ts, open, high, low, close, volume, provisional)
), found as materialized (
    select s.*, p.ts is null as is_new, coalesce({DIFFERS}, false) as differs, p.provisional as was_provisional,
           p.open as old_open, p.high as old_high, p.low as old_low, p.close as old_close, p.volume as old_volume,
           p.run_id as old_run_id
    from stage s
    left join securities_price p on p.security_id = %(security)s and p.interval = %(interval)s
         and p.ts between %(first)s and %(last)s and p.ts = s.ts
    -- A bar that is settled already is not taken back by an older answer from an open session.
    where p.ts is null or (({DIFFERS} or p.provisional <> s.provisional) and (p.provisional or not s.provisional))
), kept as (
    insert into securities_pricerevision
        (security_id, interval, ts, open, high, low, close, volume, run_id, superseded_at)
    select %(security)s, %(interval)s, ts, old_open, old_high, old_low, old_close, old_volume, old_run_id, %(now)s
    from found where not is_new and differs and not was_provisional
), written as (
    insert into securities_price
        (security_id, interval, ts, open, high, low, close, volume, run_id, provisional)
    select %(security)s, %(interval)s, ts, open, high, low, close, volume, %(run)s, provisional from found
    on conflict (security_id, interval, ts) do update set
        open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume, run_id = excluded.run_id, provisional = excluded.provisional
)
select count(*) filter (where is_new), count(*) filter (where not is_new and differs), count(*) from found
"""  # noqa: S608 - the only insertion is the constant above

SERIES = """
select security_id, string_agg(
    timestamptz_send(ts) || float8send(coalesce(open, 'NaN')) || float8send(coalesce(high, 'NaN'))
    || float8send(coalesce(low, 'NaN')) || float8send(close) || int8send(coalesce(volume, -1)), ''::bytea order by ts)
from securities_price where security_id = any(%(securities)s::int[]) and interval = %(interval)s group by security_id
"""
# By look-ups in the covering key, each in its order: sorting within one aggregate over all costs twice as much.
CLOSES = """
select wanted.security_id, own.times, own.closes
from unnest(%(securities)s::int[]) as wanted (security_id), lateral (
    select string_agg(timestamptz_send(ts), ''::bytea) as times, string_agg(float8send(close), ''::bytea) as closes
    from (select ts, close from securities_price
          where security_id = wanted.security_id and interval = %(interval)s order by ts) as bars) as own
"""
PACKED = np.dtype(
    [("ts", ">i8"), ("open", ">f8"), ("high", ">f8"), ("low", ">f8"), ("close", ">f8"), ("volume", ">i8")]
)
MICROSECONDS = 1_000_000
TIME_ZERO = int((datetime(2000, 1, 1, tzinfo=UTC) - EPOCH).total_seconds())
"""From which timestamptz counts in its binary form, in UTC seconds."""


def upsert(security: Security, raw: RawHistory, run: SyncRun, same: Tolerance = NOISE) -> tuple[int, int, int]:
    """(added, changed, written); see `securities.storage.store_bars`."""
    times = raw.bars.times
    series = {"security": security.pk, "interval": raw.interval, "first": moment(times[0]), "last": moment(times[-1])}
    recorded = {"run": run.pk, "now": run.recorded_at, "price": same.price, "volume": same.volume}
    added, changed, written = fetch_row(UPSERT, {**series, **recorded, **_columns(raw)})
    return added, changed, written


def _columns(raw: RawHistory) -> dict[str, Column]:
    bars = raw.bars
    prices = zip(("open", "high", "low", "close"), bars.prices, strict=True)
    return {
        "ts": Column(TIMES, (bars.times - TIME_ZERO) * MICROSECONDS),
        **{name: Column(DOUBLES, figures) for name, figures in prices},
        "volumes": Column(INTEGERS, bars.volumes),
        "provisional": Column(FLAGS, bars.times >= raw.provisional_from),
    }


def read_series(pks: list[int], interval: int) -> dict[int, BarColumns]:
    """All bars of each security, by one statement that sends no row of its own for a bar."""
    found = dict.fromkeys(pks, b"")
    found |= fetch_packed(SERIES, {"securities": pks, "interval": interval})
    return {pk: _unpacked(packed) for pk, packed in found.items()}


def read_closes(pks: list[int], interval: int) -> dict[int, tuple[Ints, Floats]]:
    """Times and closes of all bars of each security, by one statement likewise."""
    rows = fetch_packed(CLOSES, {"securities": pks, "interval": interval})
    return {
        pk: (
            _seconds(np.frombuffer(times or b"", dtype=">i8")),
            np.frombuffer(closes or b"", dtype=">f8").astype(float),
        )
        for pk, times, closes in rows
    }


def _seconds(sent: NDArray[Any]) -> Ints:
    return np.asarray(sent.astype(np.int64) // MICROSECONDS + TIME_ZERO)


def _unpacked(packed: bytes) -> BarColumns:
    bars = np.frombuffer(packed, dtype=PACKED)
    prices = np.vstack([bars[name].astype(np.float64) for name in ("open", "high", "low", "close")])
    return BarColumns(_seconds(bars["ts"]), prices, bars["volume"].astype(np.int64))
