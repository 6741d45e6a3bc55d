"""Make the tables in an empty database: `python -m benchmarks.fastapi_baseline.create_tables`."""

import asyncio

from benchmarks.fastapi_baseline.database import engine
from benchmarks.fastapi_baseline.models import Base


async def create() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


asyncio.run(create())
