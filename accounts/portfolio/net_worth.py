"""Net worth on one day, with the parts that it is made of."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np

from accounts.portfolio.facts import AccountFacts, SecurityFacts
from accounts.portfolio.gaps import Gap, gaps_of
from accounts.portfolio.inputs import Inputs, read_inputs
from accounts.portfolio.lines import Kind, Line
from accounts.portfolio.names import TOTALS, account_figure, line_figure
from accounts.portfolio.worth import Column, Worth
from finances.money import minor_digits
from finances.users.models import User
from finances.valuation.positions import EPOCH, day_number
from finances.valuation.rounding import to_units
from finances.valuation.series import Holding


@dataclass(frozen=True)
class Part:
    """A position, the cash in one currency, or a recorded value, as it counts: what is owed is negative."""

    figure: str
    kind: Kind
    account_id: uuid.UUID
    security: SecurityFacts | None
    quantity: Decimal | None
    """Of a position, in units of the day."""
    price: float | None
    """As traded on price_date."""
    price_date: date | None
    currency_code: str
    local_value: Decimal | None
    value: Decimal | None
    """In the base currency."""


@dataclass(frozen=True)
class AccountWorth:
    """In the base currency; of a liability, the positive amount owed."""

    figure: str
    account: AccountFacts
    basis: str
    """`ledger` from its first transaction on, `recorded` before, `none` where nothing counts."""
    value: Decimal | None
    cash: Decimal | None
    securities: Decimal | None


@dataclass(frozen=True)
class Coverage:
    """How many of the parts are known."""

    known: int
    parts: int


@dataclass(frozen=True)
class NetWorth:
    as_of: date
    known_at: datetime | None
    base_currency: str
    totals: dict[str, Decimal | None]
    """By `names.TOTALS`; None where a part is not known."""
    sum_of_known: dict[str, Decimal]
    """The same over the parts that are known, which is not the whole unless `coverage` says so."""
    coverage: Coverage
    accounts: list[AccountWorth]
    parts: list[Part]
    missing: list[Gap]

    @property
    def figures(self) -> list[str]:
        return [*TOTALS, *(row.figure for row in self.accounts), *(part.figure for part in self.parts)]


def read_net_worth(
    owner: User,
    *,
    as_of: date,
    base: str,
    known_at: datetime | None = None,
    account_ids: Collection[uuid.UUID] | None = None,
) -> NetWorth:
    inputs = read_inputs(owner, base=base, start=as_of, end=as_of, known_at=known_at, account_ids=account_ids)
    return net_worth_of(inputs)


def net_worth_of(inputs: Inputs) -> NetWorth:
    """At the end of the inputs' last day."""
    worth = Worth(inputs, np.array([day_number(inputs.end)], dtype=np.int64))
    columns = worth.totals
    return NetWorth(
        as_of=inputs.end,
        known_at=inputs.known_at,
        base_currency=inputs.base,
        totals={name: amount_of(columns[name], worth.digits) for name in TOTALS},
        sum_of_known={name: decimal_of(int(columns[name].units[0]), worth.digits) for name in TOTALS},
        coverage=Coverage(int(worth.parts_known[0]), int(worth.parts[0])),
        accounts=[_account(worth, key) for key in worth.accounts],
        parts=[_part(worth, column, line) for column, line in worth.indexed_lines() if worth.held[0, column]],
        missing=gaps_of(worth),
    )


def decimal_of(units: int, digits: int) -> Decimal:
    return Decimal(units).scaleb(-digits)


def amount_of(column: Column, digits: int) -> Decimal | None:
    """On the first day."""
    return decimal_of(int(column.units[0]), digits) if column.complete[0] else None


def _account(worth: Worth, key: uuid.UUID) -> AccountWorth:
    span, day = worth.inputs.spans[key], worth.inputs.end
    basis = "none"
    if span.first is not None and span.first <= day and (span.last is None or day <= span.last):
        basis = "ledger" if span.ledger_from is not None and span.ledger_from <= day else "recorded"
    whole, *parts = (worth.account(key, kind) for kind in (None, Kind.CASH, Kind.SECURITY))
    cash, securities = (amount_of(part, worth.digits) if basis == "ledger" else None for part in parts)
    value = amount_of(whole, worth.digits)
    return AccountWorth(account_figure(key), worth.inputs.accounts[key], basis, value, cash, securities)


def _part(worth: Worth, column: int, line: Line) -> Part:
    inputs = worth.inputs
    security = None if line.security_id is None else inputs.securities[line.security_id]
    digits, local = minor_digits(line.currency_code), worth.values.local[0, column]
    quantity, price, price_date = None, None, None
    if line.security_id is not None and isinstance(line.valued, Holding):
        quantity = inputs.positions[line.account_id, line.security_id].quantity_on(inputs.end)
        price, price_date = _last_price(line.valued, inputs.end)
    return Part(
        figure=line_figure(line, security),
        kind=line.kind,
        account_id=line.account_id,
        security=security,
        quantity=quantity,
        price=price,
        price_date=price_date,
        currency_code=line.currency_code,
        local_value=None if np.isnan(local) else decimal_of(int(to_units(local, digits)), digits),
        value=amount_of(worth.line_column(column), worth.digits),
    )


def _last_price(holding: Holding, on: date) -> tuple[float | None, date | None]:
    """The last there is, also where it is too old to count."""
    last = int(np.searchsorted(holding.close_days, day_number(on), side="right")) - 1
    if last < 0:
        return None, None
    return float(holding.closes[last]), date.fromordinal(int(holding.close_days[last]) + EPOCH)
