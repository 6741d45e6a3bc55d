"""How the ledger's positions and cash change, without counting lots: exact sums by day."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from accounts.ledger.cash import movements
from accounts.ledger.entries import LedgerEntry
from accounts.ledger.kinds import MOVES_UNITS
from accounts.ledger.splits import KnownSplit, Splits
from accounts.ledger.writing import Key
from accounts.models import Transaction
from finances.valuation import lots
from finances.valuation.positions import Steps, day_number, position_steps
from finances.valuation.scale import EXACT, Scale

Type = Transaction.Type
ZERO = Decimal(0)
Change = tuple[date, Decimal | Fraction]
SIGN: dict[str, int] = {Type.BUY: 1, Type.SELL: -1, Type.ADJUSTMENT: 1, Type.TRANSFER: -1}


class Position(NamedTuple):
    """One security in one account: changes in units of their days, and the splits that count in this book."""

    changes: list[Change]
    splits: list[lots.Split]

    @property
    def steps(self) -> Steps:
        return position_steps(self.changes, self.splits)

    def quantity_on(self, day: date) -> Decimal:
        """All that changed it, exactly, in units of `day`: after its splits."""
        scale = Scale(self.splits)
        with localcontext(EXACT):
            return scale.decimals([sum(scale.units(units, on) for on, units in self.changes if on <= day)], day)[0]


def positions_of(entries: Iterable[LedgerEntry], splits: Mapping[int, Splits]) -> dict[Key, Position]:
    """Every book that `entries`, in the order of days, make or touch."""
    positions = _Positions(splits)
    moves = [entry for entry in entries if entry.security_id is not None and entry.type in MOVES_UNITS]
    for entry in moves:
        positions.add(entry)
    for entry in moves:
        if entry.type == Type.SPIN_OFF:
            positions.spin_off(entry)
    return positions.found


class _Positions:
    def __init__(self, splits: Mapping[int, Splits]) -> None:
        self.found: dict[Key, Position] = {}
        self._splits = splits

    def add(self, entry: LedgerEntry) -> None:
        """Everything but what a spin-off brings."""
        changes, splits = self._book(entry.account_id, entry.security_id)
        if entry.type == Type.SPLIT:
            splits.extend(_booked(entry, self._splits[_key(entry.security_id)]))
        elif entry.type == Type.OPENING:
            changes.append((entry.trade_date, _opened(entry, self._splits[_key(entry.security_id)])))
        elif entry.quantity is not None:
            changes.append((entry.trade_date, SIGN[entry.type] * entry.quantity))
            if entry.counter_account_id is not None:
                self._book(entry.counter_account_id, entry.security_id).changes.append(
                    (entry.trade_date, entry.quantity)
                )

    def spin_off(self, entry: LedgerEntry) -> None:
        """New units for what was held when the day opened, after its splits."""
        held = _held_before(self._book(entry.account_id, entry.security_id), entry.trade_date)
        ratio = Fraction(_key(entry.ratio_numerator), _key(entry.ratio_denominator))
        self._book(entry.account_id, entry.new_security_id).changes.append((entry.trade_date, held * ratio))

    def _book(self, account_id: uuid.UUID, security_id: int | None) -> Position:
        key = account_id, _key(security_id)
        position = self.found.get(key)
        if position is None:
            position = self.found[key] = Position([], [_split(split) for split in self._splits[key[1]].effective])
        return position


def _key(number: int | None) -> int:
    """The database's constraints say that this type of entry has it."""
    assert number is not None
    return number


def _held_before(position: Position, day: date) -> Fraction:
    """In units of `day`, after its splits."""
    scale = Scale(position.splits)
    with localcontext(EXACT):
        return scale.fraction(sum(scale.units(units, on) for on, units in position.changes if on < day), day)


def cash_of(
    entries: Iterable[LedgerEntry], home: dict[uuid.UUID, str]
) -> dict[tuple[uuid.UUID, str], Steps]:  # fmt: skip
    """By account and currency: exact balances from each day of a movement on. `home`: each account's currency."""
    moved: dict[tuple[uuid.UUID, str], dict[date, Decimal]] = defaultdict(dict)
    with localcontext(EXACT):
        for entry in entries:
            for movement in movements(entry, home):
                days = moved[movement.account_id, movement.currency_code]
                days[entry.trade_date] = days.get(entry.trade_date, ZERO) + movement.amount
        return {key: _balances(days) for key, days in moved.items()}


def _balances(moved: Mapping[date, Decimal]) -> Steps:
    days = sorted(moved)
    sums = accumulate(moved[day] for day in days)
    return Steps(np.array([day_number(day) for day in days], dtype=np.int64), np.array([float(each) for each in sums]))


def _split(split: KnownSplit) -> lots.Split:
    return lots.Split(
        id=("split", split.ex_date), on=split.ex_date, numerator=split.numerator, denominator=split.denominator
    )


def _booked(entry: LedgerEntry, splits: Splits) -> list[lots.Split]:
    """A split booked by hand; nothing where the market's own list has come to know it."""
    numerator, denominator = _key(entry.ratio_numerator), _key(entry.ratio_denominator)
    if splits.know(entry.trade_date, Fraction(numerator, denominator)):
        return []
    at = entry.trade_date
    return [lots.Split(id=entry.id, on=at, sequence=entry.sequence, numerator=numerator, denominator=denominator)]


def _opened(entry: LedgerEntry, splits: Splits) -> Decimal | Fraction:
    """In the units of its own day."""
    assert entry.quantity is not None
    if entry.units_as_of is None or not splits.effective:
        return entry.quantity
    on, stated_on = entry.trade_date, entry.units_as_of
    return Fraction(entry.quantity) * splits.ratio_between(stated_on, on) / splits.ratio_between(on, stated_on)
