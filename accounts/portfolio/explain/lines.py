"""Positions, cash and recorded values on a day: what each is worth, and the rows that it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from math import prod

import numpy as np

from accounts.ledger.cash import movements
from accounts.ledger.entries import LedgerEntry
from accounts.ledger.kinds import MOVES_UNITS
from accounts.ledger.writing import Key
from accounts.models import Transaction
from accounts.portfolio.explain.rows import close_term, rate_term
from accounts.portfolio.explain.terms import Operation, Term, UnknownFigure, constant, number
from accounts.portfolio.inputs import Inputs
from accounts.portfolio.lines import Kind, Line
from accounts.portfolio.names import line_figure
from accounts.portfolio.positions import Position, positions_of
from finances.valuation.positions import EPOCH, day_number
from finances.valuation.scale import EXACT, Scale
from finances.valuation.series import Holding, value_in_currency

Type = Transaction.Type


def name_of(inputs: Inputs, line: Line) -> str:
    return line_figure(line, None if line.security_id is None else inputs.securities[line.security_id])


def described(inputs: Inputs, line: Line) -> str:
    account = inputs.accounts[line.account_id].name
    if line.security_id is not None:
        return f"{inputs.securities[line.security_id].symbol} in {account}"
    return f"{line.currency_code} cash in {account}" if line.kind == Kind.CASH else f"recorded value of {account}"


@dataclass(frozen=True)
class LineOnDay:
    inputs: Inputs
    line: Line
    on: date

    def figure(self, kind: str) -> str:
        """`kind`: what of it, such as its value before any rounding."""
        return f"{kind}:{name_of(self.inputs, self.line)}@{self.on}"

    @property
    def local(self) -> float:
        return float(value_in_currency(np.array([day_number(self.on)], dtype=np.int64), self.line.valued)[0])

    @property
    def value(self) -> Decimal | None:
        """In the base currency, exact."""
        local = number(self.local)
        rate = rate_term(self.inputs, self.line.currency_code, self.on).value
        if local == 0:
            return Decimal(0)
        if local is None or rate is None:
            return None
        with localcontext(EXACT):
            return local * rate

    def brief(self) -> Term:
        """To be asked for by its figure."""
        return Term(
            name=described(self.inputs, self.line), value=self.value, unit=self.inputs.base, figure=self.figure("value")
        )  # fmt: skip

    def term(self) -> Term:
        """Quantity, close and rate; or amount and rate."""
        rate = rate_term(self.inputs, self.line.currency_code, self.on)
        return Term(
            name=described(self.inputs, self.line),
            value=self.value,
            unit=self.inputs.base,
            operation=Operation.PRODUCT,
            terms=[*self.local_terms(), rate],
            figure=self.figure("value"),
            rule="Nothing is worth nothing at whatever rate or price.",
        )

    def local_terms(self) -> list[Term]:
        if isinstance(self.line.valued, Holding):
            return [self._quantity_brief(), self.close(self.line.valued, self.on)]
        return [self.amount_brief()]

    def local_term(self) -> Term:
        """In the line's own currency."""
        if not isinstance(self.line.valued, Holding):
            return self.amount_brief()
        return Term(
            name=f"{described(self.inputs, self.line)} on {self.on}",
            value=number(self.local),
            unit=self.line.currency_code,
            operation=Operation.PRODUCT,
            terms=self.local_terms(),
        )

    def amount_brief(self) -> Term:
        kind = "recorded" if self.line.kind == Kind.RECORDED else "balance"
        return Term(
            name=f"{described(self.inputs, self.line)} on {self.on}",
            value=number(self.local),
            unit=self.line.currency_code,
            figure=self.figure(f"{kind}-amount"),
        )

    def _quantity_brief(self) -> Term:
        return Term(name="quantity", value=self.quantity, unit="units", figure=self.figure("quantity"))

    @property
    def key(self) -> Key:
        assert self.line.security_id is not None
        return self.line.account_id, self.line.security_id

    @property
    def position(self) -> Position:
        return self.inputs.positions[self.key]

    @property
    def quantity(self) -> Decimal:
        """Of the day, to 12 decimals."""
        return self.position.quantity_on(self.on)

    def close(self, held: Holding, units_of: date) -> Term:
        """The close that counts on this day, in units of the day `units_of`."""
        last = int(np.searchsorted(held.close_days, day_number(self.on), side="right")) - 1
        if last < 0 or day_number(self.on) - int(held.close_days[last]) > held.max_age:
            return Term(name="close", value=None, unit=self.line.currency_code, rule="No close counts on this day.")
        day = date.fromordinal(int(held.close_days[last]) + EPOCH)
        ratio = ratio_between(self.position, day, units_of) / ratio_between(self.position, units_of, day)
        security_id, units = self.inputs.closes[self.key[1]].origin(self.key[1], day)
        own = self.inputs.closes[security_id]
        close = float(own.closes[np.searchsorted(own.days, day_number(day))])
        return close_term(self.inputs, security_id, day, close, ratio / units, self.line.currency_code)

    def quantity_term(self) -> Term:
        """Every transaction that moved units, in units of this day."""
        terms = list(self._changes())
        return Term(
            name=f"units of {described(self.inputs, self.line)} on {self.on}",
            value=self.quantity,
            unit="units",
            operation=Operation.SUM,
            terms=terms,
            figure=self.figure("quantity"),
            places=12,
            rule="All that moved units by then, by trade date, each in units of this day; less than 1e-12 is none.",
        )

    def _changes(self) -> Iterator[Term]:
        account_id, security_id = self.key
        for entry in self.inputs.entries:
            if entry.trade_date > self.on or entry.type not in MOVES_UNITS:
                continue
            found = positions_of([entry], self.inputs.splits) if entry.security_id == security_id else {}
            changes = found[account_id, security_id].changes if (account_id, security_id) in found else []
            for day, quantity in changes:
                yield self._change(entry, Fraction(quantity), ratio_between(self.position, day, self.on))
            if entry.type == Type.SPIN_OFF and entry.new_security_id == security_id and entry.account_id == account_id:
                yield self._spun_off(entry)

    def _change(self, entry: LedgerEntry, quantity: Fraction, ratio: Fraction) -> Term:
        moved = Term(
            name="units moved" if ratio != 1 else entry.type,
            value=decimal_of(quantity),
            unit="units",
            row=transaction_row(entry),
        )
        if ratio == 1:
            return moved
        return Term(
            name=entry.type,
            value=decimal_of(quantity * ratio),
            unit="units",
            operation=Operation.PRODUCT,
            terms=[moved, ratio_term(ratio)],
        )

    def _spun_off(self, entry: LedgerEntry) -> Term:
        assert entry.security_id is not None
        assert entry.ratio_numerator is not None
        assert entry.ratio_denominator is not None
        source = self.inputs.positions[entry.account_id, entry.security_id]
        held = held_before(source, entry.trade_date)
        ratio = Fraction(entry.ratio_numerator, entry.ratio_denominator)
        ratio *= ratio_between(self.position, entry.trade_date, self.on)
        before = Term(
            name="units held when the day opened", value=decimal_of(held), unit="units", row=transaction_row(entry)
        )
        return Term(
            name=entry.type,
            value=decimal_of(held * ratio),
            unit="units",
            operation=Operation.PRODUCT,
            terms=[before, ratio_term(ratio)],
        )

    def balance_term(self) -> Term:
        """Every movement of this cash."""
        home = self.inputs.home
        terms = [
            movement_term(entry, movement.amount, movement.currency_code)
            for entry in self.inputs.entries
            if entry.trade_date <= self.on
            for movement in movements(entry, home)
            if (movement.account_id, movement.currency_code) == (self.line.account_id, self.line.currency_code)
        ]
        return Term(
            name=f"{described(self.inputs, self.line)} on {self.on}",
            value=number(self.local),
            unit=self.line.currency_code,
            operation=Operation.SUM,
            terms=terms,
            figure=self.figure("balance-amount"),
            rule="All movements by then, by trade date, never rounded on the way.",
        )

    def recorded_term(self) -> Term:
        """The last value recorded on or before the day, signed as it counts."""
        account = self.inputs.accounts[self.line.account_id]
        values = [value for value in self.inputs.recorded[self.line.account_id] if value.on <= self.on]
        row = {"kind": "account_value", "account_id": self.line.account_id, "date": values[-1].on}
        recorded = Term(
            name=f"value recorded for {values[-1].on}",
            value=values[-1].value,
            unit=self.line.currency_code,
            row=row,
        )
        return Term(
            name=f"{described(self.inputs, self.line)} on {self.on}",
            value=number(self.local),
            unit=self.line.currency_code,
            operation=Operation.PRODUCT,
            terms=[recorded, constant("sign: what is owed counts negative", account.sign)],
            figure=self.figure("recorded-amount"),
            rule="The last value recorded on or before the day, until the account's first transaction.",
        )


def movement_term(entry: LedgerEntry, amount: Decimal, currency: str) -> Term:
    return Term(name=entry.type, value=amount, unit=currency, row=transaction_row(entry))


def transaction_row(entry: LedgerEntry) -> dict[str, object]:
    """The figures that a transaction counts with."""
    figures = ("quantity", "unit_price", "amount", "fees", "taxes", "fx_rate")
    stated = {name: getattr(entry, name) for name in figures if getattr(entry, name) is not None}
    return {
        "kind": "transaction",
        "transaction_id": entry.id,
        "account_id": entry.account_id,
        "type": entry.type,
        "date": entry.trade_date,
        "currency_code": entry.currency_id,
        **stated,
    }


def ratio_between(position: Position, start: date, end: date) -> Fraction:
    """Units of the day `end` for one of the day `start`, by the splits of this book."""
    found = (
        Fraction(split.numerator, split.denominator) for split in position.splits if start < split.on <= end
    )  # fmt: skip
    return prod(found, start=Fraction(1))


def ratio_term(ratio: Fraction) -> Term:
    if ratio.denominator == 1:
        return constant("units for one of its day, by the splits since", ratio.numerator)
    return Term(
        name="units for one of its day, by the splits since",
        value=decimal_of(ratio),
        operation=Operation.QUOTIENT,
        terms=[constant("new units", ratio.numerator), constant("old units", ratio.denominator)],
    )


def held_before(position: Position, day: date) -> Fraction:
    scale = Scale(position.splits)
    with localcontext(EXACT):
        return scale.fraction(sum(scale.units(q, on) for on, q in position.changes if on < day), day)


def decimal_of(fraction: Fraction) -> Decimal:
    with localcontext(EXACT):
        return Decimal(fraction.numerator) / Decimal(fraction.denominator)


def place_of(inputs: Inputs, name: str) -> int:
    """Of the line of this name. Raises UnknownFigure."""
    for place, line in enumerate(inputs.lines):
        if name_of(inputs, line) == name:
            return place
    raise UnknownFigure
