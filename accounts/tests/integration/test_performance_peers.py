"""What other programs got wrong in public, and must not go wrong here."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.ledger.posting import amend_transaction, post_transaction, void_transaction
from accounts.models import Account
from accounts.tests.factories import AccountFactory
from currencies.models import Currency
from currencies.tests.factories import CurrencyFactory, store_rate
from finances.users.models import User
from securities.models import Security
from securities.tests.factories import SecurityFactory, store_closes

TODAY = date(2026, 1, 1)
URL = "/api/v1/portfolio/performance"


@pytest.fixture
def eur(alice: User) -> Currency:
    alice.base_currency = "EUR"
    alice.save()
    found: Currency = CurrencyFactory.create(code="EUR")
    return found


@pytest.fixture
def depot(alice: User, eur: Currency) -> Account:
    return opened(alice, "Depot", eur)


def opened(owner: User, name: str, currency: Currency) -> Account:
    account: Account = AccountFactory.create(owner=owner, name=name, account_type="INVESTMENT", currency=currency)
    return account


def security(currency: Currency, closes: dict[date, float]) -> Security:
    found: Security = SecurityFactory.create(currency=currency)
    store_closes(found, closes)
    return found


def post(account: Account, type_: str, day: date, **facts: Any) -> Any:
    figures = {name: Decimal(v) if isinstance(v, str) else v for name, v in facts.items()}
    facts = {"currency": account.currency, **figures}
    return post_transaction(account, by=account.owner, today=TODAY, type=type_, trade_date=day, **facts)


def performance(client: APIClient, start: str, end: str, **parameters: Any) -> Any:
    response = client.get(URL, {"start_date": start, "end_date": end, **parameters})
    assert response.status_code == 200, response.json()
    return response.json()


def figures(body: Any, *names: str) -> list[Any]:
    return [body[name] for name in names]


def adds_up(body: Any) -> bool:
    parts = (Decimal(body[name]) for name in ("market", "fx", "income", "fees", "taxes", "flows"))
    return sum(parts, Decimal(0)) == Decimal(body["change"])


def test_a_closed_position_loses_no_more_than_it_cost(alice_client: APIClient, depot: Account, eur: Currency) -> None:
    """Elsewhere: a return of -248 %."""
    acme = security(eur, {date(2024, 1, 2): 100.0, date(2024, 2, 1): 60.0, date(2024, 3, 1): 60.0})
    post(depot, "DEPOSIT", date(2024, 1, 2), amount="1000")
    post(depot, "BUY", date(2024, 1, 2), security=acme, quantity="10", unit_price="100")
    post(depot, "SELL", date(2024, 2, 1), security=acme, quantity="10", unit_price="60")
    post(depot, "WITHDRAWAL", date(2024, 2, 2), amount="600")

    body = performance(alice_client, "2024-01-01", "2024-03-01")

    assert figures(body, "twr", "gain", "closing_value", "flows") == ["-0.4", "-400.00", "0.00", "400.00"]
    assert adds_up(body)


def test_a_sale_leaves_the_cost_of_what_is_kept_alone(alice_client: APIClient, depot: Account, eur: Currency) -> None:
    """Elsewhere: an average cost that ignores sales."""
    acme = security(eur, {date(2024, 1, 2): 10.0, date(2024, 1, 3): 20.0, date(2024, 1, 4): 20.0})
    post(depot, "DEPOSIT", date(2024, 1, 2), amount="100")
    post(depot, "BUY", date(2024, 1, 2), security=acme, quantity="10", unit_price="10")
    post(depot, "SELL", date(2024, 1, 3), security=acme, quantity="5", unit_price="20")

    body = performance(alice_client, "2024-01-01", "2024-01-04")
    holding = alice_client.get("/api/v1/holdings").json()[0]

    assert figures(body, "twr", "gain", "market") == ["1", "100.00", "100.00"]
    assert figures(holding, "quantity", "average_cost", "cost") == ["5", "10.00", "50.00"]


def test_a_back_dated_trade_changes_the_past_at_once_and_known_at_keeps_it(
    alice_client: APIClient, depot: Account, eur: Currency
) -> None:
    acme = security(eur, {date(2024, 1, 1) + timedelta(days=day): 10.0 + day for day in range(10)})
    first = post(depot, "DEPOSIT", date(2024, 1, 2), amount="100")
    before = performance(alice_client, "2024-01-01", "2024-01-10")

    post(depot, "BUY", date(2024, 1, 3), security=acme, quantity="5", unit_price="12")
    after = performance(alice_client, "2024-01-01", "2024-01-10")
    then = performance(alice_client, "2024-01-01", "2024-01-10", known_at=first.recorded_at.isoformat())

    assert figures(before, "gain", "twr") == ["0.00", "0"]
    assert figures(after, "gain", "twr") == ["35.00", "0.35"]
    assert then | {"known_at": None} == before


def test_amended_and_reverted_every_figure_is_what_it_was(
    alice_client: APIClient, alice: User, depot: Account, eur: Currency
) -> None:
    acme = security(eur, {date(2024, 1, 1) + timedelta(days=day): 10.0 + day for day in range(10)})
    post(depot, "DEPOSIT", date(2024, 1, 2), amount="100")
    bought = post(depot, "BUY", date(2024, 1, 3), security=acme, quantity="5", unit_price="12")
    before = performance(alice_client, "2024-01-01", "2024-01-10")

    amend_transaction(bought, {"quantity": Decimal(6)}, by=alice, today=TODAY)
    between = performance(alice_client, "2024-01-01", "2024-01-10")
    amend_transaction(bought, {"quantity": Decimal(5)}, by=alice, today=TODAY)

    assert between["gain"] == "42.00"
    assert performance(alice_client, "2024-01-01", "2024-01-10") == before


def test_flows_on_a_weekend(alice_client: APIClient, depot: Account, eur: Currency) -> None:
    """2024-01-06 is a Saturday: Friday's close counts, and the return is that of the price."""
    acme = security(eur, {date(2024, 1, 5): 100.0, date(2024, 1, 8): 110.0})
    post(depot, "DEPOSIT", date(2024, 1, 5), amount="1000")
    post(depot, "BUY", date(2024, 1, 5), security=acme, quantity="10", unit_price="100")
    post(depot, "DEPOSIT", date(2024, 1, 6), amount="1000")
    post(depot, "BUY", date(2024, 1, 7), security=acme, quantity="10", unit_price="100")

    body = performance(alice_client, "2024-01-05", "2024-01-08")

    assert figures(body, "twr", "gain", "flows") == ["0.1", "200.00", "2000.00"]


def test_a_total_loss(alice_client: APIClient, depot: Account, eur: Currency) -> None:
    acme = security(eur, {date(2024, 1, 2): 100.0, date(2024, 1, 3): 0.0})
    post(depot, "DEPOSIT", date(2024, 1, 2), amount="1000")
    post(depot, "BUY", date(2024, 1, 2), security=acme, quantity="10", unit_price="100")

    body = performance(alice_client, "2024-01-02", "2024-01-05")

    assert figures(body, "twr", "gain", "xirr") == ["-1", "-1000.00", None]
    assert [each["code"] for each in body["missing"] if each["figure"] == "xirr"] == ["total_loss"]
    assert body["max_drawdown"]["depth"] == "-1"


def test_a_deposit_on_the_first_day_is_no_gain(alice_client: APIClient, depot: Account, eur: Currency) -> None:
    acme = security(eur, {date(2024, 1, 2): 110.0})
    post(depot, "DEPOSIT", date(2024, 1, 2), amount="1000")
    post(depot, "BUY", date(2024, 1, 2), security=acme, quantity="10", unit_price="100")

    body = performance(alice_client, "2024-01-02", "2024-01-02")

    assert figures(body, "opening_value", "closing_value", "flows", "gain", "twr") == [
        "0.00", "1100.00", "1000.00", "100.00", "0.1",
    ]  # fmt: skip


def test_a_negative_value_at_the_start_has_no_return(alice_client: APIClient, depot: Account) -> None:
    post(depot, "FEE", date(2024, 1, 1), amount="50")
    post(depot, "DEPOSIT", date(2024, 1, 3), amount="100")
    post(depot, "INTEREST", date(2024, 1, 4), amount="10")

    body = performance(alice_client, "2024-01-02", "2024-01-04")

    assert figures(body, "opening_value", "closing_value", "gain", "income", "twr") == [
        "-50.00", "60.00", "10.00", "10.00", None,
    ]  # fmt: skip
    assert [each["code"] for each in body["missing"] if each["figure"] == "twr"] == ["negative_capital"]


def test_an_account_in_another_currency(alice_client: APIClient, alice: User, eur: Currency) -> None:
    usd = CurrencyFactory.create(code="USD")
    abroad = opened(alice, "Abroad", usd)
    store_rate("EUR/USD", date(2024, 1, 1), "1.25")
    store_rate("EUR/USD", date(2024, 1, 4), "1")
    acme = security(usd, {date(2024, 1, 2): 100.0, date(2024, 1, 3): 110.0, date(2024, 1, 4): 110.0})
    post(abroad, "DEPOSIT", date(2024, 1, 2), amount="1000")
    post(abroad, "BUY", date(2024, 1, 2), security=acme, quantity="10", unit_price="100")

    body = performance(alice_client, "2024-01-02", "2024-01-04")

    assert figures(body, "flows", "market", "fx", "closing_value", "twr") == [
        "800.00", "80.00", "220.00", "1100.00", "0.375",
    ]  # fmt: skip


def test_a_dividend_paid_in_another_currency(alice_client: APIClient, depot: Account, eur: Currency) -> None:
    usd = CurrencyFactory.create(code="USD")
    store_rate("EUR/USD", date(2024, 1, 2), "1.25")
    store_rate("EUR/USD", date(2024, 1, 4), "1")
    acme = security(eur, {date(2024, 1, 2): 100.0, date(2024, 1, 4): 100.0})
    post(depot, "DEPOSIT", date(2024, 1, 2), amount="1000")
    post(depot, "BUY", date(2024, 1, 2), security=acme, quantity="10", unit_price="100")
    post(depot, "DIVIDEND", date(2024, 1, 3), security=acme, amount="50", taxes="10", currency=usd)

    body = performance(alice_client, "2024-01-02", "2024-01-04")

    assert figures(body, "income", "taxes", "fx", "market", "gain", "twr") == [
        "40.00", "-8.00", "8.00", "0.00", "40.00", "0.04",
    ]  # fmt: skip


def test_a_transfer_between_own_accounts(alice_client: APIClient, alice: User, depot: Account, eur: Currency) -> None:
    """No flow for the whole, one for each account."""
    other = opened(alice, "Other", eur)
    acme = security(eur, {date(2024, 1, 2): 100.0, date(2024, 1, 3): 120.0, date(2024, 1, 4): 132.0})
    post(depot, "DEPOSIT", date(2024, 1, 2), amount="1500")
    post(depot, "BUY", date(2024, 1, 2), security=acme, quantity="10", unit_price="100")
    units = {"security": acme, "quantity": "10", "counter_account": other, "currency": eur}
    post(depot, "TRANSFER", date(2024, 1, 3), **units)
    post(depot, "TRANSFER", date(2024, 1, 3), amount="500", counter_account=other)

    whole = performance(alice_client, "2024-01-02", "2024-01-04")
    left = performance(alice_client, "2024-01-02", "2024-01-04", accounts=depot.pk)
    reached = performance(alice_client, "2024-01-02", "2024-01-04", accounts=other.pk)

    assert figures(whole, "flows", "gain", "closing_value") == ["1500.00", "320.00", "1820.00"]
    assert figures(left, "flows", "gain", "closing_value") == ["-200.00", "200.00", "0.00"]
    assert figures(reached, "flows", "gain", "closing_value") == ["1700.00", "120.00", "1820.00"]
    assert Decimal(left["gain"]) + Decimal(reached["gain"]) == Decimal(whole["gain"])
    assert [each["twr"] for each in (whole, left, reached)] == ["0.21333333", "0.13333333", "0.07058824"]
    assert all(map(adds_up, (whole, left, reached)))


def test_a_voided_deposit_is_gone(alice_client: APIClient, alice: User, depot: Account) -> None:
    kept = post(depot, "DEPOSIT", date(2024, 1, 2), amount="100")
    gone = post(depot, "DEPOSIT", date(2024, 1, 3), amount="900")
    void_transaction(gone, by=alice)

    body = performance(alice_client, "2024-01-01", "2024-01-04")

    assert kept.pk != gone.pk
    assert figures(body, "flows", "closing_value", "gain") == ["100.00", "100.00", "0.00"]
