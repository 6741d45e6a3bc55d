"""Cash by account and currency, from the ledger alone, as of a day by trade date."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any

from accounts.ledger.entries import LedgerEntry, read_entries
from accounts.ledger.kinds import COST_ONLY, SIGNS
from accounts.models import Account, Transaction
from currencies.conversion import Missing, rates_to
from finances.money import round_money
from finances.valuation.scale import EXACT

ZERO = Decimal(0)
HOLDS_SECURITIES = "The recorded value includes securities, which are no cash."


@dataclass(frozen=True)
class Movement:
    """What one transaction does to the cash of one account, signed."""

    account_id: uuid.UUID
    currency_code: str
    amount: Decimal


@dataclass(frozen=True)
class Balance:
    currency_code: str
    balance: Decimal


@dataclass(frozen=True)
class Recorded:
    """The account's recorded value of a day beside what the ledger came to on that day, in the account's currency.

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


def movements(entry: LedgerEntry, home: dict[uuid.UUID, str]) -> Iterator[Movement]:
    """`home`: the currency of each account. With a booked rate the cash moves in that, else in the transaction's.

    Exact in a wide context; never rounded, so that parts always add up.
    """
    gross, net = _gross(entry), _gross(entry) - entry.fees - entry.taxes
    if entry.type == Transaction.Type.TRANSFER and entry.counter_account_id is not None:
        yield Movement(entry.account_id, entry.currency_id, net)
        if gross:
            yield _moved(entry, entry.counter_account_id, -gross, home)
    elif net:
        yield _moved(entry, entry.account_id, net, home)


def _gross(entry: LedgerEntry) -> Decimal:
    if entry.security_id is not None and entry.type in COST_ONLY:
        return ZERO
    amount = entry.amount
    if amount is None:
        amount = (entry.quantity or ZERO) * (entry.unit_price or ZERO)
    return SIGNS[entry.type] * amount


def _moved(entry: LedgerEntry, account_id: uuid.UUID, amount: Decimal, home: dict[uuid.UUID, str]) -> Movement:
    if entry.fx_rate is None:
        return Movement(account_id, entry.currency_id, amount)
    return Movement(account_id, home[account_id], amount * entry.fx_rate)


def balances(
    entries: Iterable[LedgerEntry], home: dict[uuid.UUID, str]
) -> dict[tuple[uuid.UUID, str], Decimal]:  # fmt: skip
    """The cash of each account and currency that these entries come to; `home` names the accounts that count."""
    sums: dict[tuple[uuid.UUID, str], Decimal] = {}
    with localcontext(EXACT):
        for entry in entries:
            for movement in movements(entry, home):
                key = movement.account_id, movement.currency_code
                sums[key] = sums.get(key, ZERO) + movement.amount
    return sums


def read_cash(account: Account, *, as_of: date, known_at: datetime | None = None) -> Cash:
    """What the account's ledger comes to on `as_of`, and how that agrees with the last value recorded by then."""
    entries = read_entries(account.owner, as_of=as_of, known_at=known_at, account_ids=[account.pk])
    home = _home(account, entries)
    recorded, missing = _reconciled(account, entries, home, as_of)
    return Cash(
        as_of=as_of,
        ledger_from=entries[0].trade_date if entries else None,
        balances=_of(account, balances(entries, home)),
        recorded=recorded,
        missing=missing,
    )


def _home(account: Account, entries: Iterable[LedgerEntry]) -> dict[uuid.UUID, str]:
    sides = {key for entry in entries for key in (entry.account_id, entry.counter_account_id) if key is not None}
    return dict(Account.objects.filter(pk__in={*sides, account.pk}).order_by().values_list("pk", "currency_id"))


def _of(account: Account, sums: dict[tuple[uuid.UUID, str], Decimal]) -> list[Balance]:
    own = {code: amount for (key, code), amount in sums.items() if key == account.pk}
    return [Balance(code, amount) for code, amount in sorted(own.items())]


def _reconciled(
    account: Account, entries: list[LedgerEntry], home: dict[uuid.UUID, str], as_of: date
) -> tuple[Recorded | None, list[dict[str, Any]]]:
    row = account.values.between(None, as_of).order_by("-value_date").first()
    if row is None or not entries or entries[0].trade_date > row.value_date:
        return None, []
    owed = account.classification == Account.Classification.LIABILITY
    value = -row.value if owed else row.value
    by_then = [entry for entry in entries if entry.trade_date <= row.value_date]
    if any(entry.security_id is not None for entry in by_then) and account.may_hold_securities:
        return Recorded(row.value_date, value, None, None), _cause("securities_held", HOLDS_SECURITIES)
    ledger = _in_home_currency(account, _of(account, balances(by_then, home)), row.value_date)
    if isinstance(ledger, Missing):
        return Recorded(row.value_date, value, None, None), _cause(ledger.code, ledger.detail)
    return Recorded(row.value_date, value, ledger, value - ledger), []


def _in_home_currency(account: Account, cash: list[Balance], on: date) -> Decimal | Missing:
    rates = rates_to(account.currency_id, [balance.currency_code for balance in cash if balance.balance], as_of=on)
    total = ZERO
    with localcontext(EXACT):
        for balance in cash:
            rate = rates.get(balance.currency_code)
            if isinstance(rate, Missing):
                return rate
            if rate is not None:
                total += balance.balance * rate.quote_per_base
        return round_money(total, account.currency_id)


def _cause(code: str, detail: str) -> list[dict[str, Any]]:
    return [{"figure": figure, "code": code, "detail": detail} for figure in ("recorded.ledger", "recorded.difference")]
