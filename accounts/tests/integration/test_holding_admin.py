from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Holding
from accounts.tests.factories import AccountFactory, HoldingFactory
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from securities.tests.factories import SecurityFactory

URL = "/admin/accounts/holding/"


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def holding(alice: User) -> Holding:
    return HoldingFactory.create(account__owner=alice, account__name="Depot", security__symbol="ACME")


@pytest.mark.parametrize(
    ("words", "count"), [("depo", 1), ("acm", 1), ("alice@example.test", 1), ("acme depot", 1), ("charlie", 0)]
)
def test_search(office: Client, holding: Holding, words: str, count: int) -> None:
    response = office.get(URL, {"q": words})

    assert response.context["cl"].result_count == count


def test_the_list_costs_the_same_queries_for_three_rows_as_for_one(office: Client, holding: Holding) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert office.get(URL).status_code == 200
        return len(captured)

    one = queries()
    HoldingFactory.create_batch(2)

    assert queries() == one


def form(account: Account, **fields: Any) -> dict[str, Any]:
    security = SecurityFactory.create()
    return {"account": account.pk, "security": security.pk, "quantity": "2.5", "average_cost": "10", **fields}


def test_add_and_change(office: Client, holding: Holding) -> None:
    office.post(f"{URL}add/", form(holding.account))
    added = Holding.objects.exclude(pk=holding.pk).get()
    office.post(f"{URL}{added.pk}/change/", form(holding.account, quantity="3", acquired_on="2022-01-03"))
    added.refresh_from_db()

    assert (added.quantity, added.average_cost, added.acquired_on) == (Decimal(3), Decimal(10), date(2022, 1, 3))


@pytest.mark.parametrize(("field", "value"), [("quantity", "0"), ("average_cost", "-1"), ("security", "")])
def test_what_the_api_refuses(office: Client, holding: Holding, field: str, value: str) -> None:
    response = office.post(f"{URL}add/", form(holding.account, **{field: value}))

    assert (response.status_code, Holding.objects.count()) == (200, 1)


def test_other_accounts_hold_no_securities(office: Client) -> None:
    response = office.post(f"{URL}add/", form(AccountFactory.create(account_type=Account.Type.CASH)))

    assert response.context["adminform"].form.errors == {
        "account": ["Only investment, retirement and crypto accounts hold securities."]
    }


def test_the_page_of_an_account_shows_what_it_holds(office: Client, holding: Holding) -> None:
    page = office.get(f"/admin/accounts/account/{holding.account_id}/change/").content.decode()

    assert "ACME" in page
    assert 'name="holdings-0-quantity"' not in page


def test_a_security_that_is_held_stays(office: Client, holding: Holding) -> None:
    office.post(f"/admin/securities/security/{holding.security_id}/delete/", {"post": "yes"})

    assert Holding.objects.get() == holding
