"""Rates into PostgreSQL and out of it: by one statement for columns, as `securities.storage_postgres` for bars."""

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np

from currencies.models import Currency
from currencies.screening import TOLERANCE, DayClose
from finances.columns import DAYS, Column, fetch_packed, fetch_row
from finances.sync.models import SyncRun
from finances.valuation.adjustment import Floats, Ints

DAY_ZERO = date(2000, 1, 1).toordinal()
UPSERT = """
with stage as (
    select day, quote_per_base::numeric(36, 18) as quote_per_base
    from unnest(%(days)s, %(rates)s::numeric[]) as rate (day, quote_per_base)
), found as materialized (
    select s.*, r.day is null as is_new, r.quote_per_base as old_rate, r.run_id as old_run_id
    from stage s
    left join currencies_exchangerate r on r.base_id = %(base)s and r.quote_id = %(quote)s and r.source = %(source)s
         and r.day between %(first)s and %(last)s and r.day = s.day
    where r.day is null or abs(r.quote_per_base - s.quote_per_base) > %(tolerance)s * r.quote_per_base
), kept as (
    insert into currencies_exchangeraterevision
        (base_id, quote_id, day, quote_per_base, source, run_id, superseded_at)
    select %(base)s, %(quote)s, day, old_rate, %(source)s, old_run_id, %(now)s from found where not is_new
), written as (
    insert into currencies_exchangerate (base_id, quote_id, day, quote_per_base, source, run_id)
    select %(base)s, %(quote)s, day, quote_per_base, %(source)s, %(run)s from found
    on conflict (base_id, quote_id, day, source) do update set
        quote_per_base = excluded.quote_per_base, run_id = excluded.run_id
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from found
"""
SERIES = """
select base_id, quote_id, source,
       string_agg(int4send(day - date '1970-01-01') || float8send(quote_per_base::float8), ''::bytea)
from currencies_exchangerate
where base_id = any(%(codes)s) and quote_id = any(%(codes)s) and day between %(start)s and %(end)s
group by base_id, quote_id, source
"""
PACKED = np.dtype([("day", ">i4"), ("rate", ">f8")])


def upsert(base: Currency, quote: Currency, closes: list[DayClose], run: SyncRun) -> tuple[int, int]:
    """(added, changed); see `currencies.storage.store_rates`."""
    pair = {"base": base.pk, "quote": quote.pk, "source": run.source}
    window = {"first": closes[0].day, "last": closes[-1].day}
    recorded = {"run": run.pk, "now": run.recorded_at, "tolerance": TOLERANCE}
    added, changed = fetch_row(UPSERT, {**pair, **window, **recorded, **_columns(closes)})
    return added, changed


def _columns(closes: list[DayClose]) -> dict[str, Any]:
    days = np.array([close.day.toordinal() for close in closes]) - DAY_ZERO
    # Exact decimals have no form of fixed width.
    rates = ",".join([str(close.quote_per_base) for close in closes])
    return {"days": Column(DAYS, days), "rates": f"{{{rates}}}"}


def read_series(
    codes: Collection[str], start: date, end: date
) -> dict[tuple[str, str, str], tuple[Ints, Floats]]:  # fmt: skip
    """The days, ascending, and rates stored between any of `codes`, by base, quote and source."""
    rows = fetch_packed(SERIES, {"codes": list(codes), "start": start, "end": end})
    return {(base, quote, source): _columns_of(packed) for base, quote, source, packed in rows}


def _columns_of(packed: bytes) -> tuple[Ints, Floats]:
    rows = np.frombuffer(packed, dtype=PACKED)
    # Putting them in order is dearer in the statement.
    order = np.argsort(rows["day"], kind="stable")
    return rows["day"][order].astype(np.int64), rows["rate"][order].astype(np.float64)
