"""Holdings of securities that people keep by hand."""

from datetime import date
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, Holding
from accounts.tests.factories import AccountFactory, HoldingFactory
from finances.testing.answers import violations
from finances.testing.plugin import client_of
from finances.users.models import User
from finances.users.tests.races import at_once
from securities.models import Price, Security
from securities.tests.factories import SecurityFactory, store_closes


@pytest.fixture
def house(alice: User) -> Security:
    security = SecurityFactory.create(symbol="HOUSE", owner=alice)
    store_closes(security, {date(2026, 6, 30): 412500.0})
    return security


def at(security: Security) -> str:
    return f"/api/v1/securities/{security.uuid}"


def test_one_that_is_held_stays(alice_client: APIClient, alice: User, house: Security) -> None:
    holding = HoldingFactory.create(account__owner=alice, security=house)

    response = alice_client.delete(at(house))

    assert (response.status_code, response.json()) == (
        409,
        {"detail": "This security is held in an account; delete its holdings first.", "code": "security_in_use"},
    )
    assert Price.objects.count() == 1
    alice_client.delete(f"/api/v1/holdings/{holding.pk}")
    assert alice_client.delete(at(house)).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_deleted_while_it_is_added_to_an_account(alice: User) -> None:
    account = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
    for number in range(5):
        security = SecurityFactory.create(symbol=f"H{number}", owner=alice)
        body = {"account_id": str(account.pk), "security_id": str(security.uuid), "quantity": "1"}
        deleter, holder, url = client_of(alice), client_of(alice), at(security)

        answers = at_once(
            [
                lambda client=deleter, url=url: client.delete(url),  # type: ignore[misc]
                lambda client=holder, body=body: client.post("/api/v1/holdings", body),  # type: ignore[misc]
            ]
        )

        codes = {code for _, code in answers}
        assert codes <= {None, "security_in_use", "conflict", "validation_error", "holding_exists", "not_found"}, (
            answers
        )
        assert (
            Holding.objects.filter(security_id=security.pk).exists() == Security.objects.filter(pk=security.pk).exists()
        ), answers


def test_a_strangers_holding_of_it_is_refused_as_a_missing_one(
    charlie_client: APIClient, charlie: User, house: Security
) -> None:
    account = AccountFactory.create(owner=charlie, account_type=Account.Type.INVESTMENT)

    answers = [
        charlie_client.post(
            "/api/v1/holdings", {"account_id": str(account.pk), "security_id": str(key), "quantity": "1"}
        )
        for key in (house.uuid, uuid4())
    ]

    assert [violations(answer) for answer in answers] == [[["body", "security_id"]]] * 2
    assert answers[0].json() == answers[1].json()


def test_its_owner_holds_it(alice_client: APIClient, alice: User, house: Security) -> None:
    account = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)

    body = alice_client.post(
        "/api/v1/holdings", {"account_id": str(account.pk), "security_id": str(house.uuid), "quantity": "0.5"}
    ).json()

    assert (body["symbol"], body["current_price"], body["market_value"]) == ("HOUSE", 412500.0, "206250.00")


def test_a_user_goes_with_what_is_theirs(alice: User, house: Security) -> None:
    HoldingFactory.create(account__owner=alice, security=house)

    alice.delete()

    assert not Security.objects.exists()
