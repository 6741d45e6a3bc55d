"""What all accounts of a person are worth: their latest values, totals by currency, and one total."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import DateField, UUIDField

from accounts.models import Account
from currencies.conversion import Missing, Rate, rates_to
from finances.money import round_money
from finances.statements import Parameter, Statement
from finances.users.models import User

WIDE = Context(prec=80)
"""Digits enough for the product of any amount and any rate, so that only the result is rounded."""
Rates = dict[str, Rate | Missing]


@dataclass(frozen=True)
class Total:
    """Liabilities are the positive amounts owed; null is what a missing rate keeps from being known."""

    currency_code: str
    assets: Decimal | None
    liabilities: Decimal | None

    @property
    def net(self) -> Decimal | None:
        return None if self.assets is None or self.liabilities is None else self.assets - self.liabilities


class Valued(NamedTuple):
    """An account with its latest value. The fields are columns of AccountQuerySet.with_latest_value."""

    pk: UUID
    name: str
    account_type: str
    currency_id: str
    is_active: bool
    latest_value: Decimal | None
    latest_value_date: date | None

    @property
    def classification(self) -> str:
        return Account.classification_of(self.account_type)


@dataclass(frozen=True)
class LatestValues:
    values: list[Valued]
    totals: list[Total]
    total: Total | None
    missing: list[dict[str, Any]]


def read_latest(owner: User, *, as_of: date | None, today: date, base_code: str | None = None) -> LatestValues:
    """Values of `as_of` or before (None: the latest there are), and totals of the active accounts.

    In `base_code`, where one is given, at the rates of `as_of` or today.
    """
    rows = _accounts(dated=as_of is not None).rows(owner=owner.pk, as_of=as_of)
    accounts = [Valued(*row) for row in rows]
    active = [account for account in accounts if account.is_active]
    totals = total_by_currency(active)
    missing = [_without_value(account) for account in active if account.latest_value is None]
    total = None
    if base_code is not None:
        rates = rates_to(base_code, [row.currency_code for row in totals], as_of=as_of or today)
        total = total_in(base_code, totals, rates)
        missing += without_rate(totals, rates)
    return LatestValues([a for a in accounts if a.latest_value is not None], totals, total, missing)


@lru_cache(maxsize=2)
def _accounts(*, dated: bool) -> Statement:
    """Of `owner`, valued on the day `as_of` or before if `dated`."""
    accounts = Account.objects.for_user(Parameter("owner", UUIDField()))
    valued = accounts.with_latest_value(Parameter("as_of", DateField()) if dated else None)
    return Statement(valued.order_by("name", "pk"), Valued._fields)


def total_by_currency(accounts: Iterable[Valued]) -> list[Total]:
    sums: dict[str, dict[bool, Decimal]] = {}
    with localcontext(WIDE):
        for account in accounts:
            if account.latest_value is not None:
                sides = sums.setdefault(account.currency_id, {False: Decimal(0), True: Decimal(0)})
                sides[account.classification == Account.Classification.LIABILITY] += account.latest_value
    return [Total(code, assets=sides[False], liabilities=sides[True]) for code, sides in sorted(sums.items())]


def total_in(base_code: str, totals: Sequence[Total], rates: Rates) -> Total:
    """`totals` in one currency, each side rounded once."""
    return Total(
        base_code,
        assets=_converted(base_code, {row.currency_code: row.assets for row in totals}, rates),
        liabilities=_converted(base_code, {row.currency_code: row.liabilities for row in totals}, rates),
    )


def without_rate(totals: Sequence[Total], rates: Rates) -> list[dict[str, Any]]:
    """Why a side of `total_in` is null: a nought needs no rate."""
    found = [(row.currency_code, rates[row.currency_code]) for row in totals if row.assets or row.liabilities]
    return [
        {"figure": "total", "code": rate.code, "detail": rate.detail, "currency_code": code}
        for code, rate in found
        if isinstance(rate, Missing)
    ]


def _converted(base_code: str, amounts: dict[str, Decimal | None], rates: Rates) -> Decimal | None:
    total = Decimal(0)
    with localcontext(WIDE):
        for code, amount in amounts.items():
            if not amount:
                continue
            rate = rates[code]
            if isinstance(rate, Missing):
                return None
            total += amount * rate.quote_per_base
        return round_money(total, base_code)


def _without_value(account: Valued) -> dict[str, Any]:
    detail = "No value is recorded for this account; the totals leave it out."
    return {"figure": "totals", "code": "missing_value", "detail": detail, "account_id": account.pk}
