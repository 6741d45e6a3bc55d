"""Bars into PostgreSQL: COPY into a temporary table, then one statement.

The constants in the join let the planner read one range of the key instead of the whole of it.
"""

from django.db import connection

from finances.sync.models import SyncRun
from securities.bars import NOISE, Tolerance, moment
from securities.models import Security
from securities.recovery import RawHistory

STAGE = """
create temporary table if not exists price_stage (
    ts timestamptz, open float8, high float8, low float8, close float8, volume bigint, provisional boolean
) on commit delete rows
"""
COPY = "copy price_stage (ts, open, high, low, close, volume, provisional) from stdin"
DIFFERS = """(
    p.open is distinct from s.open and coalesce(abs(p.open - s.open) > %(price)s * abs(p.open), true)
 or p.high is distinct from s.high and coalesce(abs(p.high - s.high) > %(price)s * abs(p.high), true)
 or p.low is distinct from s.low and coalesce(abs(p.low - s.low) > %(price)s * abs(p.low), true)
 or abs(p.close - s.close) > %(price)s * abs(p.close)
 or p.volume is distinct from s.volume and coalesce(abs(p.volume - s.volume) > %(volume)s, true)
)"""
UPSERT = f"""
with found as materialized (
    select s.*, p.ts is null as is_new, coalesce({DIFFERS}, false) as differs, p.provisional as was_provisional,
           p.open as old_open, p.high as old_high, p.low as old_low, p.close as old_close, p.volume as old_volume,
           p.run_id as old_run_id
    from price_stage s
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
select count(*) filter (where is_new), count(*) filter (where not is_new and differs) from found
"""  # noqa: S608 - the only insertion is the constant above


def upsert(security: Security, raw: RawHistory, run: SyncRun, same: Tolerance = NOISE) -> tuple[int, int]:
    """(added, changed); see `securities.storage.store_bars`."""
    bars = raw.bars
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy(COPY) as copy:
            for row in raw.rows():
                copy.write_row(row)
        cursor.execute(
            UPSERT,
            {
                "security": security.pk,
                "interval": raw.interval,
                "first": moment(bars.times[0]),
                "last": moment(bars.times[-1]),
                "run": run.pk,
                "price": same.price,
                "volume": same.volume,
                "now": run.recorded_at,
            },
        )
        added, changed = cursor.fetchone()
        cursor.execute("truncate price_stage")
    return added, changed
