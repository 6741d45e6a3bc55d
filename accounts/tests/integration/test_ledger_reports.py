"""Cash, dividends that are due, and many transactions at once."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, Holding, Transaction
from accounts.tests.factories import AccountFactory, AccountValueFactory
from currencies.tests.factories import CurrencyFactory, ExchangeRateFactory
from finances.testing.answers import violations
from finances.users.models import User
from finances.users.tests.bodies import as_text
from securities.models import Security
from securities.tests.factories import DividendFactory, SecurityFactory, SplitFactory, store_closes

DAY = "2024-01-02"


@pytest.fixture
def depot(alice: User) -> Account:
    return AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)


@pytest.fixture
def acme() -> Security:
    return SecurityFactory.create(symbol="ACME")


def url(account: Account, tail: str) -> str:
    return f"/api/v1/accounts/{account.pk}/{tail}"


def post(client: APIClient, account: Account, type_: str, day: str = DAY, **facts: Any) -> str:
    response = client.post(url(account, "transactions"), {"type": type_, "trade_date": day, **facts})
    assert response.status_code == 201, response.json()
    return str(response.json()["id"])


def balances(client: APIClient, account: Account, **parameters: str) -> dict[str, str]:
    answer = client.get(url(account, "cash"), parameters).json()
    return {row["currency_code"]: row["balance"] for row in answer["balances"]}


TRADE = {"symbol": "ACME", "quantity": "3", "unit_price": "10.1", "fees": "1", "taxes": "2"}
PAID = {"symbol": "ACME", "amount": "10", "fees": "1", "taxes": "2"}


@pytest.mark.parametrize(
    ("type_", "facts", "cash"),
    [
        ("BUY", TRADE, {"USD": "-33.30"}),
        ("BUY", TRADE | {"fx_rate": "0.5"}, {"EUR": "-16.65"}),
        ("SELL", TRADE, {"USD": "27.30"}),
        ("DIVIDEND", PAID, {"USD": "7.00"}),
        ("DIVIDEND", PAID | {"fx_rate": "0.25"}, {"EUR": "1.75"}),
        ("RETURN_OF_CAPITAL", PAID, {"USD": "7.00"}),
        ("INTEREST", {"amount": "-3"}, {"EUR": "-3.00"}),
        ("FEE", {"amount": "3"}, {"EUR": "-3.00"}),
        ("TAX", {"amount": "-3"}, {"EUR": "3.00"}),
        ("DEPOSIT", {"amount": "3", "fees": "1", "currency_code": "USD"}, {"USD": "2.00"}),
        ("WITHDRAWAL", {"amount": "3", "fees": "1"}, {"EUR": "-4.00"}),
        ("OPENING", {"amount": "-3"}, {"EUR": "-3.00"}),
        ("OPENING", {"symbol": "ACME", "quantity": "1", "unit_price": "9"}, {}),
        ("ADJUSTMENT", {"amount": "3.00000001"}, {"EUR": "3.00000001"}),
        ("ADJUSTMENT", {"symbol": "ACME", "amount": "3"}, {}),
        ("SPLIT", {"symbol": "ACME", "ratio_numerator": 2, "ratio_denominator": 1}, {}),
    ],
)
def test_what_each_type_does_to_cash(
    alice_client: APIClient, depot: Account, acme: Security, type_: str, facts: dict[str, Any], cash: dict[str, str]
) -> None:
    Account.objects.update(currency=CurrencyFactory.create(code="EUR"))
    post(alice_client, depot, "OPENING", "2024-01-01", symbol="ACME", quantity="10")

    post(alice_client, depot, type_, **facts)

    assert balances(alice_client, depot) == cash


def test_a_transfer_moves_cash_between_currencies(alice_client: APIClient, alice: User, depot: Account) -> None:
    euro = AccountFactory.create(owner=alice, currency=CurrencyFactory.create(code="EUR"))
    moved = {"counter_account_id": str(euro.pk), "amount": "100", "fees": "2"}
    post(alice_client, depot, "TRANSFER", **moved, fx_rate="0.9")
    post(alice_client, depot, "TRANSFER", "2024-01-03", **moved)

    assert balances(alice_client, depot) == {"USD": "-204.00"}
    assert balances(alice_client, euro) == {"EUR": "90.00", "USD": "100.00"}
    assert balances(alice_client, euro, as_of=DAY) == {"EUR": "90.00"}


def test_cash_beside_the_recorded_value(alice_client: APIClient, alice: User) -> None:
    account = AccountFactory.create(owner=alice, currency=CurrencyFactory.create(code="EUR"))
    post(alice_client, account, "DEPOSIT", amount="100")
    before = as_text(timezone.now())
    post(alice_client, account, "FEE", "2024-02-01", amount="1.25")
    post(alice_client, account, "FEE", "2024-04-01", amount="5")
    AccountValueFactory.create(account=account, value_date=date(2024, 1, 1), value=7)
    AccountValueFactory.create(account=account, value_date=date(2024, 3, 1), value=100)

    answer = alice_client.get(url(account, "cash"), {"as_of": "2024-04-01"}).json()

    assert answer == {
        "account_id": str(account.pk), "currency_code": "EUR", "as_of": "2024-04-01", "ledger_from": DAY,
        "balances": [{"currency_code": "EUR", "balance": "93.75"}],
        "recorded": {"value_date": "2024-03-01", "value": "100.00", "ledger": "98.75", "difference": "1.25"},
        "missing": [],
    }  # fmt: skip
    earlier = alice_client.get(url(account, "cash"), {"as_of": "2024-02-28"}).json()
    assert (earlier["recorded"], earlier["missing"]) == (None, [])  # recorded before the ledger began
    assert balances(alice_client, account, known_at=before) == {"EUR": "100.00"}


def test_what_is_owed_counts_negative(alice_client: APIClient, alice: User) -> None:
    loan = AccountFactory.create(owner=alice, account_type=Account.Type.LOAN)
    post(alice_client, loan, "OPENING", amount="-1000")
    AccountValueFactory.create(account=loan, value_date=date(2024, 3, 1), value=990)

    recorded = alice_client.get(url(loan, "cash")).json()["recorded"]

    assert recorded == {"value_date": "2024-03-01", "value": "-990.00", "ledger": "-1000.00", "difference": "10.00"}


def test_several_currencies_are_compared_at_the_rates_of_the_day(
    alice_client: APIClient, alice: User, depot: Account
) -> None:
    euro = CurrencyFactory.create(code="EUR")
    post(alice_client, depot, "DEPOSIT", amount="10")
    post(alice_client, depot, "DEPOSIT", amount="10", currency_code="EUR")
    AccountValueFactory.create(account=depot, value_date=date(2024, 3, 1), value=20)

    missing = alice_client.get(url(depot, "cash")).json()
    ExchangeRateFactory.create(base=euro, quote=depot.currency, day=date(2024, 2, 29), quote_per_base=Decimal("1.085"))
    known = alice_client.get(url(depot, "cash")).json()

    assert missing["recorded"] == {"value_date": "2024-03-01", "value": "20.00", "ledger": None, "difference": None}
    assert [(cause["figure"], cause["code"]) for cause in missing["missing"]] == [
        ("recorded.ledger", "missing_rate"), ("recorded.difference", "missing_rate"),
    ]  # fmt: skip
    assert (known["recorded"]["ledger"], known["recorded"]["difference"]) == ("20.85", "-0.85")


def test_securities_count_at_their_closes_beside_the_recorded_value(
    alice_client: APIClient, depot: Account, acme: Security
) -> None:
    post(alice_client, depot, "DEPOSIT", amount="100")
    post(alice_client, depot, "BUY", symbol=acme.symbol, quantity="12.5", unit_price="4")
    AccountValueFactory.create(account=depot, value_date=date(2024, 3, 1), value=151)

    missing = alice_client.get(url(depot, "cash")).json()
    store_closes(acme, {date(2024, 2, 29): 8.01})
    known = alice_client.get(url(depot, "cash")).json()

    assert missing["recorded"] == {"value_date": "2024-03-01", "value": "151.00", "ledger": None, "difference": None}
    assert [(cause["figure"], cause["code"]) for cause in missing["missing"]] == [
        ("recorded.ledger", "missing_price"), ("recorded.difference", "missing_price"),
    ]  # fmt: skip
    assert (known["recorded"]["ledger"], known["recorded"]["difference"]) == ("150.13", "0.87")
    assert (known["balances"], known["missing"]) == ([{"currency_code": "USD", "balance": "50.00"}], [])


def test_dividends_that_are_due(alice_client: APIClient, alice: User, depot: Account, acme: Security) -> None:
    other = AccountFactory.create(owner=alice, account_type=Account.Type.RETIREMENT)
    SplitFactory.create(security=acme, ex_date=date(2024, 3, 1), numerator=2)
    for day in (date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1)):
        DividendFactory.create(security=acme, ex_date=day, amount="0.333")
    DividendFactory.create(security=acme, ex_date=timezone.now().date() + timedelta(days=5))
    post(alice_client, depot, "BUY", "2024-01-01", symbol="ACME", quantity="10", unit_price="1")  # bought ex
    post(alice_client, depot, "TRANSFER", "2024-02-15", symbol="ACME", quantity="4", counter_account_id=str(other.pk))
    post(alice_client, depot, "SELL", "2024-04-01", symbol="ACME", quantity="12", unit_price="1")  # sold ex

    found = alice_client.get("/api/v1/transactions/proposals").json()

    assert [(row["ex_date"], row["account_id"] == str(depot.pk), row["quantity"], row["amount"]) for row in found] == [
        ("2024-02-01", True, "10", "3.33"),
        *sorted([("2024-03-01", True, "12", "4.00"), ("2024-03-01", False, "8", "2.66")],
                key=lambda row: (str(depot.pk) > str(other.pk)) == row[1]),
        *sorted([("2024-04-01", True, "12", "4.00"), ("2024-04-01", False, "8", "2.66")],
                key=lambda row: (str(depot.pk) > str(other.pk)) == row[1]),
    ]  # fmt: skip
    assert Transaction.objects.filter(type="DIVIDEND").count() == 0
    in_depot = {"account": str(depot.pk)}
    sent = alice_client.get("/api/v1/transactions/proposals", in_depot).json()[1]["transaction"]
    assert alice_client.post(url(depot, "transactions"), sent | {"trade_date": "2024-06-01"}).status_code == 201
    post(alice_client, depot, "DIVIDEND", "2024-02-20", symbol="ACME", amount="3.30")
    left = alice_client.get("/api/v1/transactions/proposals", in_depot).json()
    assert [row["ex_date"] for row in left] == ["2024-04-01"]
    assert alice_client.get("/api/v1/transactions/proposals", in_depot | {"end_date": "2024-03-31"}).json() == []


def test_a_strangers_holdings_propose_nothing(
    alice_client: APIClient, charlie_client: APIClient, depot: Account, acme: Security
) -> None:
    DividendFactory.create(security=acme, ex_date=date(2024, 2, 1))
    post(alice_client, depot, "BUY", symbol="ACME", quantity="10", unit_price="1")

    assert charlie_client.get("/api/v1/transactions/proposals", {"account": str(depot.pk)}).json() == []


def test_many_at_once(alice_client: APIClient, depot: Account, acme: Security) -> None:
    rows = [
        {"type": "DEPOSIT", "trade_date": DAY, "amount": "100"},
        {"type": "BUY", "trade_date": DAY, "symbol": "ACME", "quantity": "10", "unit_price": "5"},
        {"type": "SELL", "trade_date": DAY, "symbol": "acme", "quantity": "4", "unit_price": "6"},
    ]

    response = alice_client.post(url(depot, "transactions/bulk"), rows)

    assert response.status_code == 201
    listed = alice_client.get(url(depot, "transactions"), {"ordering": "trade_date"}).json()
    assert response.json() == {"posted": 3, "ids": [row["id"] for row in listed]}
    assert [row["type"] for row in listed] == ["DEPOSIT", "BUY", "SELL"]
    assert balances(alice_client, depot) == {"USD": "74.00"}
    assert Holding.objects.get().quantity == 6


def test_all_or_none_and_each_violation_by_its_row(alice_client: APIClient, depot: Account, acme: Security) -> None:
    bolt = SecurityFactory.create(symbol="BOLT")
    existing = post(alice_client, depot, "DEPOSIT", amount="1", external_id="X")
    tomorrow = str(timezone.now().date() + timedelta(days=2))
    sale = {"type": "SELL", "trade_date": DAY, "unit_price": "6"}
    rows = [
        {"type": "DEPOSIT", "trade_date": DAY, "amount": "1", "external_id": "X"},
        {"type": "DEPOSIT", "trade_date": tomorrow, "amount": "1", "external_id": "Y"},
        {"type": "DEPOSIT", "trade_date": DAY, "amount": "1", "external_id": "Y"},
    ]
    sales = [
        sale | {"symbol": "ACME", "quantity": "4"},
        {"type": "BUY", "trade_date": DAY, "security_id": str(bolt.uuid), "quantity": "1", "unit_price": "1"},
        sale | {"symbol": "BOLT", "quantity": "2"},
        sale | {"symbol": "BOLT", "quantity": "3"},
    ]
    malformed = [rows[0], {**sale, "symbol": "NOPE", "quantity": "0"}, 5, {"type": "BUY", "trade_date": "soon"}]

    ruled, counted, shapes = (
        alice_client.post(url(depot, "transactions/bulk"), body) for body in (rows, sales, malformed)
    )

    def told(response: Any) -> list[tuple[Any, str]]:
        assert response.status_code == 422
        return [(row["loc"], row["type"]) for row in response.json()["detail"]]

    assert told(ruled) == [
        (["body", 0], "external_id_exists"), (["body", 1], "traded_in_future"), (["body", 2], "external_id_exists"),
    ]  # fmt: skip
    assert told(counted) == [(["body", 0], "oversold"), (["body", 2], "oversold"), (["body", 3], "oversold")]
    assert violations(shapes) == [
        ["body", 1, "symbol"], ["body", 2], ["body", 3, "quantity"], ["body", 3, "security_id"],
        ["body", 3, "unit_price"], ["body", 3, "trade_date"],
    ]  # fmt: skip
    assert [str(row.pk) for row in Transaction.objects.all()] == [existing]
    assert Holding.objects.count() == 0


@pytest.mark.parametrize("body", [{}, "x", 5, None])
def test_what_is_no_list(alice_client: APIClient, depot: Account, body: Any) -> None:
    assert violations(alice_client.post(url(depot, "transactions/bulk"), body)) == [["body"]]


def test_ten_thousand_in_few_statements(alice_client: APIClient, depot: Account) -> None:
    securities = SecurityFactory.create_batch(20)
    rows = [
        {"type": "BUY", "trade_date": f"2023-{n % 12 + 1:02}-05", "symbol": securities[n % 20].symbol,
         "quantity": "1.5", "unit_price": "10"}
        for n in range(10_000)
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as captured:
        answer = alice_client.post(url(depot, "transactions/bulk"), rows)
    too_many = alice_client.post(url(depot, "transactions/bulk"), [*rows, rows[0]])

    assert (answer.status_code, answer.json()["posted"]) == (201, 10_000)
    assert {holding.quantity for holding in Holding.objects.all()} == {Decimal(750)}
    assert len(captured) < 400  # SQLite takes 999 parameters a statement
    assert violations(too_many) == [["body"]]
