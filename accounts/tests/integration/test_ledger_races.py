"""Many callers post to the same accounts at the same moment."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from accounts.models import Account, Holding, Transaction
from accounts.tests.factories import AccountFactory
from finances.testing.plugin import client_of
from finances.users.models import User
from finances.users.tests.races import at_once
from securities.tests.factories import SecurityFactory

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 20
SERVER_THREADS = 8
"""As many as serve: never more than the pool has connections."""


def url(account: Account) -> str:
    return f"/api/v1/accounts/{account.pk}/transactions"


def test_trades_of_many_clients(alice: User) -> None:
    """Nothing is lost, nothing oversold, and every answer is one of the contract's."""
    account = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
    for symbol in ("ACME", "BOLT"):
        SecurityFactory.create(symbol=symbol)
    trade = {"trade_date": "2024-01-02", "unit_price": "10"}
    clients = [client_of(alice) for _ in range(CLIENTS)]

    def run(asked: tuple[int, str, str]) -> tuple[str, str, int]:
        number, type_, quantity = asked
        symbol = ("ACME", "BOLT")[number % 2]
        body = {**trade, "type": type_, "symbol": symbol, "quantity": quantity}
        try:
            return type_, symbol, clients[number].post(url(account), body).status_code
        finally:
            connections.close_all()

    asked = [(number, *step) for step in (("BUY", "3"), ("SELL", "2"), ("SELL", "2")) for number in range(CLIENTS)]
    with ThreadPoolExecutor(SERVER_THREADS) as pool:
        counts = Counter(pool.map(run, asked))

    assert {status for _, _, status in counts} <= {201, 409}
    for symbol in ("ACME", "BOLT"):
        assert counts["BUY", symbol, 201] == CLIENTS // 2
        held = 3 * counts["BUY", symbol, 201] - 2 * counts["SELL", symbol, 201]
        assert held >= 0
        assert counts["SELL", symbol, 201] > 0
        row = Holding.objects.filter(security__symbol=symbol).first()
        assert (row.quantity if row else 0) == held
    assert Transaction.objects.count() == sum(n for (_, _, status), n in counts.items() if status == 201)
    for row in Holding.objects.all():
        lots = client_of(alice).get(f"/api/v1/holdings/{row.pk}/lots").json()
        assert sum(int(lot["quantity"]) for lot in lots) == row.quantity


def test_transfers_both_ways(alice: User) -> None:
    """Two accounts are locked in one order, so that nobody waits for ever."""
    here, there = AccountFactory.create_batch(2, owner=alice, account_type=Account.Type.INVESTMENT)
    SecurityFactory.create(symbol="ACME")
    bought = {"type": "BUY", "symbol": "ACME", "trade_date": "2024-01-02", "quantity": "10", "unit_price": "1"}
    for account in (here, there):
        client_of(alice).post(url(account), bought)

    def move(account: Account, other: Account) -> Any:
        client = client_of(alice)
        body = {"type": "TRANSFER", "symbol": "ACME", "trade_date": "2024-01-03", "quantity": "1"}
        return lambda: client.post(url(account), {**body, "counter_account_id": str(other.pk)})

    answers = at_once([move(here, there) for _ in range(4)] + [move(there, here) for _ in range(4)])

    assert answers == [(201, None)] * 8
    assert [row.quantity for row in Holding.objects.all()] == [10, 10]


def test_one_external_id_by_six(alice: User) -> None:
    account = AccountFactory.create(owner=alice)
    body = {"type": "DEPOSIT", "trade_date": "2024-01-02", "amount": "1", "external_id": "X"}
    clients = [client_of(alice) for _ in range(6)]

    answers = at_once([lambda client=client: client.post(url(account), body) for client in clients])  # type: ignore[misc]

    assert answers == [(201, None)] + [(409, "external_id_exists")] * 5


def test_amended_while_it_is_deleted(alice: User) -> None:
    account, client = AccountFactory.create(owner=alice), client_of(alice)
    body = {"type": "DEPOSIT", "trade_date": "2024-01-02", "amount": "1"}
    for _ in range(5):
        at = f"/api/v1/transactions/{client.post(url(account), body).json()['id']}"
        first, second = client_of(alice), client_of(alice)
        answers = at_once(
            [
                lambda at=at, first=first: first.delete(at),  # type: ignore[misc]
                lambda at=at, second=second: second.patch(at, {"amount": "2"}),  # type: ignore[misc]
            ]
        )
        assert answers in ([(200, None), (204, None)], [(204, None), (404, "not_found")])
