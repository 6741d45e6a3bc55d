"""What assets consist of, by security, type, sector, country, currency, institution or account."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import numpy as np

from accounts.models import Account
from accounts.portfolio.facts import AccountFacts, SecurityFacts
from accounts.portfolio.gaps import Gap, gaps_of
from accounts.portfolio.inputs import Inputs, read_inputs
from accounts.portfolio.lines import Kind, Line
from accounts.portfolio.names import allocation_figure
from accounts.portfolio.net_worth import Coverage, amount_of, decimal_of
from accounts.portfolio.worth import Worth
from finances.users.models import User
from finances.valuation.positions import day_number
from securities.models import Security

WEIGHT = Decimal("0.000001")
IN_BANK = frozenset({Account.Type.CASH, Account.Type.CHECKING, Account.Type.SAVINGS})
"""Accounts whose recorded values are money."""
CASH = "CASH"
NO_COUNTRIES = frozenset({"XS", "EU", "XA", "XB", "XC", "XD", "XF", "XK", "QS", "QT", "QW"})
"""Prefixes of ISINs that name no country: international securities, and substitutes."""


class Group(NamedTuple):
    """`key` is None for what nothing is known of."""

    key: str | None
    name: str


@dataclass(frozen=True)
class Share:
    figure: str
    group: Group
    value: Decimal | None
    known_value: Decimal
    """Over the parts that are known."""
    weight: Decimal | None
    """Of all assets; None where they are not known or not above zero."""
    weight_of_known: Decimal | None
    """Of the assets that are known."""


@dataclass(frozen=True)
class Allocation:
    as_of: date
    known_at: datetime | None
    base_currency: str
    by: str
    assets: Decimal | None
    known_assets: Decimal
    coverage: Coverage
    shares: list[Share]
    """The largest first."""
    missing: list[Gap]

    @property
    def figures(self) -> list[str]:
        return ["assets", *(share.figure for share in self.shares)]


def read_allocation(
    owner: User,
    *,
    by: str,
    as_of: date,
    base: str,
    known_at: datetime | None = None,
    account_ids: Collection[uuid.UUID] | None = None,
) -> Allocation:
    inputs = read_inputs(owner, base=base, start=as_of, end=as_of, known_at=known_at, account_ids=account_ids)
    return allocation_of(inputs, by)


def allocation_of(inputs: Inputs, by: str) -> Allocation:
    """Of the accounts that are assets, at the end of the inputs' last day."""
    worth = Worth(_assets_of(inputs), np.array([day_number(inputs.end)], dtype=np.int64))
    assets = worth.totals["assets"]
    shares = [_share(worth, by, group, columns) for group, columns in _grouped(worth, by).items()]
    return Allocation(
        as_of=inputs.end,
        known_at=inputs.known_at,
        base_currency=inputs.base,
        by=by,
        assets=amount_of(assets, worth.digits),
        known_assets=decimal_of(int(assets.units[0]), worth.digits),
        coverage=Coverage(int(worth.parts_known[0]), int(worth.parts[0])),
        shares=sorted(shares, key=lambda share: (-share.known_value, share.group.name, share.group.key or "")),
        missing=gaps_of(worth),
    )


def _assets_of(inputs: Inputs) -> Inputs:
    owned = frozenset(key for key in inputs.scope if not inputs.accounts[key].is_liability)
    return replace(inputs, scope=owned)


@dataclass
class _Members:
    """Columns of lines, and of accounts of unknown value."""

    lines: list[int]
    accounts: list[int]


def _grouped(worth: Worth, by: str) -> dict[Group, _Members]:
    groups: dict[Group, _Members] = defaultdict(lambda: _Members([], []))
    for column, line in worth.indexed_lines():
        if worth.held[0, column]:
            account = worth.inputs.accounts[line.account_id]
            security = None if line.security_id is None else worth.inputs.securities[line.security_id]
            groups[GROUPERS[by](account, security, line)].lines.append(column)
    for column, key in enumerate(worth.accounts):
        if worth.unrecorded[0, column]:
            groups[GROUPERS[by](worth.inputs.accounts[key], None, None)].accounts.append(column)
    return dict(groups)


def _share(worth: Worth, by: str, group: Group, members: _Members) -> Share:
    chosen = np.zeros(len(worth.lines), dtype=np.bool_)
    chosen[members.lines] = True
    column = worth.column(chosen, unrecorded=bool(members.accounts))
    units, assets = int(column.units[0]), worth.totals["assets"]
    weight = _weight(units, int(assets.units[0]))
    return Share(
        figure=allocation_figure(by, group.key),
        group=group,
        value=amount_of(column, worth.digits),
        known_value=decimal_of(units, worth.digits),
        weight=weight if assets.complete[0] else None,
        weight_of_known=weight,
    )


def _weight(units: int, total: int) -> Decimal | None:
    return (Decimal(units) / total).quantize(WEIGHT, ROUND_HALF_UP) + 0 if total > 0 else None


def _class_of(account: AccountFacts, line: Line | None) -> Group:
    """Of what is no security: money, or what the account is."""
    if (line is not None and line.kind == Kind.CASH) or account.account_type in IN_BANK:
        return Group(CASH, "Cash")
    return Group(account.account_type, Account.Type(account.account_type).label)


def _by_security(account: AccountFacts, security: SecurityFacts | None, line: Line | None) -> Group:
    if security is None:
        return _class_of(account, line)
    return Group(str(security.uuid), security.symbol)


def _by_type(account: AccountFacts, security: SecurityFacts | None, line: Line | None) -> Group:
    if security is None:
        return _class_of(account, line)
    return Group(security.security_type, Security.Type(security.security_type).label)


def _by_sector(account: AccountFacts, security: SecurityFacts | None, line: Line | None) -> Group:
    if security is None:
        return _class_of(account, line)
    return Group(security.sector, security.sector) if security.sector else UNKNOWN


def _by_country(account: AccountFacts, security: SecurityFacts | None, line: Line | None) -> Group:
    """A security's by its ISIN, other money's by that of the institution."""
    code = security.isin[:2] if security is not None else account.institution_country
    return Group(code, code) if code and code not in NO_COUNTRIES else UNKNOWN


def _by_currency(account: AccountFacts, security: SecurityFacts | None, line: Line | None) -> Group:
    code = account.currency_code if line is None else line.currency_code
    return Group(code, code)


def _by_institution(account: AccountFacts, security: SecurityFacts | None, line: Line | None) -> Group:
    return Group(str(account.institution_id), account.institution_name or "") if account.institution_id else UNKNOWN


def _by_account(account: AccountFacts, security: SecurityFacts | None, line: Line | None) -> Group:
    return Group(str(account.id), account.name)


UNKNOWN = Group(None, "Unclassified")
GROUPERS: dict[str, Callable[[AccountFacts, SecurityFacts | None, Line | None], Group]] = {
    "security": _by_security,
    "type": _by_type,
    "sector": _by_sector,
    "country": _by_country,
    "currency": _by_currency,
    "institution": _by_institution,
    "account": _by_account,
}
