"""An account's cash by the ledger, and how the ledger agrees with the value that was recorded."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from accounts.ledger.cash import balances
from accounts.ledger.entries import read_entries
from accounts.models import Account
from accounts.portfolio.facts import RecordedValue, read_accounts, read_values
from accounts.portfolio.gaps import gaps_of
from accounts.portfolio.inputs import read_inputs
from accounts.portfolio.net_worth import amount_of
from accounts.portfolio.worth import Worth
from finances.valuation.positions import day_number


@dataclass(frozen=True)
class Balance:
    currency_code: str
    balance: Decimal


@dataclass(frozen=True)
class Recorded:
    """The account's recorded value of a day beside what the ledger came to on that day: cash, and securities at their
    closes, in the account's currency.

    Both as an asset counts: what is owed is negative.
    """

    value_date: date
    value: Decimal
    ledger: Decimal | None
    difference: Decimal | None


@dataclass(frozen=True)
class Cash:
    as_of: date
    ledger_from: date | None
    """The account's first transaction: from then on the ledger counts, before it the recorded values."""
    balances: list[Balance]
    recorded: Recorded | None
    missing: list[dict[str, Any]]


def read_cash(account: Account, *, as_of: date, known_at: datetime | None = None) -> Cash:
    """What the account's ledger comes to on `as_of`, and how that agrees with the last value recorded by then."""
    entries = read_entries(account.owner, as_of=as_of, known_at=known_at, account_ids=[account.pk])
    home = {key: facts.currency_code for key, facts in read_accounts(account.owner, known_at=known_at).items()}
    own = {code: amount for (key, code), amount in balances(entries, home).items() if key == account.pk}
    ledger_from = entries[0].trade_date if entries else None
    values = read_values([account.pk], end=as_of, known_at=known_at).get(account.pk)
    recorded: Recorded | None = None
    missing: list[dict[str, Any]] = []
    if values and ledger_from is not None and ledger_from <= values[-1].on:
        recorded, missing = _reconciled(account, values[-1], known_at)
    return Cash(
        as_of=as_of,
        ledger_from=ledger_from,
        balances=[Balance(code, amount) for code, amount in sorted(own.items())],
        recorded=recorded,
        missing=missing,
    )


def _reconciled(
    account: Account, last: RecordedValue, known_at: datetime | None
) -> tuple[Recorded, list[dict[str, Any]]]:  # fmt: skip
    day, key = last.on, account.pk
    inputs = read_inputs(
        account.owner, base=account.currency_id, start=day, end=day, known_at=known_at, account_ids=[key]
    )  # fmt: skip
    worth, sign = Worth(inputs, np.array([day_number(day)], dtype=np.int64)), inputs.accounts[key].sign
    came_to = amount_of(worth.account(key), worth.digits)
    ledger = None if came_to is None else came_to * sign
    value = last.value * sign
    causes = [
        {"figure": figure, "code": gap.code, "detail": gap.detail}
        for gap in gaps_of(worth)
        for figure in ("recorded.ledger", "recorded.difference")
    ]
    return Recorded(day, value, ledger, None if ledger is None else value - ledger), causes
