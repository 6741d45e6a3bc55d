from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Account, Holding
from accounts.tests.factories import AccountFactory, HoldingFactory
from finances.testing.plugin import client_of
from finances.testing.yahoo import Script
from finances.users.models import User
from securities.tests.factories import SecurityFactory

URL = "/api/v1/holdings"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def holding(alice: User) -> Holding:
    return HoldingFactory.create(account__owner=alice)


def at_once(*requests: Any) -> list[Any]:
    """Answers of requests that start together, each in a thread."""
    barrier = Barrier(len(requests))

    def run(request: Any) -> Any:
        try:
            barrier.wait(10)
            return request()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(run, requests))


def test_of_eight_additions_at_once_one_wins(alice: User) -> None:
    account = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
    SecurityFactory.create(symbol="ACME")
    body = {"account_id": str(account.pk), "symbol": "ACME", "quantity": "1"}
    clients = [client_of(alice) for _ in range(8)]

    answers = at_once(*[lambda client=client: client.post(URL, body) for client in clients])

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"holding_exists"}


def test_parallel_changes_of_different_fields_lose_nothing(alice: User, holding: Holding) -> None:
    client, other = client_of(alice), client_of(alice)
    for number in range(1, 11):
        answers = at_once(
            lambda n=number: client.patch(f"{URL}/{holding.pk}", {"quantity": f"{n}"}),
            lambda n=number: other.patch(f"{URL}/{holding.pk}", {"average_cost": f"{n}"}),
        )
        assert [answer.status_code for answer in answers] == [200, 200]
        row = Holding.objects.get()
        assert (row.quantity, row.average_cost) == (number, number)


def test_changes_while_the_holding_is_deleted(alice: User, holding: Holding) -> None:
    clients = [client_of(alice) for _ in range(4)]
    change = [lambda c=c: c.patch(f"{URL}/{holding.pk}", {"quantity": "3"}) for c in clients[1:]]

    deleted, *changed = at_once(lambda: clients[0].delete(f"{URL}/{holding.pk}"), *change)

    assert deleted.status_code == 204
    assert {answer.status_code for answer in changed} <= {200, 404}
    assert Holding.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [(None, 404, "not_found"), (Account.Type.CHECKING, 400, "account_holds_no_securities")],
)
def test_an_account_that_goes_or_changes_during_the_sync(
    alice: User, fake_yahoo: Script, change: str | None, status: int, code: str
) -> None:
    account = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
    fake_yahoo.add("ACME", closes={timezone.now().date() - timedelta(days=7): 1.0})
    fake_yahoo.gate, client = Event(), client_of(alice)
    answers: list[Any] = []
    body = {"account_id": str(account.pk), "symbol": "ACME", "quantity": "1"}

    def post() -> None:
        try:
            answers.append(client.post(URL, body))
        finally:
            connections.close_all()

    thread = Thread(target=post)
    thread.start()
    while not fake_yahoo.calls and thread.is_alive():
        thread.join(0.01)

    if change is None:
        account.delete()
    else:
        Account.objects.update(account_type=change)
    fake_yahoo.gate.set()
    thread.join(10)

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(status, code)]
    assert Holding.objects.count() == 0
