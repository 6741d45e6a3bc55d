"""An account's page in the back office: what it is worth over time, and what it holds."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from accounts.tests.factories import AccountFactory, AccountValueFactory, HoldingFactory, TransactionFactory
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from securities.models import Security
from securities.tests.factories import SecurityFactory, SplitFactory, store_closes

URL = "/admin/accounts/account/"


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def depot(alice: User) -> Account:
    return AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)


@pytest.fixture
def acme() -> Security:
    return SecurityFactory.create(symbol="ACME", time_zone="UTC")


def ago(days: int) -> date:
    return timezone.now().date() - timedelta(days=days)


def buy(account: Account, security: Security, on: date) -> None:
    facts = {"security": security, "quantity": Decimal(10), "unit_price": Decimal(8), "amount": None}
    TransactionFactory.create(account=account, type="BUY", trade_date=on, **facts)


def chart(office: Client, account: Account) -> list[tuple[date, float | None]]:
    body: dict[str, Any] = office.get(f"{URL}{account.pk}/values").json()
    assert body["currency"] == account.currency_id
    days = [datetime.fromtimestamp(seconds, UTC).date() for seconds in body["times"]]
    return list(zip(days, body["values"], strict=True))


def position(page: Any) -> dict[str, str]:
    """The first row of the positions."""
    row = next(iter(page.context["inline_admin_formsets"][0]))
    return {field.field["name"]: field.contents() for fieldset in row for line in fieldset for field in line}


def test_the_chart_follows_recorded_values_and_then_the_ledger(office: Client, depot: Account, acme: Security) -> None:
    for days, value in ((40, "70"), (5, "71"), (2, "9999")):
        AccountValueFactory.create(account=depot, value_date=ago(days), value=Decimal(value))
    TransactionFactory.create(account=depot, trade_date=ago(4), amount=Decimal(100))
    buy(depot, acme, ago(3))
    store_closes(acme, {ago(2): 9.0, ago(0): 9.5})

    assert chart(office, depot) == [
        (ago(40), 70.0), (ago(5), 71.0), (ago(4), 100.0), (ago(3), None), (ago(2), 110.0), (ago(1), 110.0),
        (ago(0), 115.0),
    ]  # fmt: skip


def test_the_chart_of_a_debt_is_what_is_owed_up_to_its_end(office: Client, alice: User) -> None:
    loan = AccountFactory.create(owner=alice, account_type=Account.Type.LOAN, is_active=False, closed_on=ago(5))
    TransactionFactory.create(account=loan, type="OPENING", trade_date=ago(7), amount=Decimal("-50"))

    assert chart(office, loan) == [(ago(7), 50.0), (ago(6), 50.0), (ago(5), 50.0)]


def test_positions_show_cost_and_value_in_todays_units(office: Client, depot: Account, acme: Security) -> None:
    HoldingFactory.create(account=depot, security=acme, quantity=Decimal("12.5"), average_cost=Decimal(8))
    store_closes(acme, {ago(10): 8.01})
    SplitFactory.create(security=acme, ex_date=ago(20), numerator=2, denominator=1)
    SplitFactory.create(security=acme, ex_date=ago(0), numerator=3, denominator=1)
    depot.transactions.update(units_as_of=ago(1))

    page = office.get(f"{URL}{depot.pk}/change/")

    row = position(page)
    assert {name: row[name] for name in ("shown_quantity", "shown_cost", "price", "market_value", "gain")} == {
        "shown_quantity": "37.5",
        "shown_cost": "100.00 USD",
        "price": f"2.67 of {ago(10)}",
        "market_value": "100.13 USD",
        "gain": "0.13 USD",
    }


def test_what_is_not_known_of_a_position_is_left_empty(office: Client, depot: Account) -> None:
    HoldingFactory.create(account=depot, average_cost=None)
    row = position(office.get(f"{URL}{depot.pk}/change/"))
    assert {row[name] for name in ("shown_cost", "price", "market_value", "gain")} == {"-"}


def test_the_page_shows_the_ledgers_cash(office: Client, depot: Account) -> None:
    TransactionFactory.create(account=depot, amount=Decimal("12.345"))
    assert "12.345 USD" in office.get(f"{URL}{depot.pk}/change/").content.decode()


def test_the_page_costs_the_same_queries_for_three_positions_as_for_one(office: Client, depot: Account) -> None:
    counts = []
    for rows in (1, 2):
        HoldingFactory.create_batch(rows, account=depot)
        with CaptureQueriesContext(connection) as captured:
            assert office.get(f"{URL}{depot.pk}/change/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_page_of_no_account_is_none(office: Client) -> None:
    assert office.get(f"{URL}nonsense/change/").status_code == 302
