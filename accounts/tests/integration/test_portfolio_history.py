"""What all accounts together were worth over time."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.tests.factories import AccountFactory, AccountValueFactory, TransactionFactory
from currencies.tests.factories import CurrencyFactory, store_rate
from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, assert_unauthenticated
from securities.tests.factories import SecurityFactory, SplitFactory, store_closes

URL = "/api/v1/portfolio/history"
NET_WORTH = "/api/v1/portfolio/net-worth"
TOTALS = ("net_worth", "assets", "liabilities", "cash", "securities", "recorded")


def history(client: APIClient, start: str, end: str, **parameters: str) -> Any:
    response = client.get(URL, {"start_date": start, "end_date": end, **parameters})
    assert response.status_code == 200, response.json()
    return response.json()


def net_worths(body: Any) -> dict[str, Any]:
    return {row["date"]: row["net_worth"] for row in body["rows"]}


@pytest.fixture
def depot(alice: User) -> Account:
    return AccountFactory.create(owner=alice, name="Depot", account_type=Account.Type.INVESTMENT)


@pytest.fixture
def _book(depot: Account, alice: User) -> None:
    """Cash, a position through a split, euros, and a debt."""
    acme = SecurityFactory.create(symbol="ACME")
    days = [date(2024, 1, 2) + timedelta(days=each) for each in range(60)]
    store_closes(acme, {day: 10.0 + 0.37 * place if place < 30 else 2.5 for place, day in enumerate(days)})
    SplitFactory.create(security=acme, ex_date=days[30])
    TransactionFactory.create(account=depot, trade_date=date(2024, 1, 1), amount=Decimal("1000.01"))
    TransactionFactory.create(
        account=depot, type="BUY", trade_date=date(2024, 1, 3), security=acme, quantity=Decimal("12.5"),
        unit_price=Decimal("10.37"), amount=None, fees=Decimal("1.99"),
    )  # fmt: skip
    euros = AccountFactory.create(owner=alice, name="Euros", currency=CurrencyFactory.create(code="EUR"))
    AccountValueFactory.create(account=euros, value_date=date(2024, 1, 10), value=Decimal("33.33"))
    for place, day in enumerate(days[::5]):
        store_rate("EUR/USD", day, f"1.0{place}")
    loan = AccountFactory.create(owner=alice, name="Loan", account_type=Account.Type.LOAN)
    AccountValueFactory.create(account=loan, value_date=date(2024, 1, 20), value=Decimal("250"))


@pytest.mark.usefixtures("_book")
def test_each_day_is_the_net_worth_of_that_day(alice_client: APIClient) -> None:
    rows = history(alice_client, "2023-12-31", "2024-03-20")["rows"]

    assert len(rows) == 81
    for row in rows[::4]:
        day = alice_client.get(NET_WORTH, {"as_of": row["date"]}).json()
        assert {name: row[name] for name in TOTALS} == {name: day[name] for name in TOTALS}
        assert row["coverage"] == day["coverage"]
        assert row["sum_of_known"] == {name: day["sum_of_known"][name] for name in TOTALS[:3]}


@pytest.mark.usefixtures("_book")
def test_weeks_and_months_stand_at_their_last_day(alice_client: APIClient) -> None:
    days = net_worths(history(alice_client, "2024-01-02", "2024-02-14"))
    weeks = net_worths(history(alice_client, "2024-01-02", "2024-02-14", interval="week"))
    months = net_worths(history(alice_client, "2024-01-02", "2024-02-14", interval="month"))

    sundays = ["2024-01-07", "2024-01-14", "2024-01-21", "2024-01-28", "2024-02-04", "2024-02-11", "2024-02-14"]
    assert list(weeks) == sundays
    assert list(months) == ["2024-01-31", "2024-02-14"]
    assert weeks | months == {day: days[day] for day in [*sundays, "2024-01-31"]}


def test_a_small_book_in_full(alice_client: APIClient, depot: Account) -> None:
    TransactionFactory.create(account=depot, trade_date=date(2024, 1, 2), amount=Decimal("5"))
    row = {"assets": "5.00", "liabilities": "0.00", "cash": "5.00", "securities": "0.00", "recorded": "0.00"}
    nothing = dict.fromkeys(TOTALS, "0.00")
    account = {
        "figure": f"account:{depot.pk}", "account_id": str(depot.pk), "account_name": "Depot",
        "account_type": "INVESTMENT", "classification": "ASSET",
    }  # fmt: skip

    assert history(alice_client, "2024-01-01", "2024-01-02", by="account") == {
        "start_date": "2024-01-01",
        "end_date": "2024-01-02",
        "interval": "day",
        "known_at": None,
        "base_currency": "USD",
        "rows": [
            {
                "date": "2024-01-01",
                **nothing,
                "coverage": {"known": 0, "parts": 0},
                "sum_of_known": dict.fromkeys(TOTALS[:3], "0.00"),
            },
            {
                "date": "2024-01-02",
                "net_worth": "5.00",
                **row,
                "coverage": {"known": 1, "parts": 1},
                "sum_of_known": {"net_worth": "5.00", "assets": "5.00", "liabilities": "0.00"},
            },
        ],
        "accounts": [account | {"values": ["0.00", "5.00"]}],
        "figures": [*TOTALS, f"account:{depot.pk}"],
        "missing": [],
    }


def test_a_gap_is_told_once_with_its_days(alice_client: APIClient, depot: Account) -> None:
    acme = SecurityFactory.create(symbol="ACME")
    store_closes(acme, {date(2024, 1, 5): 1.0, date(2024, 2, 1): 1.0})
    facts = {"security": acme, "quantity": Decimal(1), "unit_price": Decimal(1), "amount": None}
    TransactionFactory.create(account=depot, type="BUY", trade_date=date(2024, 1, 2), **facts)

    body = history(alice_client, "2024-01-01", "2024-02-10")
    assert [(gap["code"], gap["since"], gap["until"]) for gap in body["missing"]] == [
        ("missing_price", "2024-01-02", "2024-01-04"),
        ("stale_price", "2024-01-20", "2024-01-31"),
    ]
    worth = net_worths(body)
    assert [day for day, figure in worth.items() if figure is None] == [
        str(day) for day in np.concatenate([
            np.arange("2024-01-02", "2024-01-05", dtype="datetime64[D]"),
            np.arange("2024-01-20", "2024-02-01", dtype="datetime64[D]"),
        ])
    ]  # fmt: skip


def test_by_default_the_year_up_to_today(alice_client: APIClient) -> None:
    body = alice_client.get(URL).json()

    today = timezone.now().date()
    assert (body["start_date"], body["end_date"]) == ((today - timedelta(days=365)).isoformat(), today.isoformat())
    assert len(body["rows"]) == 366


@pytest.mark.parametrize(
    ("parameters", "status", "said"),
    [
        ({"start_date": "2024-02-01", "end_date": "2024-01-01"}, 400, "start_after_end"),
        ({"start_date": "1900-01-01", "end_date": "2024-01-01"}, 422, "range_too_long"),
        ({"interval": "year"}, 422, "invalid_choice"),
        ({"by": "sector"}, 422, "invalid_choice"),
    ],
)
def test_bad_parameters(alice_client: APIClient, parameters: dict[str, str], status: int, said: str) -> None:
    response = alice_client.get(URL, parameters)

    body = response.json()
    found = body["code"] if status == 400 else [(each["loc"], each["type"]) for each in body["detail"]]
    expected: Any = said if status == 400 else [(["query", next(iter(parameters))], said)]
    assert (response.status_code, found) == (status, expected)


def test_unauthenticated() -> None:
    assert_unauthenticated(APIClient().get(URL), NOT_AUTHENTICATED)


def test_another_s_accounts_are_not_in_it(alice_client: APIClient, charlie: User) -> None:
    stranger = AccountFactory.create(owner=charlie)
    AccountValueFactory.create(account=stranger, value_date=date(2024, 1, 1))

    assert net_worths(history(alice_client, "2024-01-02", "2024-01-02", by="account")) == {"2024-01-02": "0.00"}
    response = alice_client.get(URL, {"accounts": str(stranger.pk)})
    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", "accounts"])


def test_statements_do_not_grow_with_rows(alice_client: APIClient, alice: User) -> None:
    def add() -> None:
        security = SecurityFactory.create()
        store_closes(security, {date(2024, 1, 30): 8.0})
        account = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
        AccountValueFactory.create(account=account, value_date=date(2023, 1, 1))
        facts = {"security": security, "quantity": Decimal(1), "unit_price": Decimal(1), "amount": None}
        TransactionFactory.create(account=account, type="BUY", trade_date=date(2024, 1, 2), **facts)

    def counted() -> int:
        history(alice_client, "2024-01-01", "2024-02-10", by="account")
        with CaptureQueriesContext(connection) as captured:
            history(alice_client, "2024-01-01", "2024-02-10", by="account")
        return len(captured)

    add()
    one = counted()
    add()
    add()
    assert counted() == one
