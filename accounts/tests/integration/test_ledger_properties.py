"""What holds for any ledger."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.ledger.bulk import post_transactions
from accounts.ledger.posting import amend_transaction
from accounts.ledger.realized import open_lots, realized_gains
from accounts.models import Account, Holding, Transaction
from accounts.portfolio.cash import read_cash
from accounts.tests.factories import AccountFactory
from securities.models import Security
from securities.tests.factories import SecurityFactory

TODAY, FIRST = date(2024, 12, 31), date(2024, 1, 1)
Type = Transaction.Type
amounts = st.decimals(min_value="0.01", max_value="1000", places=2)
trades = st.lists(
    st.tuples(st.sampled_from([Type.BUY, Type.BUY, Type.SELL]), st.integers(0, 5), amounts, amounts, amounts),
    min_size=2, max_size=8,
)  # fmt: skip


def book(rows: list[tuple[Any, ...]]) -> tuple[Account, Security]:
    """Posted in the order given, which is that of entry within each day."""
    account = AccountFactory.create(account_type=Account.Type.INVESTMENT, allow_short=True)
    security = SecurityFactory.create(currency=account.currency)
    facts = [
        {"type": type_, "security": security, "currency": account.currency, "quantity": quantity, "unit_price": price,
         "fees": fees, "trade_date": FIRST + timedelta(days=day)}
        for type_, day, quantity, price, fees in rows
    ]  # fmt: skip
    post_transactions(account, facts, by=account.owner, today=TODAY)
    return account, security


def figures(account: Account) -> Any:
    """All that the ledger comes to, but for ids."""
    now = timezone.now()
    holdings = list(Holding.objects.filter(account=account))
    gains = realized_gains(account, start=None, end=None, now=now)
    return (
        [(row.quantity, row.cost, row.average_cost, row.acquired_on) for row in holdings],
        [(lot.quantity, lot.cost, lot.acquired_on, lot.fees) for row in holdings for lot in open_lots(row, now=now)],
        [(gain.quantity, gain.proceeds, gain.cost, gain.closed_on) for gain in gains],
        read_cash(account, as_of=TODAY).balances,
    )


bounded = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@bounded
@given(rows=trades, data=st.data())
def test_amended_and_reverted_every_figure_is_back(rows: list[tuple[Any, ...]], data: st.DataObject) -> None:
    account, _ = book(rows)
    before = figures(account)
    row = data.draw(st.sampled_from(list(account.transactions.order_by("sequence"))))
    changes = {"quantity": row.quantity + 1, "trade_date": FIRST + timedelta(days=9), "fees": Decimal(5)}
    original = {name: getattr(row, name) for name in changes}

    amend_transaction(row, changes, by=account.owner, today=TODAY)
    assert figures(account) != before
    amend_transaction(row, original, by=account.owner, today=TODAY)

    assert figures(account) == before


@bounded
@given(rows=trades, data=st.data())
def test_days_may_be_entered_in_any_order(rows: list[tuple[Any, ...]], data: st.DataObject) -> None:
    """Cash and positions are the same; lots too, as long as each kind keeps its order within a day."""
    shuffled = data.draw(st.permutations(rows))
    one, other = figures(book(rows)[0]), figures(book(shuffled)[0])

    assert one[0] and [row[0] for row in one[0]] == [row[0] for row in other[0]] or one[0] == other[0] == []
    assert one[3] == other[3]
    by_day = sorted(rows, key=lambda row: row[1])
    stable = sorted(by_day, key=lambda row: -row[1])  # the last day first, and within it as before
    assert figures(book(by_day)[0]) == figures(book(stable)[0])


@bounded
@given(rows=trades)
def test_lots_sum_to_the_holding_and_cash_to_the_trades(rows: list[tuple[Any, ...]]) -> None:
    account, _ = book(rows)
    holdings, lots, gains, cash = figures(account)

    units = sum((q if type_ == Type.BUY else -q for type_, _, q, *_ in rows), Decimal(0))
    spent = sum((-q * p - f if type_ == Type.BUY else q * p - f for type_, _, q, p, f in rows), Decimal(0))
    assert sum(lot[0] for lot in lots) == units == sum(row[0] for row in holdings)
    assert [balance.balance for balance in cash] == [spent]
    cost = sum((lot[1] for lot in lots), Decimal(0))
    realized = sum((gain[1] - gain[2] for gain in gains), Decimal(0))
    # What was spent is what is open at cost, less what was gained.
    assert spent == realized - cost


pytestmark = pytest.mark.django_db
