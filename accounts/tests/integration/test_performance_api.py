"""Performance over the API: ranges, tables, what is left out, a benchmark, refusals."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.tests.factories import AccountFactory, AccountValueFactory, TransactionFactory
from finances.testing.answers import violations
from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, assert_unauthenticated
from securities.models import Security
from securities.tests.factories import DividendFactory, SecurityFactory, store_closes

URL = "/api/v1/portfolio/performance"
FIRST = date(2023, 1, 2)


@pytest.fixture
def acme() -> Security:
    """100, then a fall to 80, then 120, and 132 in the second year."""
    security = SecurityFactory.create(symbol="ACME")
    closes = dict.fromkeys(days(date(2023, 1, 1), date(2023, 3, 1)), 100.0)
    closes |= dict.fromkeys(days(date(2023, 3, 2), date(2023, 5, 1)), 80.0)
    closes |= dict.fromkeys(days(date(2023, 5, 2), date(2024, 1, 15)), 120.0)
    store_closes(security, closes | dict.fromkeys(days(date(2024, 1, 16), date(2024, 2, 1)), 132.0))
    return security


@pytest.fixture
def depot(alice: User, acme: Security) -> Account:
    account: Account = AccountFactory.create(owner=alice, name="Depot", account_type="INVESTMENT")
    TransactionFactory.create(account=account, trade_date=FIRST, amount=Decimal("1000"))
    buy(account, acme)
    return account


def buy(account: Account, security: Security) -> None:
    facts = {"type": "BUY", "quantity": Decimal(10), "unit_price": Decimal(100), "amount": None}
    TransactionFactory.create(account=account, trade_date=FIRST, security=security, **facts)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


def read(client: APIClient, **parameters: Any) -> Any:
    response = client.get(URL, {"end_date": "2024-02-01", **parameters})
    assert response.status_code == 200, response.json()
    return response.json()


def test_a_performance(alice_client: APIClient, depot: Account) -> None:
    body = read(alice_client)

    assert {name: body[name] for name in (
        "start_date", "end_date", "opening_value", "closing_value", "change", "gain", "market", "fx", "income", "fees",
        "taxes", "flows", "twr", "measured_days", "base_currency", "account_ids", "left_out", "excluded_days",
        "missing", "benchmark", "known_at", "risk_free_rate",
    )} == {
        "start_date": "2023-01-02", "end_date": "2024-02-01", "opening_value": "0.00", "closing_value": "1320.00",
        "change": "1320.00", "gain": "320.00", "market": "320.00", "fx": "0.00", "income": "0.00", "fees": "0.00",
        "taxes": "0.00", "flows": "1000.00", "twr": "0.32", "measured_days": 396, "base_currency": "USD",
        "account_ids": [str(depot.pk)], "left_out": [], "excluded_days": [], "missing": [], "benchmark": None,
        "known_at": None, "risk_free_rate": "0",
    }  # fmt: skip
    # 1.32 ** (365 / 396) - 1; the flow of the first day to the value of the last, 395 days later.
    assert (body["twr_annualized"], body["xirr"]) == (
        f"{1.32 ** (365 / 396) - 1:.7f}",
        f"{1.32 ** (365 / 395) - 1:.8f}",
    )
    assert body["max_drawdown"] == {
        "depth": "-0.2", "peak_date": "2023-01-01", "trough_date": "2023-03-02", "recovery_date": "2023-05-02",
    }  # fmt: skip


def test_years_and_months(alice_client: APIClient, depot: Account) -> None:
    body = read(alice_client)

    assert [(row["start_date"], row["end_date"], row["twr"], row["gain"]) for row in body["years"]] == [
        ("2023-01-02", "2023-12-31", "0.2", "200.00"), ("2024-01-01", "2024-02-01", "0.1", "120.00"),
    ]  # fmt: skip
    assert len(body["months"]) == 14
    assert [row["twr"] for row in body["months"] if row["twr"] != "0"] == ["-0.2", "0.5", "0.1"]
    alone = read(alice_client, start_date="2024-01-01", end_date="2024-01-31")
    month = body["months"][-2]
    assert {name: alone[name] for name in month if name != "missing"} | {"missing": []} == month


def test_volatility_and_sharpe(alice_client: APIClient, depot: Account) -> None:
    """Of 396 daily returns, of which three are not 0: -0.2, 0.5 and 0.1."""
    body = read(alice_client, risk_free_rate="0.03")
    mean = 0.4 / 396
    deviation = ((0.04 + 0.25 + 0.01 - 396 * mean**2) / 395) ** 0.5

    assert body["volatility"] == f"{deviation * 365**0.5:.8f}"
    assert body["sharpe"] == f"{(mean - (1.03 ** (1 / 365) - 1)) / deviation * 365**0.5:.8f}"


def test_a_benchmark_with_dividends(alice_client: APIClient, depot: Account) -> None:
    index = SecurityFactory.create(symbol="INDEX")
    closes = dict.fromkeys(days(date(2023, 1, 1), date(2023, 6, 30)), 50.0)
    store_closes(index, closes | dict.fromkeys(days(date(2023, 7, 1), date(2024, 2, 1)), 55.0))
    DividendFactory.create(security=index, ex_date=date(2023, 9, 1), amount="5.5")

    body = read(alice_client, benchmark="index")["benchmark"]

    assert (body["symbol"], body["currency_code"]) == ("INDEX", "USD")
    assert (body["twr"], body["excess"]) == ("0.22222222", "0.09777778")
    own = read(alice_client, benchmark="ACME")["benchmark"]
    assert (own["excess"], own["beta"], own["correlation"]) == ("0", "1", "1")


def test_accounts_that_are_left_out_are_named(alice_client: APIClient, alice: User, depot: Account) -> None:
    house = AccountFactory.create(owner=alice, name="House", account_type="REAL_ESTATE")
    AccountValueFactory.create(account=house, value_date=date(2023, 2, 1), value=Decimal("300000"))
    loan = AccountFactory.create(owner=alice, name="Loan", account_type="LOAN")
    TransactionFactory.create(account=loan, type="OPENING", trade_date=date(2023, 2, 1), amount=Decimal("-500"))
    AccountValueFactory.create(account=depot, value_date=date(2022, 2, 1), value=Decimal("9"))

    body = read(alice_client)
    named = read(alice_client, accounts=f"{depot.pk},{loan.pk}")

    assert [(row["account_id"], row["code"]) for row in body["left_out"]] == [
        (str(depot.pk), "recorded_before_ledger"),
        (str(house.pk), "recorded_values_only"),
        (str(loan.pk), "liability"),
    ]
    assert (body["closing_value"], named["closing_value"], named["flows"]) == ("1320.00", "820.00", "500.00")


def test_an_archived_account_leaves_with_what_it_held(alice_client: APIClient, depot: Account) -> None:
    Account.objects.filter(pk=depot.pk).update(is_active=False, closed_on=date(2023, 6, 30))

    body = read(alice_client)

    assert (body["closing_value"], body["flows"], body["gain"], body["twr"]) == ("0.00", "-200.00", "200.00", "0.2")


def test_a_missing_price_is_told(alice_client: APIClient, depot: Account) -> None:
    unknown = SecurityFactory.create(symbol="NONE")
    buy(depot, unknown)

    body = read(alice_client)

    assert (body["closing_value"], body["market"], body["twr"], body["flows"]) == (None, None, None, "1000.00")
    told = {(each["figure"], each["code"]) for each in body["missing"]}
    assert {("closing_value", "missing_value"), ("twr", "missing_value")} <= told
    assert (f"position:{depot.pk}:{unknown.uuid}", "missing_price") in told


def test_without_anything(alice_client: APIClient) -> None:
    body = read(alice_client)

    assert (body["opening_value"], body["closing_value"], body["gain"], body["twr"]) == ("0.00", "0.00", "0.00", None)
    assert {each["code"] for each in body["missing"]} == {"no_capital"}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"start_date": "2024-02-02"}, "start_after_end"),
        ({"end_date": (timezone.now() + timedelta(days=3)).date().isoformat()}, "ends_in_future"),
    ],
)
def test_ranges_that_are_refused(alice_client: APIClient, parameters: dict[str, str], code: str) -> None:
    response = alice_client.get(URL, {"end_date": "2024-02-01"} | parameters)

    assert (response.status_code, response.json()["code"]) == (400, code)


def test_a_range_of_more_than_a_century(alice_client: APIClient, depot: Account) -> None:
    TransactionFactory.create(account=depot, trade_date=date(1, 1, 1), amount=Decimal("1"))

    response = alice_client.get(URL, {"end_date": "2024-02-01"})

    assert (response.status_code, response.json()["code"]) == (400, "range_too_long")
    assert read(alice_client, start_date="2024-01-01")["opening_value"] == "1201.00"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("base", "XXX"), ("accounts", "mine"), ("benchmark", "NOBODY"), ("benchmark", "a\x00"),
        ("end_date", "20240101"), ("risk_free_rate", "-1"), ("risk_free_rate", "NaN"),
        ("known_at", "2999-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_bad_input(alice_client: APIClient, name: str, text: str) -> None:
    assert violations(alice_client.get(URL, {name: text})) == [["query", name]]


def test_another_s_account_and_security_are_as_good_as_none(alice_client: APIClient, charlie: User) -> None:
    account = AccountFactory.create(owner=charlie)
    security = SecurityFactory.create(owner=charlie)

    assert violations(alice_client.get(URL, {"accounts": str(account.pk)})) == [["query", "accounts"]]
    assert violations(alice_client.get(URL, {"benchmark": str(security.uuid)})) == [["query", "benchmark"]]


def test_unauthenticated() -> None:
    assert_unauthenticated(APIClient().get(URL), NOT_AUTHENTICATED)


def queries(client: APIClient) -> int:
    with CaptureQueriesContext(connection) as captured:
        read(client)
    return len(captured)


def test_statements_do_not_grow_with_rows(alice_client: APIClient, alice: User, depot: Account) -> None:
    one = queries(alice_client)
    for name in ("B", "C"):
        other = AccountFactory.create(owner=alice, name=name, account_type="INVESTMENT")
        security = SecurityFactory.create()
        store_closes(security, {FIRST: 100.0})
        buy(other, security)

    assert queries(alice_client) <= one
