"""Writes by ORM bulk insert with `on conflict do update`, in either of two forms; orders on the input.

`values` is the form of SQLAlchemy's documentation of ORM upserts: the rows stand in the statement, as many as
PostgreSQL's 32,767 parameters allow. `executemany` hands the rows over as parameters, which asyncpg pipelines.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Insert, insert

from benchmarks import series
from benchmarks.fastapi_baseline.database import new_session
from benchmarks.fastapi_baseline.models import ExchangeRate, Price, Security
from benchmarks.order import Order, serve

loop = asyncio.new_event_loop()
MOST_PARAMETERS = 32_767


def prepare(order: Order) -> Callable[[], None]:
    rows = loop.run_until_complete(_prices(order)) if order.what == "bars" else _rates(order)
    upsert = upsert_prices if order.what == "bars" else upsert_rates
    write = _write_values if order.form == "values" else _write_many
    return lambda: loop.run_until_complete(write(upsert, rows))


def upsert_prices(new: Insert) -> Insert:
    figures = {name: getattr(new.excluded, name) for name in ("open", "high", "low", "close", "volume")}
    return new.on_conflict_do_update(index_elements=["security_id", "interval", "timestamp"], set_=figures)


def upsert_rates(new: Insert) -> Insert:
    key = ["base", "quote", "day", "source"]
    return new.on_conflict_do_update(index_elements=key, set_={"rate": new.excluded.rate})


Upsert = Callable[[Insert], Insert]
MODELS: dict[Upsert, Any] = {upsert_prices: Price, upsert_rates: ExchangeRate}


async def _write_many(upsert: Upsert, rows: list[dict[str, Any]]) -> None:
    async with new_session() as session:
        await session.execute(upsert(insert(MODELS[upsert])), rows)
        await session.commit()


async def _write_values(upsert: Upsert, rows: list[dict[str, Any]]) -> None:
    # One more for the id that the model draws.
    step = MOST_PARAMETERS // (len(rows[0]) + 1)
    async with new_session() as session:
        for start in range(0, len(rows), step):
            await session.execute(upsert(insert(MODELS[upsert]).values(rows[start : start + step])))
        await session.commit()


async def _prices(order: Order) -> list[dict[str, Any]]:
    async with new_session() as session:
        key = await session.scalar(select(Security.id).where(Security.symbol == order.into))
    return [
        {
            "security_id": key,
            "interval": "1d",
            "timestamp": at,
            "open": o,
            "high": h,
            "low": lo,
            "close": c,
            "volume": v,
        }
        for at, o, h, lo, c, v in series.bars(order.rows, order.percent)
    ]


def _rates(order: Order) -> list[dict[str, Any]]:
    return [
        {"base": "EUR", "quote": order.into, "day": day, "rate": rate, "source": "ecb"}
        for day, rate in series.rates(order.rows, order.percent)
    ]


serve(prepare)
