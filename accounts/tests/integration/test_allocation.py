"""What assets consist of."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.tests.factories import (
    AccountFactory,
    AccountValueFactory,
    FinancialInstitutionFactory,
    TransactionFactory,
)
from currencies.tests.factories import CurrencyFactory, store_rate
from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, assert_unauthenticated
from securities.models import Security
from securities.tests.factories import SecurityFactory, store_closes

URL = "/api/v1/portfolio/allocation"
DAY = "2024-01-31"


def allocation(client: APIClient, by: str, **parameters: str) -> Any:
    response = client.get(URL, {"by": by, "as_of": DAY, **parameters})
    assert response.status_code == 200, response.json()
    return response.json()


def shares(body: Any) -> list[tuple[Any, ...]]:
    return [(share["key"], share["name"], share["value"], share["weight"]) for share in body["shares"]]


@pytest.fixture
def depot(alice: User) -> Account:
    bank = FinancialInstitutionFactory.create(owner=alice, name="Broker", country="AT")
    return AccountFactory.create(
        owner=alice, name="Depot", account_type=Account.Type.INVESTMENT, financial_institution=bank
    )


@pytest.fixture
def apple(depot: Account) -> Security:
    """Half cash, a tenth of a house, the rest a share and a fund of which little is known."""
    owner = depot.owner
    apple = SecurityFactory.create(symbol="AAPL", sector="Technology", isin="US0378331005")
    fund = SecurityFactory.create(symbol="FUND", security_type="ETF", currency=CurrencyFactory.create(code="EUR"))
    TransactionFactory.create(account=depot, amount=Decimal("500") + Decimal("200") + Decimal("220"))
    for security, quantity, close in ((apple, 10, 20.0), (fund, 2, 100.0)):
        store_closes(security, {date(2024, 1, 30): close})
        facts = {"security": security, "quantity": Decimal(quantity), "unit_price": Decimal(close), "amount": None}
        rate = Decimal("1.1") if security is fund else None
        TransactionFactory.create(
            account=depot, type="BUY", trade_date=date(2024, 1, 31), currency=security.currency, fx_rate=rate, **facts
        )
    store_rate("EUR/USD", date(2024, 1, 30), "1")
    house = AccountFactory.create(owner=owner, name="House", account_type=Account.Type.REAL_ESTATE)
    AccountValueFactory.create(account=house, value_date=date(2024, 1, 1), value=Decimal("100"))
    loan = AccountFactory.create(owner=owner, name="Loan", account_type=Account.Type.LOAN)
    AccountValueFactory.create(account=loan, value_date=date(2024, 1, 1), value=Decimal("77"))
    return apple


CASH, HOUSE = ("CASH", "Cash", "500.00", "0.5"), ("REAL_ESTATE", "Real estate", "100.00", "0.1")
TECHNOLOGY, UNKNOWN = ("Technology", "Technology", "200.00", "0.2"), (None, "Unclassified", "200.00", "0.2")
AUSTRIA, USA = ("AT", "AT", "500.00", "0.5"), ("US", "US", "200.00", "0.2")


@pytest.mark.usefixtures("apple")
@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("type", [CASH, ("ETF", "ETF", "200.00", "0.2"), ("STOCK", "Stock", "200.00", "0.2"), HOUSE]),
        ("sector", [CASH, TECHNOLOGY, UNKNOWN, HOUSE]),
        ("country", [AUSTRIA, (None, "Unclassified", "300.00", "0.3"), USA]),
        ("currency", [("USD", "USD", "800.00", "0.8"), ("EUR", "EUR", "200.00", "0.2")]),
    ],
)
def test_by_what_is_known_of_a_part(alice_client: APIClient, by: str, expected: list[tuple[Any, ...]]) -> None:
    assert shares(allocation(alice_client, by)) == expected


def test_by_rows_of_ones_own(alice_client: APIClient, depot: Account, apple: Security) -> None:
    fund, house = Security.objects.get(symbol="FUND"), Account.objects.get(name="House")
    assert shares(allocation(alice_client, "security")) == [
        CASH, (str(apple.uuid), "AAPL", "200.00", "0.2"), (str(fund.uuid), "FUND", "200.00", "0.2"), HOUSE,
    ]  # fmt: skip
    assert shares(allocation(alice_client, "account")) == [
        (str(depot.pk), "Depot", "900.00", "0.9"), (str(house.pk), "House", "100.00", "0.1"),
    ]  # fmt: skip
    assert shares(allocation(alice_client, "institution")) == [
        (str(depot.financial_institution_id), "Broker", "900.00", "0.9"), (None, "Unclassified", "100.00", "0.1"),
    ]  # fmt: skip


def test_with_a_part_that_is_not_known(alice_client: APIClient, depot: Account) -> None:
    TransactionFactory.create(account=depot, amount=Decimal("75"))
    euros = AccountFactory.create(owner=depot.owner, name="Euros", currency=CurrencyFactory.create(code="EUR"))
    AccountValueFactory.create(account=euros, value_date=date(2024, 1, 1))

    body = allocation(alice_client, "currency")
    [gap] = body.pop("missing")
    assert (gap["figure"], gap["code"]) == (f"recorded:{euros.pk}", "missing_rate")
    assert body == {
        "as_of": DAY,
        "known_at": None,
        "base_currency": "USD",
        "by": "currency",
        "assets": None,
        "coverage": {"known": 1, "parts": 2},
        "sum_of_known": {"assets": "75.00"},
        "shares": [
            {
                "figure": "allocation:currency:USD", "key": "USD", "name": "USD", "value": "75.00", "weight": None,
                "known_value": "75.00", "weight_of_known": "1",
            },
            {
                "figure": "allocation:currency:EUR", "key": "EUR", "name": "EUR", "value": None, "weight": None,
                "known_value": "0.00", "weight_of_known": "0",
            },
        ],
        "figures": ["assets", "allocation:currency:USD", "allocation:currency:EUR"],
    }  # fmt: skip


def test_of_nothing_there_is_no_weight(alice_client: APIClient, depot: Account) -> None:
    TransactionFactory.create(account=depot, type="FEE", amount=Decimal("5"))

    [share] = allocation(alice_client, "currency")["shares"]
    assert (share["value"], share["weight"], share["weight_of_known"]) == ("-5.00", None, None)


def test_bad_parameters(alice_client: APIClient) -> None:
    for parameters in ({}, {"by": "colour"}):
        response = alice_client.get(URL, parameters)
        assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", "by"])


def test_another_s_accounts_are_not_in_it(alice_client: APIClient, charlie: User) -> None:
    stranger = AccountFactory.create(owner=charlie)
    AccountValueFactory.create(account=stranger, value_date=date(2024, 1, 1))

    assert allocation(alice_client, "account")["shares"] == []
    response = alice_client.get(URL, {"by": "type", "accounts": str(stranger.pk)})
    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", "accounts"])


def test_unauthenticated() -> None:
    assert_unauthenticated(APIClient().get(URL), NOT_AUTHENTICATED)


def test_statements_do_not_grow_with_rows(alice_client: APIClient, alice: User) -> None:
    def add() -> None:
        security = SecurityFactory.create()
        store_closes(security, {date(2024, 1, 30): 8.0})
        account = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
        facts = {"security": security, "quantity": Decimal(1), "unit_price": Decimal(1), "amount": None}
        TransactionFactory.create(account=account, type="BUY", trade_date=date(2024, 1, 2), **facts)

    def counted() -> int:
        allocation(alice_client, "security")
        with CaptureQueriesContext(connection) as captured:
            allocation(alice_client, "security")
        return len(captured)

    add()
    one = counted()
    add()
    add()
    assert counted() == one
