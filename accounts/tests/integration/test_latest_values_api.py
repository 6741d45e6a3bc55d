from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.tests.factories import AccountFactory, AccountValueFactory
from currencies.tests.factories import CurrencyFactory, store_rate
from finances.testing.answers import violations
from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, assert_unauthenticated

URL = "/api/v1/account-values/latest"
DAY = date(2026, 1, 31)


def account_with(owner: User, name: str, *values: str, code: str = "USD", **facts: Any) -> Account:
    """Values of 31 January 2026 and the days before, newest first."""
    account = AccountFactory.create(owner=owner, name=name, currency=CurrencyFactory.create(code=code), **facts)
    for back, value in enumerate(values):
        AccountValueFactory.create(account=account, value_date=DAY.replace(day=31 - back), value=value)
    return account


def row_of(account: Account, value: str, **changes: Any) -> dict[str, Any]:
    return {
        "account_id": str(account.pk),
        "account_name": account.name,
        "account_type": account.account_type,
        "classification": "ASSET",
        "value_date": "2026-01-31",
        "value": value,
        "currency_code": account.currency_id,
    } | changes


def total(code: str, assets: str | None, liabilities: str | None, net: str | None) -> dict[str, str | None]:
    return {"currency_code": code, "assets": assets, "liabilities": liabilities, "net": net}


def without_rate(code: str, base: str, day: date = DAY) -> dict[str, str]:
    detail = f"No {code}/{base} rate on {day} or in the 7 days before it."
    return {"figure": "total", "code": "missing_rate", "detail": detail, "currency_code": code}


def test_latest_values_and_totals(alice_client: APIClient, alice: User, charlie: User) -> None:
    account_with(charlie, "Foreign", "1")
    giro = account_with(alice, "Giro", "100.10", "7")
    loan = account_with(alice, "Loan", "30.05", account_type="LOAN")
    euro = account_with(alice, "Euro", "0.12345678", code="EUR")
    response = alice_client.get(URL)
    assert (response.status_code, response["X-Total-Count"]) == (200, "3")
    assert response.json() == {
        "values": [
            row_of(euro, "0.12345678"),
            row_of(giro, "100.10"),
            row_of(loan, "30.05", classification="LIABILITY"),
        ],
        "totals": [total("EUR", "0.12345678", "0.00", "0.12345678"), total("USD", "100.10", "30.05", "70.05")],
        "total": None,
        "missing": [],
    }


def test_without_accounts(alice_client: APIClient) -> None:
    CurrencyFactory.create(code="EUR")
    assert alice_client.get(URL).json() == {"values": [], "totals": [], "total": None, "missing": []}
    assert alice_client.get(URL, {"base": "EUR"}).json()["total"] == total("EUR", "0.00", "0.00", "0.00")


def test_an_account_without_a_value_is_named(alice_client: APIClient, alice: User) -> None:
    account = account_with(alice, "New")
    account_with(alice, "Old", is_active=False)
    detail = "No value is recorded for this account; the totals leave it out."
    assert alice_client.get(URL).json() == {
        "values": [],
        "totals": [],
        "total": None,
        "missing": [{"figure": "totals", "code": "missing_value", "detail": detail, "account_id": str(account.pk)}],
    }


def test_archived_accounts_are_listed_and_not_counted(alice_client: APIClient, alice: User) -> None:
    old = account_with(alice, "Old", "5", is_active=False)
    body = alice_client.get(URL).json()
    assert (body["values"], body["totals"]) == ([row_of(old, "5.00")], [])


def test_totals_are_exact(alice_client: APIClient, alice: User) -> None:
    account_with(alice, "A", "1234567890123456.12345678")
    account_with(alice, "B", "0.00000001")
    exact = "1234567890123456.12345679"
    assert alice_client.get(URL).json()["totals"] == [total("USD", exact, "0.00", exact)]


def test_a_page_leaves_the_totals_whole(alice_client: APIClient, alice: User) -> None:
    _, second, _ = (account_with(alice, name, "1") for name in "ABC")
    response = alice_client.get(URL, {"skip": 1, "limit": 1})
    assert (response["X-Total-Count"], 'rel="next"' in response["Link"]) == ("3", True)
    assert response.json()["values"] == [row_of(second, "1.00")]
    assert response.json()["totals"] == [total("USD", "3.00", "0.00", "3.00")]
    assert alice_client.get(URL, {"skip": 9}).json()["values"] == []


def test_as_of(alice_client: APIClient, alice: User) -> None:
    account = account_with(alice, "A", "3", "2", "1")
    body = alice_client.get(URL, {"as_of": "2026-01-30"}).json()
    assert body["values"] == [row_of(account, "2.00", value_date="2026-01-30")]
    assert body["totals"] == [total("USD", "2.00", "0.00", "2.00")]
    assert alice_client.get(URL, {"as_of": "2026-01-28"}).json()["values"] == []


def test_total_in_a_base_currency(alice_client: APIClient, alice: User) -> None:
    store_rate("EUR/USD", DAY, "1.25")
    account_with(alice, "Dollar", "100.01")
    account_with(alice, "Euro", "10", code="EUR")
    account_with(alice, "Loan", "5", code="EUR", account_type="LOAN")
    body = alice_client.get(URL, {"base": "EUR", "as_of": str(DAY)}).json()
    assert (body["total"], body["missing"]) == (total("EUR", "90.01", "5.00", "85.01"), [])


def test_a_missing_rate_leaves_only_what_does_not_need_it(alice_client: APIClient, alice: User) -> None:
    account_with(alice, "Dollar", "100")
    account_with(alice, "Yen", "0", code="JPY")
    account_with(alice, "Loan", "5", code="EUR", account_type="LOAN")
    body = alice_client.get(URL, {"base": "EUR", "as_of": str(DAY)}).json()
    assert body["total"] == total("EUR", None, "5.00", None)
    assert body["missing"] == [without_rate("USD", "EUR")]


def test_rates_of_today_unless_as_of(alice_client: APIClient, alice: User) -> None:
    account_with(alice, "Dollar", "100")
    today = timezone.now().date()
    store_rate("EUR/USD", today, "2")
    assert alice_client.get(URL, {"base": "EUR"}).json()["total"] == total("EUR", "50.00", "0.00", "50.00")


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"base": "XXZ"}, "base"),
        ({"base": "E\x00R"}, "base"),
        ({"as_of": "today"}, "as_of"),
        ({"as_of": "2026-02-30"}, "as_of"),
        ({"limit": "0"}, "limit"),
        ({"skip": "x"}, "skip"),
    ],
)
def test_bad_parameters(alice_client: APIClient, parameters: dict[str, str], field: str) -> None:
    assert violations(alice_client.get(URL, parameters)) == [["query", field]]


def test_the_same_queries_for_three_accounts_as_for_one(alice_client: APIClient, alice: User) -> None:
    counts = []
    for names in ("A", "BC"):
        for name in names:
            account_with(alice, name, "1")
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(URL).status_code == 200
        counts.append(len(captured))
    assert counts == [2, 2]  # the user, the accounts


def test_unauthenticated(anonymous: APIClient) -> None:
    assert_unauthenticated(anonymous.get(URL), NOT_AUTHENTICATED)
