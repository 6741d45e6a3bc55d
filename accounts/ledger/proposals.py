"""Dividends that positions should have received and that nobody has booked. They are proposed, never posted."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from accounts.ledger.entries import read_entries
from accounts.ledger.kinds import MOVES_UNITS
from accounts.ledger.splits import read_splits
from accounts.ledger.writing import Key, write_books
from accounts.models import Transaction
from finances.money import round_money
from finances.users.models import User
from finances.valuation import lots
from finances.valuation.scale import EXACT
from securities.models import Dividend

PREFIX = "dividend:"
AFTER_SPLITS = 0.5
"""Between the ranks of lots.order_of_entry."""
PAID_WITHIN = timedelta(days=120)
"""A dividend booked this long after an ex-date may be that one's."""


@dataclass(frozen=True)
class Proposal:
    """quantity: held when the ex-date opened; amount: quantity times amount_per_unit, in minor units, before taxes."""

    account_id: uuid.UUID
    security_id: uuid.UUID
    symbol: str
    ex_date: date
    quantity: Decimal
    amount_per_unit: Decimal
    amount: Decimal
    currency_code: str
    external_id: str
    """Posted with this, the dividend is known to be booked whenever it was paid."""


def propose_dividends(
    owner: User, *, start: date | None, end: date | None, account_id: uuid.UUID | None, now: datetime
) -> list[Proposal]:
    """By ex-date, those of `start` to `end`."""
    entries = [entry for entry in read_entries(owner) if entry.security_id is not None and entry.type in MOVES_UNITS]
    keys = {key for entry in entries for key in (entry.security_id, entry.new_security_id) if key is not None}
    splits = read_splits(keys, now=now)
    due = [row for row in _dividends(keys) if row.ex_date <= splits[row.security_id].today]
    booked = Booked(owner)
    return [
        proposal
        for row, account, held in held_at(due, write_books(entries, splits))
        if not booked.has((account, row.security_id), proposal := _proposal(row, account, held))
        and (start is None or proposal.ex_date >= start)
        and (end is None or proposal.ex_date <= end)
        and account_id in (None, proposal.account_id)
    ]


def held_at(
    dividends: Iterable[Dividend], books: Mapping[Key, Iterable[lots.Entry]]
) -> Iterator[tuple[Dividend, uuid.UUID, Fraction]]:  # fmt: skip
    """Each dividend with each account that held units when its ex-date opened, in the units of that day."""
    held: dict[Key, Fraction] = defaultdict(Fraction)
    events: list[tuple[Any, Key | None, Any]] = [
        (lots.order_of_entry(entry), key, entry) for key, book in books.items() for entry in book
    ]
    # A split of the day comes before, whatever else happens on it after.
    events += [((row.ex_date, AFTER_SPLITS, 0), None, row) for row in dividends]
    for _, key, event in sorted(events, key=lambda listed: listed[0]):
        if key is not None:
            _apply(held, key, event)
            continue
        for (account_id, security_id), units in sorted(held.items()):
            if security_id == event.security_id and units > 0:
                yield event, account_id, units


def _apply(held: dict[Key, Fraction], key: Key, entry: lots.Entry) -> None:
    match entry:
        case lots.Split():
            held[key] *= Fraction(entry.numerator, entry.denominator)
        case lots.Buy() | lots.Adjustment():
            held[key] += Fraction(entry.quantity)
        case lots.Sell():
            held[key] -= Fraction(entry.quantity)
        case lots.TransferIn():
            held[key] += sum((Fraction(parcel.quantity) for parcel in entry.parcels), Fraction(0))
        case lots.TransferOut(to=tuple(to)):
            held[key] -= Fraction(entry.quantity)
            held[to] += Fraction(entry.quantity)
        case lots.SpinOff(to=tuple(to)):
            held[to] += held[key] * Fraction(entry.numerator, entry.denominator)


def _dividends(security_ids: Iterable[int]) -> Iterable[Dividend]:
    rows = Dividend.objects.current().filter(security__in=security_ids).select_related("security")
    return rows.order_by("ex_date", "security__symbol", "pk")


class Booked:
    """The dividends in an owner's ledger. Each pays one that was due: that which its external_id names, else the
    first that it may be."""

    def __init__(self, owner: User) -> None:
        self._named: set[tuple[uuid.UUID, str]] = set()
        self._days: dict[Key, list[date]] = defaultdict(list)
        rows = Transaction.objects.for_user(owner).live().filter(type=Transaction.Type.DIVIDEND).order_by("trade_date")
        for account_id, security_id, day, name in rows.values_list(
            "account_id", "security_id", "trade_date", "external_id"
        ):
            if name.startswith(PREFIX):
                self._named.add((account_id, name))
            else:
                self._days[account_id, security_id].append(day)

    def has(self, key: Key, proposal: Proposal) -> bool:
        """Ask by ex-date, ascending: a payment is found once."""
        if (proposal.account_id, proposal.external_id) in self._named:
            return True
        days = self._days[key]
        paid = next((day for day in days if proposal.ex_date <= day <= proposal.ex_date + PAID_WITHIN), None)
        if paid is not None:
            days.remove(paid)
        return paid is not None


def _proposal(row: Dividend, account_id: uuid.UUID, held: Fraction) -> Proposal:
    with localcontext(EXACT):
        quantity = Decimal(held.numerator) / held.denominator
        amount = round_money(quantity * row.amount, row.currency_id)
        quantity = quantity.quantize(Decimal("1e-12"))
    return Proposal(
        account_id=account_id,
        security_id=row.security.uuid,
        symbol=row.security.symbol,
        ex_date=row.ex_date,
        quantity=quantity,
        amount_per_unit=row.amount,
        amount=amount,
        currency_code=row.currency_id,
        external_id=f"{PREFIX}{row.security.uuid}:{row.ex_date}",
    )
