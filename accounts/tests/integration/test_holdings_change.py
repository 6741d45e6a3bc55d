from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, Holding
from accounts.tests.factories import HoldingFactory
from finances.users.models import User
from finances.users.tests.bodies import NOT_FOUND
from securities.models import Security
from securities.tests.factories import SecurityFactory

URL = "/api/v1/holdings"


@pytest.fixture
def holding(alice: User) -> Holding:
    return HoldingFactory.create(account__owner=alice, security__symbol="ACME")


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": "3"},
        {"average_cost": "1.55"},
        {"average_cost": None},
        {"acquired_on": "2022-01-03"},
        {"acquired_on": None},
        {"quantity": "3", "average_cost": None, "acquired_on": "2022-01-03"},
    ],
)
def test_change_a_holding(alice_client: APIClient, holding: Holding, change: dict[str, Any]) -> None:
    before = alice_client.get(f"{URL}/{holding.pk}").json()

    response = alice_client.patch(f"{URL}/{holding.pk}", change)

    body = response.json()
    assert response.status_code == 200
    assert body == alice_client.get(f"{URL}/{holding.pk}").json()
    facts = ["id", "account_id", "security_id", "quantity", "average_cost", "acquired_on", "created_at"]
    assert {name: body[name] for name in facts} == {name: before[name] for name in facts} | change
    assert body["updated_at"] > before["updated_at"]


def test_an_empty_change_changes_nothing(alice_client: APIClient, holding: Holding) -> None:
    before = alice_client.get(f"{URL}/{holding.pk}").json()

    response = alice_client.patch(f"{URL}/{holding.pk}", {})

    assert (response.status_code, response.json()) == (200, before)


@pytest.mark.parametrize("field", ["account_id", "security_id", "symbol"])
def test_account_and_security_stay(alice_client: APIClient, holding: Holding, field: str) -> None:
    same = alice_client.get(f"{URL}/{holding.pk}").json()[field]

    for value in (same, None, 5):
        response = alice_client.patch(f"{URL}/{holding.pk}", {field: value, "quantity": "3"})

        assert response.status_code == 422
        assert response.json()["detail"] == [
            {
                "loc": ["body", field],
                "msg": "This cannot be changed; delete the holding and add another.",
                "type": "fixed",
            }
        ]
    assert Holding.objects.get().quantity == Decimal("12.5")


def test_acquired_in_the_future(alice_client: APIClient, holding: Holding) -> None:
    tomorrow = timezone.now().date() + timedelta(days=1)

    response = alice_client.patch(f"{URL}/{holding.pk}", {"acquired_on": str(tomorrow)})

    assert (response.status_code, response.json()["code"]) == (400, "acquired_in_future")


def test_delete_a_holding(alice_client: APIClient, holding: Holding) -> None:
    response = alice_client.delete(f"{URL}/{holding.pk}")

    assert (response.status_code, response.content) == (204, b"")
    assert alice_client.delete(f"{URL}/{holding.pk}").json() == NOT_FOUND
    assert (Account.objects.count(), Security.objects.count()) == (1, 1)


def test_there_is_no_put(alice_client: APIClient, holding: Holding) -> None:
    response = alice_client.put(f"{URL}/{holding.pk}", {"quantity": "3"})

    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


def test_a_user_with_a_security_of_their_own_can_be_deleted(alice: User) -> None:
    house = SecurityFactory.create(symbol="HOUSE", owner=alice)
    HoldingFactory.create(account__owner=alice, security=house)

    alice.delete()

    assert (Holding.objects.count(), Security.objects.count()) == (0, 0)
