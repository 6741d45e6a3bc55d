from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, Holding
from accounts.tests.factories import AccountFactory
from finances.testing.yahoo import Script
from finances.users.models import User
from securities.models import Security
from securities.tests.factories import SecurityFactory, store_closes

URL = "/api/v1/holdings"


@pytest.fixture
def depot(alice: User) -> Account:
    return AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)


@pytest.fixture
def acme(fake_yahoo: Script) -> Security:
    security = SecurityFactory.create(symbol="ACME")
    store_closes(security, {date(2022, 12, 28): 11.5})
    return security


def post(client: APIClient, account: Account, **fields: Any) -> Any:
    return client.post(URL, {"account_id": str(account.pk), "quantity": "12.5", **fields})


def test_add_a_holding(alice_client: APIClient, depot: Account, acme: Security) -> None:
    facts = {"security_id": str(acme.uuid), "average_cost": "101.25", "acquired_on": "2022-01-03"}

    response = post(alice_client, depot, **facts)

    body = response.json()
    assert response.status_code == 201
    assert body == {
        "id": str(Holding.objects.get().pk),
        "account_id": str(depot.pk),
        "symbol": "ACME",
        "name": "ACME Corporation",
        "currency_code": "USD",
        "quantity": "12.5",
        "current_price": 11.5,
        "price_at": "2022-12-28T00:00:00Z",
        "market_value": "143.75",
        "cost": "1265.63",
        "unrealized_gain": "-1121.88",
        "missing": [],
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
        **facts,
    }
    assert alice_client.get(f"{URL}/{body['id']}").json() == body


def test_add_by_a_stored_symbol_asks_nobody(
    alice_client: APIClient, depot: Account, acme: Security, fake_yahoo: Script
) -> None:
    response = post(alice_client, depot, symbol="acme", security_id=None)

    assert (response.status_code, response.json()["security_id"]) == (201, str(acme.uuid))
    assert fake_yahoo.calls == []


def test_the_same_security_again_is_a_conflict(alice_client: APIClient, depot: Account, acme: Security) -> None:
    post(alice_client, depot, symbol="ACME")

    response = post(alice_client, depot, security_id=str(acme.uuid), quantity="1")

    assert response.status_code == 409
    assert response.json() == {
        "detail": "The account holds this security already; change that holding instead.",
        "code": "holding_exists",
    }
    assert alice_client.get(URL).json()[0]["quantity"] == "12.5"


def test_ones_own_security(alice_client: APIClient, alice: User, depot: Account) -> None:
    house = SecurityFactory.create(symbol="HOUSE", owner=alice)

    assert post(alice_client, depot, security_id=str(house.uuid)).status_code == 201


@pytest.mark.parametrize("account_type", sorted(set(Account.Type) - Account.INVESTMENT_LIKE))
def test_other_accounts_hold_no_securities(
    alice_client: APIClient, alice: User, fake_yahoo: Script, account_type: str
) -> None:
    account = AccountFactory.create(owner=alice, account_type=account_type)

    response = post(alice_client, account, symbol="NOPE")

    assert (response.status_code, fake_yahoo.calls) == (400, [])
    assert response.json() == {
        "detail": "Only investment, retirement and crypto accounts hold securities.",
        "code": "account_holds_no_securities",
    }


@pytest.mark.parametrize("account_type", sorted(Account.INVESTMENT_LIKE))
def test_accounts_that_hold_securities(alice_client: APIClient, alice: User, acme: Security, account_type: str) -> None:
    account = AccountFactory.create(owner=alice, account_type=account_type)

    assert post(alice_client, account, symbol="ACME").status_code == 201


@pytest.mark.parametrize(("zone", "hours"), [("Pacific/Kiritimati", 14), ("Etc/GMT+12", -12)])
def test_acquired_today_at_the_latest(
    alice_client: APIClient, alice: User, depot: Account, acme: Security, fake_yahoo: Script, zone: str, hours: int
) -> None:
    """Today where the user lives."""
    alice.change(time_zone=zone)
    today = (timezone.now() + timedelta(hours=hours)).date()

    late = post(alice_client, depot, symbol="NOPE", acquired_on=str(today + timedelta(days=1)))
    fine = post(alice_client, depot, symbol="ACME", acquired_on=str(today))

    assert late.json() == {"detail": "acquired_on is after today.", "code": "acquired_in_future"}
    assert (late.status_code, fine.status_code, fake_yahoo.calls) == (400, 201, [])


@pytest.mark.parametrize("quantity", ["999999999999999999.999999999999", "0.000000000001", "1e3", 7])
def test_every_digit_is_kept(alice_client: APIClient, depot: Account, acme: Security, quantity: Any) -> None:
    cost = "9999999999999999.99999999"

    body = post(alice_client, depot, symbol="ACME", quantity=quantity, average_cost=cost).json()

    assert (body["quantity"], body["average_cost"]) == ({"1e3": "1000", 7: "7"}.get(quantity, quantity), cost)


def test_another_persons_account_and_security_are_as_missing_ones(
    alice_client: APIClient, charlie: User, depot: Account, acme: Security
) -> None:
    theirs = AccountFactory.create(owner=charlie, account_type=Account.Type.INVESTMENT)
    house = SecurityFactory.create(owner=charlie)
    keys = [str(theirs.pk), str(uuid4()), "mine", 5, True, "", [], {}]

    answers = [post(alice_client, depot, symbol="ACME", account_id=key).json() for key in keys]
    others = [post(alice_client, depot, security_id=key).json() for key in [str(house.uuid), *keys[1:]]]

    for field, given in [("account_id", answers), ("security_id", others)]:
        violation = {"loc": ["body", field], "msg": "This does not exist.", "type": "does_not_exist"}
        assert given == [{"detail": [violation], "code": "validation_error"}] * len(keys)
    assert Holding.objects.count() == 0
