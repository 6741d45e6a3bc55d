"""Securities: one, search, quotes, price history."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import case, or_, select

from benchmarks.fastapi_baseline.auth import CurrentUser
from benchmarks.fastapi_baseline.database import Session
from benchmarks.fastapi_baseline.models import Price, Security
from benchmarks.fastapi_baseline.schemas import Bar, Quote, Quotes, SearchHit, SecurityOut

router = APIRouter(prefix="/securities")


async def by_symbol(session: Session, symbol: str) -> Security:
    security = await session.scalar(select(Security).where(Security.symbol == symbol.upper()))
    if security is None:
        raise HTTPException(404, "Not found")
    return security


@router.get("/search", response_model=list[SearchHit])
async def search(
    session: Session,
    user: CurrentUser,
    query: Annotated[str, Query(min_length=1, max_length=100)],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[Security]:
    starts, holds = (
        Security.symbol.startswith(query.upper(), autoescape=True),
        Security.name.icontains(query, autoescape=True),
    )
    rank = case(
        (Security.symbol == query.upper(), 0),
        (starts, 1),
        (Security.name.istartswith(query, autoescape=True), 2),
        else_=3,
    )
    found = select(Security).where(or_(starts, holds)).order_by(rank, Security.symbol).limit(limit)
    return list(await session.scalars(found))


@router.get("/quotes", response_model=Quotes)
async def quotes(session: Session, user: CurrentUser, symbols: Annotated[str, Query(max_length=4000)]) -> Quotes:
    wanted = list(dict.fromkeys(symbol.strip().upper() for symbol in symbols.split(",")))
    rows = await session.scalars(select(Security).where(Security.symbol.in_(wanted)))
    found = {row.symbol: row for row in rows}
    return Quotes(
        quotes=[Quote.model_validate(found[symbol]) for symbol in wanted if symbol in found],
        unknown=[symbol for symbol in wanted if symbol not in found],
    )


@router.get("/{symbol}", response_model=SecurityOut)
async def one(session: Session, user: CurrentUser, symbol: str) -> Security:
    return await by_symbol(session, symbol)


@router.get("/{symbol}/prices", response_model=list[Bar])
async def prices(
    session: Session,
    user: CurrentUser,
    symbol: str,
    start_date: date | None = None,
    end_date: date | None = None,
    limit: Annotated[int, Query(ge=1, le=20_000)] = 100,
) -> list[Bar]:
    security = await by_symbol(session, symbol)
    wanted = select(Price).where(Price.security_id == security.id, Price.interval == "1d")
    if start_date:
        wanted = wanted.where(Price.timestamp >= datetime.combine(start_date, time(), UTC))
    if end_date:
        wanted = wanted.where(Price.timestamp < datetime.combine(end_date + timedelta(days=1), time(), UTC))
    rows = await session.scalars(wanted.order_by(Price.timestamp.desc()).limit(limit))
    return [
        Bar(date=row.timestamp.date(), open=row.open, high=row.high, low=row.low, close=row.close, volume=row.volume)
        for row in rows
    ]
