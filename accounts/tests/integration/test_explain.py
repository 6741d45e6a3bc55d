"""Every figure that an answer names, followed down to stored rows, comes to what the answer says."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, Transaction
from accounts.tests.factories import AccountFactory, AccountValueFactory, TransactionFactory
from accounts.tests.trees import Follower
from currencies.tests.factories import CurrencyFactory, store_rate
from finances.users.models import User
from securities.tests.factories import DividendFactory, SecurityFactory, SplitFactory, store_closes

URL = "/api/v1/portfolio/explain"
START, END = date(2024, 2, 23), date(2024, 3, 8)
Type = Transaction.Type


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=day) for day in range((last - first).days + 1)]


@pytest.fixture
def book(alice: User) -> dict[str, Any]:
    """A depot in euros with a dollar security that splits, a second depot, savings, a house and a loan."""
    eur, usd = CurrencyFactory.create(code="EUR"), CurrencyFactory.create(code="USD")
    alice.base_currency = "EUR"
    alice.save()
    acme, euro = SecurityFactory.create(symbol="ACME"), SecurityFactory.create(symbol="EURO", currency=eur)
    weekdays = [day for day in every_day(date(2023, 12, 27), END) if day.weekday() < 5]
    split = date(2024, 2, 28)
    store_closes(acme, {
        day: round((90 + at % 11 + at / 7) / (3 if day >= split else 1), 4) for at, day in enumerate(weekdays)
    })  # fmt: skip
    store_closes(euro, {day: 20 + at % 7 - at / 40 for at, day in enumerate(weekdays)})
    SplitFactory.create(security=acme, ex_date=split, numerator=3, denominator=1)
    DividendFactory.create(security=euro, ex_date=date(2024, 3, 4), amount="0.40")
    for at, day in enumerate(weekdays):
        store_rate("EUR/USD", day, f"{1.08 + (at % 9) / 500:.4f}")
    depot, other = (
        AccountFactory.create(owner=alice, name=name, account_type="INVESTMENT", currency=eur) for name in ("A", "B")
    )
    savings = AccountFactory.create(owner=alice, name="Savings", account_type="SAVINGS", currency=eur)
    house = AccountFactory.create(owner=alice, name="House", account_type="REAL_ESTATE", currency=eur)
    loan = AccountFactory.create(owner=alice, name="Loan", account_type="LOAN", currency=usd)
    AccountValueFactory.create(account=house, value_date=date(2023, 1, 1), value=Decimal("300000"))
    AccountValueFactory.create(account=loan, value_date=date(2023, 1, 1), value=Decimal("1234.56"))

    def post(account: Account, type_: str, day: date, **facts: Any) -> None:
        facts = {"amount": None, "currency": eur} | facts
        TransactionFactory.create(account=account, type=type_, trade_date=day, **facts)

    post(depot, Type.DEPOSIT, date(2024, 1, 2), amount=Decimal("5000"))
    in_acme = {"security": acme, "currency": usd}
    trade = in_acme | {"fees": Decimal("4.95"), "taxes": Decimal("1.20")}
    post(depot, Type.BUY, date(2024, 1, 3), quantity=Decimal(10), unit_price=Decimal("91.37"), **trade)
    post(depot, Type.BUY, date(2024, 1, 6), quantity=Decimal(5), unit_price=Decimal("93"), fx_rate=Decimal("0.92"),
         **trade)  # fmt: skip
    post(depot, Type.BUY, date(2024, 1, 10), quantity=Decimal("33.333"), unit_price=Decimal("20.10"), security=euro)
    post(depot, Type.SELL, date(2024, 2, 29), quantity=Decimal(12), unit_price=Decimal("34.10"), **trade)
    post(depot, Type.DIVIDEND, date(2024, 3, 4), amount=Decimal("13.33"), taxes=Decimal("3.52"), security=euro)
    post(depot, Type.TRANSFER, date(2024, 3, 6), quantity=Decimal(6), counter_account=other, **in_acme)
    post(other, Type.OPENING, date(2024, 3, 5), quantity=Decimal(4), unit_price=Decimal("11"), security=euro)
    post(other, Type.FEE, date(2024, 3, 2), amount=Decimal("7.77"))
    post(savings, Type.OPENING, date(2024, 1, 2), amount=Decimal("900"))
    post(savings, Type.INTEREST, date(2024, 2, 29), amount=Decimal("3.10"), taxes=Decimal("0.82"))
    post(savings, Type.WITHDRAWAL, date(2024, 3, 2), amount=Decimal("150"))
    post(savings, Type.TRANSFER, date(2024, 3, 7), amount=Decimal("100"), counter_account=depot)
    return {"depot": depot, "other": other, "acme": acme, "euro": euro}


RANGE = {"start_date": str(START), "end_date": str(END), "benchmark": "EURO", "risk_free_rate": "0.03"}


def read(client: APIClient, path: str, **parameters: Any) -> Any:
    response = client.get(f"/api/v1/portfolio/{path}", parameters)
    assert response.status_code == 200, response.json()
    return response.json()


def shown(body: Any, figure: str) -> str | None:
    """The figure where the answer of a performance has it."""
    first, *rest = figure.removeprefix("performance:").split(":")
    if first[:4].isdigit():
        table = body["months"] if len(first) == 7 else body["years"]
        row = next(row for row in table if row["start_date"].startswith(first))
        text: str | None = row[rest[0]]
        return text
    found: Any = body[first]
    shown: str | None = found[rest[0]] if rest else found
    return shown


def same(text: str | None, found: Decimal | None) -> bool:
    return found is None if text is None else found == Decimal(text)


def test_all_figures_of_a_performance(alice_client: APIClient, book: dict[str, Any]) -> None:
    body = read(alice_client, "performance", **RANGE)
    follower = Follower(alice_client, **RANGE)

    followed = {figure: follower.value_of(figure) for figure in body["figures"]}

    assert len(followed) == 12 - 1 + 5 + 5 + 11 * 3
    assert [figure for figure, found in followed.items() if not same(shown(body, figure), found)] == []
    short = ["performance:twr_annualized", "performance:benchmark:twr_annualized"]
    assert [figure for figure, found in followed.items() if found is None] == short


@pytest.mark.parametrize("by", ["security", "type", "sector", "country", "currency", "institution", "account"])
def test_all_figures_of_an_allocation(alice_client: APIClient, book: dict[str, Any], by: str) -> None:
    body = read(alice_client, "allocation", as_of=str(END), by=by)
    follower = Follower(alice_client, as_of=str(END))

    stated = {share["figure"]: share["value"] for share in body["shares"]} | {"assets": body["assets"]}

    assert set(body["figures"]) == set(stated)
    assert {figure for figure, value in stated.items() if not same(value, follower.value_of(figure))} == set()


def test_all_figures_of_a_net_worth(alice_client: APIClient, book: dict[str, Any]) -> None:
    body = read(alice_client, "net-worth", as_of=str(END))
    follower = Follower(alice_client, as_of=str(END))

    stated = {row["figure"]: row["value"] for row in (*body["accounts"], *body["parts"])}
    stated |= {name: body[name] for name in ("net_worth", "assets", "liabilities", "cash", "securities", "recorded")}

    assert set(body["figures"]) == set(stated)
    assert {figure for figure, value in stated.items() if not same(value, follower.value_of(figure))} == set()


def test_all_figures_of_a_history(alice_client: APIClient, book: dict[str, Any]) -> None:
    body = read(alice_client, "history", start_date="2024-02-27", end_date="2024-03-01", by="account")
    follower = Follower(alice_client, end_date="2024-03-01")

    stated = {f"{name}@{row['date']}": row[name] for row in body["rows"] for name in body["figures"] if name in row}
    for account in body["accounts"]:
        days = (row["date"] for row in body["rows"])
        stated |= {f"{account['figure']}@{day}": v for day, v in zip(days, account["values"], strict=True)}

    assert len(stated) == 4 * len(body["figures"])
    assert {figure for figure, value in stated.items() if not same(value, follower.value_of(figure))} == set()
