"""What each transaction does to the value of a selection of accounts: lines that it moves, and parts of the change.

A line is a position or the cash in one currency, of one account. What moves between accounts of the selection is no
flow. Amounts are exact, signed, and each in its currency; rates and closes come later.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from accounts.ledger.entries import LedgerEntry
from accounts.ledger.kinds import COST_ONLY, SIGNS
from accounts.models import Transaction

Type = Transaction.Type
ZERO, ONE = Decimal(0), Decimal(1)


class Part(StrEnum):
    """Why a value changed, as far as transactions say."""

    INCOME = "income"
    FEES = "fees"
    TAXES = "taxes"
    FLOWS = "flows"


class LineKey(NamedTuple):
    """The cash in `currency` in an account, or its units of a security, whose currency it then is."""

    account_id: uuid.UUID
    currency: str
    security_id: int | None = None


class Money(NamedTuple):
    """`amount` times the booked `rate`, in `currency`."""

    amount: Decimal
    rate: Decimal
    currency: str

    @property
    def exact(self) -> Decimal:
        return self.amount * self.rate


@dataclass(frozen=True, slots=True)
class Leg:
    """What moves into a line (out: negative), in the line's currency, and what it was booked at."""

    entry: LedgerEntry
    line: LineKey
    amount: Decimal
    booked: Money


@dataclass(frozen=True, slots=True)
class Booking:
    """What counts as this part of the change: fees and taxes paid are negative."""

    entry: LedgerEntry
    part: Part
    money: Money


@dataclass(frozen=True, slots=True)
class InKind:
    """Units that move into a line (out: negative) without a trade, at the day's close.

    quantity: in units of the entry's `units_as_of`, or of its day. is_flow: whether they come from outside the
    selection, or leave it.
    """

    entry: LedgerEntry
    line: LineKey
    quantity: Decimal
    is_flow: bool


Effect = Leg | Booking | InKind


@dataclass(frozen=True, slots=True)
class Selection:
    """The accounts that count."""

    last: Mapping[uuid.UUID, date]
    """By account, the last day on which it counts; date.max without end."""
    home: Mapping[uuid.UUID, str]
    """The currency of every account named in their ledger."""

    def counts(self, account_id: uuid.UUID | None, on: date) -> bool:
        return account_id is not None and account_id in self.last and on <= self.last[account_id]


def effects(entry: LedgerEntry, selection: Selection) -> Iterator[Effect]:
    """All that `entry` does to the selection."""
    if entry.security_id is not None and entry.type in COST_ONLY:
        yield from _units(entry, selection)
    elif entry.type == Type.TRANSFER:
        yield from _transfer(entry, selection)
    elif selection.counts(entry.account_id, entry.trade_date):
        yield from EFFECTS[entry.type](entry, _rate_of(entry, selection, entry.account_id))


def _rate_of(entry: LedgerEntry, selection: Selection, account_id: uuid.UUID) -> Money:
    """One unit of the entry's currency as it was booked to this account."""
    if entry.fx_rate is None:
        return Money(ONE, ONE, entry.currency_id)
    return Money(ONE, entry.fx_rate, selection.home[account_id])


def _gross(entry: LedgerEntry) -> Decimal:
    amount = entry.amount
    if amount is None:
        amount = (entry.quantity or ZERO) * (entry.unit_price or ZERO)
    return SIGNS[entry.type] * amount


def _cash(entry: LedgerEntry, account_id: uuid.UUID, amount: Decimal, unit: Money) -> Leg:
    booked = unit._replace(amount=amount)
    return Leg(entry, LineKey(account_id, unit.currency), booked.exact, booked)


def _charges(entry: LedgerEntry, unit: Money) -> Iterator[Effect]:
    """Fees and taxes, out of the account's cash."""
    for part, amount in ((Part.FEES, -entry.fees), (Part.TAXES, -entry.taxes)):
        if amount:
            yield _cash(entry, entry.account_id, amount, unit)
            yield Booking(entry, part, unit._replace(amount=amount))


def _trade(entry: LedgerEntry, unit: Money) -> Iterator[Effect]:
    """Cash for units, or back for units' capital: the value stays, but for what it costs."""
    gross = _gross(entry)
    yield _cash(entry, entry.account_id, gross, unit)
    units = LineKey(entry.account_id, entry.currency_id, entry.security_id)
    yield Leg(entry, units, -gross, unit._replace(amount=-gross))
    yield from _charges(entry, unit)


def _counted_as(part: Part) -> Callable[[LedgerEntry, Money], Iterator[Effect]]:
    def booked(entry: LedgerEntry, unit: Money) -> Iterator[Effect]:
        gross = _gross(entry)
        yield _cash(entry, entry.account_id, gross, unit)
        yield Booking(entry, part, unit._replace(amount=gross))
        yield from _charges(entry, unit)

    return booked


def _nothing(entry: LedgerEntry, unit: Money) -> Iterator[Effect]:
    yield from ()


EFFECTS: dict[str, Callable[[LedgerEntry, Money], Iterator[Effect]]] = {
    Type.BUY: _trade,
    Type.SELL: _trade,
    Type.RETURN_OF_CAPITAL: _trade,
    Type.DIVIDEND: _counted_as(Part.INCOME),
    Type.INTEREST: _counted_as(Part.INCOME),
    Type.FEE: _counted_as(Part.FEES),
    Type.TAX: _counted_as(Part.TAXES),
    Type.DEPOSIT: _counted_as(Part.FLOWS),
    Type.WITHDRAWAL: _counted_as(Part.FLOWS),
    Type.OPENING: _counted_as(Part.FLOWS),
    Type.ADJUSTMENT: _counted_as(Part.FLOWS),
    Type.SPLIT: _nothing,
    Type.SPIN_OFF: _nothing,
}


def _transfer(entry: LedgerEntry, selection: Selection) -> Iterator[Effect]:
    """Cash from one own account to another: a flow only where one of them is outside the selection."""
    assert entry.counter_account_id is not None
    unit, gross = _rate_of(entry, selection, entry.counter_account_id), _gross(entry)
    leaves, arrives = _sides(entry, selection)
    if leaves:
        yield Leg(entry, LineKey(entry.account_id, entry.currency_id), gross, unit._replace(amount=gross))
        yield from _charges(entry, Money(ONE, ONE, entry.currency_id))
    if arrives:
        yield _cash(entry, entry.counter_account_id, -gross, unit)
    if leaves != arrives:
        yield Booking(entry, Part.FLOWS, unit._replace(amount=gross if leaves else -gross))


def _units(entry: LedgerEntry, selection: Selection) -> Iterator[Effect]:
    """Units that no trade brought or took."""
    leaves, arrives = _sides(entry, selection)
    own = LineKey(entry.account_id, entry.currency_id, entry.security_id)
    if leaves and entry.quantity:
        sign = -1 if entry.type == Type.TRANSFER else 1
        yield InKind(entry, own, sign * entry.quantity, is_flow=not arrives)
    if arrives and entry.quantity:
        assert entry.counter_account_id is not None
        yield InKind(entry, own._replace(account_id=entry.counter_account_id), entry.quantity, is_flow=not leaves)
    if leaves:
        yield from _charges(entry, Money(ONE, ONE, entry.currency_id))


def _sides(entry: LedgerEntry, selection: Selection) -> tuple[bool, bool]:
    """Whether the entry's account is in the selection, and the other side of a transfer."""
    own, other = entry.account_id, entry.counter_account_id
    return selection.counts(own, entry.trade_date), selection.counts(other, entry.trade_date)
