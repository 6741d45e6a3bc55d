"""Bodies, in the product's shapes so that both servers' answers can be compared."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PlainSerializer, computed_field

LIABILITIES = {"CREDIT_CARD", "LOAN", "LINE_OF_CREDIT", "MORTGAGE", "OTHER_LIABILITY"}
Money = Annotated[Decimal, PlainSerializer(str)]


def rounded(amount: Decimal, minor_digits: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-minor_digits), ROUND_HALF_UP)


class Body(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Credentials(BaseModel):
    email: str
    password: str


class TokenPair(BaseModel):
    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105


class Health(BaseModel):
    status: str


class Missing(Body):
    figure: str
    code: str
    detail: str


class WithPrice(Body):
    current_price: float | None
    price_at: dt.datetime | None

    @computed_field
    def missing(self) -> list[Missing]:
        if self.current_price is not None:
            return []
        return [Missing(figure="current_price", code="missing_price", detail="No price is stored yet.")]


class SecurityOut(WithPrice):
    id: UUID
    symbol: str
    name: str
    security_type: str
    exchange: str
    currency_code: str
    quote_unit: str
    sector: str
    industry: str
    market_cap: Money | None
    isin: str
    time_zone: str
    is_manual: bool = False
    is_active: bool
    inactive_reason: str = ""
    successor_symbol: str | None = None
    last_synced_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


class SearchHit(Body):
    id: UUID
    symbol: str
    name: str
    security_type: str
    exchange: str
    currency_code: str
    is_manual: bool = False
    in_database: bool = True


class Quote(WithPrice):
    symbol: str
    name: str
    currency_code: str


class Quotes(BaseModel):
    quotes: list[Quote]
    unknown: list[str]


class Bar(Body):
    date: dt.date
    open: float | None
    high: float | None
    low: float | None
    close: float
    volume: int | None


class AccountOut(Body):
    id: UUID
    name: str
    account_type: str
    financial_institution_id: UUID | None = None
    currency_code: str
    interest_rate: Money | None
    is_active: bool
    opened_on: dt.date | None
    closed_on: dt.date | None
    cost_basis_method: str = "FIFO"
    allow_short: bool = False
    latest_value: Money | None
    latest_value_date: dt.date | None
    missing: list[Missing] = []
    created_at: dt.datetime
    updated_at: dt.datetime

    @computed_field
    def classification(self) -> str:
        return "LIABILITY" if self.account_type in LIABILITIES else "ASSET"


class ValueOut(Body):
    account_id: UUID
    value_date: dt.date
    value: Money
    currency_code: str
    recorded_at: dt.datetime


class HoldingOut(Body):
    id: UUID
    account_id: UUID
    security_id: UUID
    symbol: str
    name: str
    currency_code: str
    quantity: Money
    average_cost: Money | None
    acquired_on: dt.date | None
    current_price: float | None
    price_at: dt.datetime | None
    market_value: Money | None
    cost: Money | None
    unrealized_gain: Money | None
    missing: list[Missing] = []
    created_at: dt.datetime
    updated_at: dt.datetime
