"""The signed-in user's accounts, their values and holdings."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from benchmarks.fastapi_baseline.auth import CurrentUser
from benchmarks.fastapi_baseline.database import Session
from benchmarks.fastapi_baseline.models import Account, AccountValue, Holding, Security
from benchmarks.fastapi_baseline.schemas import AccountOut, HoldingOut, Missing, ValueOut, rounded

router = APIRouter()
Skip = Annotated[int, Query(ge=0)]
Limit = Annotated[int, Query(ge=1, le=1000)]
NO_VALUE = Missing(figure="latest_value", code="missing_value", detail="No value is recorded yet.")


@router.get("/accounts", response_model=list[AccountOut])
async def accounts(session: Session, user: CurrentUser, skip: Skip = 0, limit: Limit = 100) -> list[AccountOut]:
    newest = (
        select(AccountValue)
        .where(AccountValue.account_id == Account.id)
        .order_by(AccountValue.value_date.desc())
        .limit(1)
        .lateral()
    )
    latest = aliased(AccountValue, newest)
    wanted = (
        select(Account, latest)
        .options(joinedload(Account.currency))
        .outerjoin(newest, newest.c.account_id == Account.id)
        .where(Account.owner_id == user.id)
        .order_by(Account.name, Account.id)
        .offset(skip)
        .limit(limit)
    )
    return [_account(account, value) for account, value in (await session.execute(wanted)).all()]


def _account(account: Account, latest: AccountValue | None) -> AccountOut:
    return AccountOut(
        id=account.id,
        name=account.name,
        account_type=account.account_type,
        currency_code=account.currency_code,
        interest_rate=account.interest_rate,
        is_active=account.is_active,
        opened_on=account.opened_on,
        closed_on=account.closed_on,
        latest_value=rounded(latest.value, account.currency.minor_digits) if latest else None,
        latest_value_date=latest.value_date if latest else None,
        missing=[] if latest else [NO_VALUE],
        created_at=account.created_at,
        updated_at=account.updated_at,
    )


@router.get("/accounts/{account_id}/values", response_model=list[ValueOut])
async def values(
    session: Session, user: CurrentUser, account_id: UUID, skip: Skip = 0, limit: Limit = 100
) -> list[ValueOut]:
    own = select(Account).options(joinedload(Account.currency)).where(Account.owner_id == user.id)
    account = await session.scalar(own.where(Account.id == account_id))
    if account is None:
        raise HTTPException(404, "Not found")
    rows = select(AccountValue).where(AccountValue.account_id == account.id)
    page = await session.scalars(rows.order_by(AccountValue.value_date.desc()).offset(skip).limit(limit))
    code, digits = account.currency_code, account.currency.minor_digits
    return [
        ValueOut(
            account_id=row.account_id,
            value_date=row.value_date,
            value=rounded(row.value, digits),
            currency_code=code,
            recorded_at=row.recorded_at,
        )
        for row in page
    ]


@router.get("/holdings", response_model=list[HoldingOut])
async def holdings(
    session: Session, user: CurrentUser, account: UUID | None = None, skip: Skip = 0, limit: Limit = 100
) -> list[HoldingOut]:
    wanted = (
        select(Holding)
        .join(Holding.account)
        .join(Holding.security)
        .options(contains_eager(Holding.security).joinedload(Security.currency))
        .where(Account.owner_id == user.id)
    )
    if account:
        wanted = wanted.where(Holding.account_id == account)
    wanted = wanted.order_by(Account.name, Account.id, Security.symbol, Holding.id)
    return [_holding(row) for row in await session.scalars(wanted.offset(skip).limit(limit))]


def _holding(row: Holding) -> HoldingOut:
    security, digits = row.security, row.security.currency.minor_digits
    price = None if security.current_price is None else Decimal(repr(security.current_price))
    value = None if price is None else price * row.quantity
    cost = None if row.average_cost is None else row.average_cost * row.quantity
    gain = None if value is None or cost is None else value - cost
    return HoldingOut(
        id=row.id,
        account_id=row.account_id,
        security_id=row.security_id,
        symbol=security.symbol,
        name=security.name,
        currency_code=security.currency_code,
        quantity=row.quantity,
        average_cost=row.average_cost,
        acquired_on=row.acquired_on,
        current_price=security.current_price,
        price_at=security.price_at,
        market_value=None if value is None else rounded(value, digits),
        cost=None if cost is None else rounded(cost, digits),
        unrealized_gain=None if gain is None else rounded(gain, digits),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
