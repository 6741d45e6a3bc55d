"""Totals of net worth, of accounts and of groups of an allocation, as sums of their parts."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from accounts.portfolio.allocation import GROUPERS
from accounts.portfolio.explain.lines import LineOnDay, place_of
from accounts.portfolio.explain.terms import Operation, Term, constant
from accounts.portfolio.facts import AccountFacts, SecurityFacts
from accounts.portfolio.inputs import Inputs
from accounts.portfolio.lines import Kind, Line
from accounts.portfolio.names import account_figure, allocation_figure
from accounts.portfolio.worth import Column, Worth
from finances.valuation.positions import day_number

PARTS_OF_ASSETS = {"cash": Kind.CASH, "securities": Kind.SECURITY, "recorded": Kind.RECORDED}
UNRECORDED = "Neither a transaction nor a value is recorded on or before this day."


@dataclass(frozen=True)
class WorthOnDay:
    """What accounts are worth at the end of a day."""

    inputs: Inputs
    on: date

    @property
    def worth(self) -> Worth:
        return Worth(self.inputs, np.array([day_number(self.on)], dtype=np.int64))

    def total(self, name: str) -> Term:
        """By `names.TOTALS`."""
        if name == "net_worth":
            return self._net_worth()
        owed, kind, accounts = name == "liabilities", PARTS_OF_ASSETS.get(name), self.inputs.accounts
        lines = [
            line
            for line in self.inputs.lines
            if accounts[line.account_id].is_liability == owed and kind in (None, line.kind)
        ]
        missing = [each for each in self._unrecorded if each.is_liability == owed and kind in (None, Kind.RECORDED)]
        terms = self._terms(lines, missing)
        return self._sum(name, f"{name}@{self.on}", terms, self.worth.totals[name], sign=-1 if owed else 1)

    def account(self, key: uuid.UUID) -> Term:
        account = self.inputs.accounts[key]
        lines = [line for line in self.inputs.lines if line.account_id == key]
        terms = self._terms(lines, [each for each in self._unrecorded if each.id == key])
        figure = f"{account_figure(key)}@{self.on}"
        return self._sum(account.name, figure, terms, self.worth.account(key), sign=account.sign)

    def group(self, by: str, key: str) -> Term:
        """A group of an allocation; an empty key is that of what nothing is known of."""
        chosen = np.array([self._in_group(line, by, key) for line in self.inputs.lines], dtype=np.bool_)
        lines = [self.inputs.lines[at] for at in np.flatnonzero(chosen)]
        missing = [each for each in self._unrecorded if not each.is_liability and _key(by, each, None, None) == key]
        column = self.worth.column(chosen, unrecorded=bool(missing))
        figure = f"{allocation_figure(by, key)}@{self.on}"
        return self._sum(f"{by} {key}", figure, self._terms(lines, missing), column, sign=1)

    def _in_group(self, line: Line, by: str, key: str) -> bool:
        account = self.inputs.accounts[line.account_id]
        security = None if line.security_id is None else self.inputs.securities[line.security_id]
        return not account.is_liability and _key(by, account, security, line) == key

    @property
    def _unrecorded(self) -> list[AccountFacts]:
        """Accounts of unknown value."""
        worth = self.worth
        return [self.inputs.accounts[worth.accounts[at]] for at in np.flatnonzero(worth.unrecorded[0])]

    def _terms(self, lines: list[Line], missing: list[AccountFacts]) -> list[Term]:
        days = (LineOnDay(self.inputs, line, self.on) for line in lines)
        unknown = [
            Term(name=f"value of {account.name}", value=None, unit=self.inputs.base, rule=UNRECORDED)
            for account in missing
        ]
        return [day.brief() for day in days if day.local != 0] + unknown

    def line(self, name: str) -> Term:
        """One part, rounded as it is shown. Raises UnknownFigure."""
        place = place_of(self.inputs, name)
        found = LineOnDay(self.inputs, self.inputs.lines[place], self.on).term()
        return Term(
            name=found.name,
            value=self._amount(self.worth.line_column(place)),
            unit=found.unit,
            operation=found.operation,
            terms=found.terms,
            figure=f"{name}@{self.on}",
            places=self.worth.digits,
            rule=found.rule,
        )

    def _net_worth(self) -> Term:
        worth = self.worth
        sides = [
            Term(
                name=name, value=self._amount(worth.totals[name]), unit=self.inputs.base, figure=f"{name}@{self.on}"
            )
            for name in ("assets", "liabilities")
        ]  # fmt: skip
        return Term(
            name="net worth",
            value=self._amount(worth.totals["net_worth"]),
            unit=self.inputs.base,
            operation=Operation.DIFFERENCE,
            terms=sides,
            figure=f"net_worth@{self.on}",
            rule="Assets less liabilities, both as shown.",
        )

    def _sum(self, name: str, figure: str, terms: list[Term], column: Column, *, sign: int) -> Term:
        return Term(
            name=name,
            value=self._amount(column),
            unit=self.inputs.base,
            operation=Operation.SUM if sign > 0 else Operation.DIFFERENCE,
            terms=terms if sign > 0 else [constant("what is owed is shown positive", 0), *terms],
            figure=figure,
            places=self.worth.digits,
            rule="By its ledger from an account's first transaction on, before that by its last recorded value.",
        )

    def _amount(self, column: Column) -> Decimal | None:
        return Decimal(int(column.units[0])).scaleb(-self.worth.digits) if column.complete[0] else None


def _key(by: str, account: AccountFacts, security: SecurityFacts | None, line: Line | None) -> str:
    return GROUPERS[by](account, security, line).key or ""
