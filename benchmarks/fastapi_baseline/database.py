"""Settings, the engine and its pool, and a session for each request."""

import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = make_url(os.environ["DATABASE_URL"].replace("postgres://", "postgresql://", 1)).set(
    drivername="postgresql+asyncpg"
)
JWT_SIGNING_KEY = os.environ["JWT_SIGNING_KEY"]

engine = create_async_engine(DATABASE_URL, pool_size=10, max_overflow=10, pool_recycle=1800)
new_session = async_sessionmaker(engine, expire_on_commit=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]
