"""What is no number, no day, no text of JSON: refused where it stands, on every kind of endpoint."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, AccountValue
from accounts.tests.factories import AccountFactory
from currencies.models import Currency
from finances.users.models import User

PARAMETERS = [
    ("/securities", "updated_since", "0001-01-01T00:00:00+14:00"),
    ("/securities", "updated_since", "20220105"),
    ("/securities", "is_active", "banana"),
    ("/securities", "limit", "1_0"),
    ("/securities", "skip", "١٠"),
    ("/securities/search?query=a", "limit", "1.0"),
    ("/currencies/EUR/rates", "start_date", "2022-W01-1"),
    ("/currencies/convert?from=EUR&to=EUR", "as_of", "20220105"),
    ("/currencies/convert?from=EUR&to=EUR", "amount", "1_0"),
    ("/currencies/convert?from=EUR&to=EUR", "amount", "NaN"),
    ("/currencies/convert?from=EUR&to=EUR", "amount", "1e400"),
    ("/accounts", "updated_since", "1" * 400),
    ("/account-values/latest", "as_of", "2022-1-5"),
    ("/transactions", "type", "GIFT"),
    ("/transactions", "account", "mine"),
    ("/transactions", "security", "x" * 37),
    ("/transactions", "tag", "a\x00"),
    ("/transactions", "updated_since", "yesterday"),
    ("/transactions", "updated_since", "0001-01-01T00:00:00+14:00"),
    ("/transactions", "known_at", "2999-01-01T00:00:00Z"),
    ("/transactions", "ordering", "amount"),
    ("/transactions", "include_voided", "banana"),
    ("/transactions/proposals", "start_date", "2022-W01-1"),
    ("/portfolio/net-worth", "as_of", "20220105"),
    ("/portfolio/net-worth", "accounts", "a\x00"),
    ("/portfolio/net-worth", "accounts", ","),
    ("/portfolio/history", "start_date", "0001-01-01"),
    ("/portfolio/history", "known_at", "2999-01-01T00:00:00Z"),
    ("/portfolio/allocation?by=type", "base", "\x00"),
    ("/portfolio/allocation", "by", "colour"),
]


@pytest.fixture(autouse=True)
def _euro() -> None:
    Currency.objects.create(code="EUR", name="Euro")


@pytest.mark.parametrize(("path", "name", "text"), PARAMETERS)
def test_parameters(alice_client: APIClient, path: str, name: str, text: str) -> None:
    joint = "&" if "?" in path else "?"
    query = f"{joint}{name}={text.replace('+', '%2B')}"

    response = alice_client.get(f"/api/v1{path}{query}")

    assert response.status_code == 422
    assert [violation["loc"] for violation in response.json()["detail"]] == [["query", name]]


@pytest.mark.parametrize("rows", [[None], ["a"], [[]], [{"value_date": "2024-01-31", "value": True}], {}, "x"])
def test_rows_of_values(alice_client: APIClient, alice: User, rows: Any) -> None:
    account = AccountFactory.create(owner=alice)

    response = alice_client.put(f"/api/v1/accounts/{account.pk}/values", rows)

    assert response.status_code == 422
    assert all(violation["loc"][0] == "body" for violation in response.json()["detail"])
    assert AccountValue.objects.count() == 0


@pytest.mark.parametrize("digits", ["2", 2.0, True, 9, -1])
def test_minor_digits(rosa_client: APIClient, digits: Any) -> None:
    response = rosa_client.post("/api/v1/currencies", {"code": "QQQ", "name": "Quatloo", "minor_digits": digits})

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "minor_digits"]


def test_a_minor_unit_is_no_currency(rosa_client: APIClient) -> None:
    response = rosa_client.post("/api/v1/currencies", {"code": "GBX", "name": "Pence"})

    assert (response.status_code, response.json()["detail"][0]["type"]) == (422, "minor_unit")


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_a_null_byte_in_the_path_is_not_found(alice_client: APIClient, method: str) -> None:
    response = getattr(APIClient(enforce_csrf_checks=True), method)("/api/v1/accounts/%00")

    assert (response.status_code, response.json()) == (404, {"detail": "Not found.", "code": "not_found"})


def test_nothing_was_half_written(alice_client: APIClient) -> None:
    response = alice_client.post("/api/v1/accounts", {"name": "A", "account_type": "CASH", "interest_rate": "NaN"})

    assert (response.status_code, Account.objects.count()) == (422, 0)
