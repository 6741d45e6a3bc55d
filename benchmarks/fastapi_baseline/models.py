"""Tables: UUID keys, foreign keys indexed, no index that a query here does not use."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Numeric, SmallInteger, String, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

Moment = TIMESTAMP(timezone=True)


class Base(DeclarativeBase):
    type_annotation_map = {datetime: Moment, float: Double}


class Timestamped:
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class User(Timestamped, Base):
    __tablename__ = "users"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str] = mapped_column(String(128))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_superuser: Mapped[bool] = mapped_column(default=False)
    base_currency: Mapped[str] = mapped_column(String(3), default="USD")


class Currency(Base):
    __tablename__ = "currencies"
    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    minor_digits: Mapped[int] = mapped_column(SmallInteger, default=2)


class ExchangeRate(Base):
    __tablename__ = "exchange_rates"
    __table_args__ = (UniqueConstraint("base", "quote", "day", "source"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    base: Mapped[str] = mapped_column(ForeignKey("currencies.code"))
    quote: Mapped[str] = mapped_column(ForeignKey("currencies.code"))
    day: Mapped[date]
    rate: Mapped[Decimal] = mapped_column(Numeric(36, 18))
    source: Mapped[str] = mapped_column(String(20))


class Security(Timestamped, Base):
    __tablename__ = "securities"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    symbol: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    security_type: Mapped[str] = mapped_column(String(12))
    exchange: Mapped[str] = mapped_column(String(50))
    currency_code: Mapped[str] = mapped_column(ForeignKey("currencies.code"))
    quote_unit: Mapped[str] = mapped_column(String(8))
    sector: Mapped[str] = mapped_column(String(100))
    industry: Mapped[str] = mapped_column(String(100))
    market_cap: Mapped[Decimal | None] = mapped_column(Numeric(24, 2))
    isin: Mapped[str] = mapped_column(String(12))
    time_zone: Mapped[str] = mapped_column(String(64))
    is_active: Mapped[bool] = mapped_column(default=True)
    current_price: Mapped[float | None]
    """Of the last bar; written by whoever writes bars, so that no read looks for it."""
    price_at: Mapped[datetime | None]
    last_synced_at: Mapped[datetime | None]
    currency: Mapped[Currency] = relationship(lazy="raise")


class Price(Base):
    __tablename__ = "prices"
    __table_args__ = (UniqueConstraint("security_id", "interval", "timestamp"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    security_id: Mapped[UUID] = mapped_column(ForeignKey("securities.id", ondelete="CASCADE"))
    interval: Mapped[str] = mapped_column(String(3))
    timestamp: Mapped[datetime]
    open: Mapped[float | None]
    high: Mapped[float | None]
    low: Mapped[float | None]
    close: Mapped[float]
    volume: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Account(Timestamped, Base):
    __tablename__ = "accounts"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    account_type: Mapped[str] = mapped_column(String(15))
    currency_code: Mapped[str] = mapped_column(ForeignKey("currencies.code"))
    interest_rate: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    is_active: Mapped[bool] = mapped_column(default=True)
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    currency: Mapped[Currency] = relationship(lazy="raise")


class AccountValue(Base):
    __tablename__ = "account_values"
    __table_args__ = (UniqueConstraint("account_id", "value_date"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    value_date: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Numeric(24, 8))
    recorded_at: Mapped[datetime]


class Holding(Timestamped, Base):
    __tablename__ = "holdings"
    __table_args__ = (UniqueConstraint("account_id", "security_id"), Index("holdings_security", "security_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    security_id: Mapped[UUID] = mapped_column(ForeignKey("securities.id"))
    quantity: Mapped[Decimal] = mapped_column(Numeric(30, 12))
    average_cost: Mapped[Decimal | None] = mapped_column(Numeric(24, 8))
    acquired_on: Mapped[date | None]
    security: Mapped[Security] = relationship(lazy="raise")
    account: Mapped[Account] = relationship(lazy="raise")
