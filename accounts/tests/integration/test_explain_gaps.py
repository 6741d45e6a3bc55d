"""Every figure that an answer names can be followed where much is not known, too."""

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
from securities.tests.factories import SecurityFactory, SplitFactory, store_closes

Type = Transaction.Type
FIRST, LAST = date(2024, 1, 2), date(2024, 3, 8)
TOTALS = ("net_worth", "assets", "liabilities", "cash", "securities", "recorded")


@pytest.fixture
def book(alice: User) -> Account:
    """Dollars, pounds, euros and yen, of which yen have no rate; a security without a price, one whose price is too
    old in the end, a hand-booked split, a spin-off, a short, an archived account and one without anything recorded."""
    alice.base_currency = "EUR"
    alice.save()
    currencies = {code: CurrencyFactory.create(code=code) for code in ("EUR", "USD", "GBP", "JPY")}
    days = [FIRST + timedelta(days=number) for number in range(-3, (LAST - FIRST).days + 1)]
    for day in days:
        store_rate("EUR/USD", day, f"{1.08 + day.day / 500:.4f}")
        if day < date(2024, 3, 1):
            store_rate("EUR/GBP", day, f"{0.86 - day.day / 900:.4f}")
    codes = {"ACME": "USD", "NONE": "USD", "STALE": "GBP", "SPUN": "USD", "YEN": "JPY"}
    acme, none, stale, spun, yen = (
        SecurityFactory.create(symbol=symbol, currency=currencies[code]) for symbol, code in codes.items()
    )
    split = date(2024, 2, 6)
    store_closes(acme, {day: round((50 + day.day % 7) / (2 if day >= split else 1), 2) for day in days})
    store_closes(stale, {day: 10 + day.day % 5 for day in days if day < date(2024, 2, 10)})
    store_closes(spun, {day: 5 + day.day / 10 for day in days if day > date(2024, 2, 15)})
    store_closes(yen, dict.fromkeys(days, 1000.0))
    SplitFactory.create(security=acme, ex_date=split, numerator=2, denominator=1)
    depot, old, card = (
        AccountFactory.create(owner=alice, name=name, account_type=type_, currency=currencies["EUR"])
        for name, type_ in (("Depot", "INVESTMENT"), ("Old", "INVESTMENT"), ("Card", "CREDIT_CARD"))
    )
    AccountFactory.create(owner=alice, name="Empty", account_type="SAVINGS", currency=currencies["EUR"])
    Account.objects.filter(name="Empty").update(created_at="2024-03-05T12:00Z")
    Account.objects.filter(pk=old.pk).update(is_active=False, closed_on=date(2024, 2, 20), allow_short=True)
    AccountValueFactory.create(account=card, value_date=date(2023, 12, 31), value=Decimal("210.40"))

    def post(account: Account, type_: str, day: date, security: Any = None, **facts: Any) -> None:
        currency = account.currency if security is None else security.currency
        facts = {"amount": None, "currency": currency, "security": security} | facts
        TransactionFactory.create(account=account, type=type_, trade_date=day, **facts)

    post(depot, Type.DEPOSIT, FIRST, amount=Decimal("9000"))
    post(depot, Type.BUY, date(2024, 1, 3), acme, quantity=Decimal("7.5"), unit_price=Decimal("52"), fees=Decimal(2))
    post(depot, Type.BUY, date(2024, 1, 4), stale, quantity=Decimal(40), unit_price=Decimal("10.5"))
    post(depot, Type.BUY, date(2024, 3, 6), none, quantity=Decimal(3), unit_price=Decimal("11"))
    post(depot, Type.SPIN_OFF, date(2024, 2, 16), acme, new_security=spun, ratio_numerator=1, ratio_denominator=4,
         cost_fraction=Decimal("0.1"))  # fmt: skip
    post(depot, Type.RETURN_OF_CAPITAL, date(2024, 2, 19), acme, amount=Decimal("7.25"))
    post(depot, Type.SPLIT, date(2024, 1, 20), stale, ratio_numerator=3, ratio_denominator=1)
    post(depot, Type.TRANSFER, date(2024, 1, 30), acme, quantity=Decimal("2.5"), counter_account=old)
    post(old, Type.SELL, date(2024, 2, 1), acme, quantity=Decimal(4), unit_price=Decimal("54"))
    post(depot, Type.BUY, date(2024, 3, 4), yen, quantity=Decimal(1), unit_price=Decimal(1000))
    post(card, Type.OPENING, date(2024, 1, 15), amount=Decimal("-300"))
    post(card, Type.INTEREST, date(2024, 2, 15), amount=Decimal("-4.44"))
    return depot


def read(client: APIClient, path: str, **parameters: Any) -> Any:
    response = client.get(f"/api/v1/portfolio/{path}", parameters)
    assert response.status_code == 200, response.json()
    return response.json()


def wrong(follower: Follower, stated: dict[str, str | None]) -> dict[str, Any]:
    """Figures whose trees come to something else."""
    found = {figure: follower.value_of(figure) for figure in stated}
    expected = {figure: None if value is None else Decimal(value) for figure, value in stated.items()}
    return {figure: (value, found[figure]) for figure, value in expected.items() if found[figure] != value}


@pytest.mark.parametrize("day", ["2024-02-08", "2024-02-19", "2024-02-23", str(LAST)])
def test_net_worth(alice_client: APIClient, book: Account, day: str) -> None:
    body = read(alice_client, "net-worth", as_of=day)

    stated = {row["figure"]: row["value"] for row in (*body["accounts"], *body["parts"])}
    stated |= {name: body[name] for name in TOTALS}

    assert set(body["figures"]) == set(stated)
    assert wrong(Follower(alice_client, as_of=day), stated) == {}


def test_what_is_missing_in_the_end(alice_client: APIClient, book: Account) -> None:
    """So that the other tests of this file say something."""
    body = read(alice_client, "net-worth", as_of=str(LAST))

    assert sorted((gap["code"], gap["currency_code"]) for gap in body["missing"]) == [
        ("missing_price", "USD"), ("missing_rate", "GBP"), ("missing_rate", "JPY"), ("missing_rate", "JPY"),
        ("missing_value", None), ("stale_price", "GBP"),
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["security", "currency", "account"])
def test_allocation(alice_client: APIClient, book: Account, by: str) -> None:
    body = read(alice_client, "allocation", as_of=str(LAST), by=by)

    stated = {share["figure"]: share["value"] for share in body["shares"]} | {"assets": body["assets"]}

    assert set(body["figures"]) == set(stated)
    assert wrong(Follower(alice_client, as_of=str(LAST)), stated) == {}


def test_history(alice_client: APIClient, book: Account) -> None:
    body = read(alice_client, "history", start_date="2024-02-01", end_date=str(LAST), interval="month", by="account")

    stated = {f"{name}@{row['date']}": row[name] for row in body["rows"] for name in TOTALS}
    for account in body["accounts"]:
        days = (row["date"] for row in body["rows"])
        stated |= {f"{account['figure']}@{day}": v for day, v in zip(days, account["values"], strict=True)}

    assert {name.split("@")[0] for name in stated} == set(body["figures"])
    assert wrong(Follower(alice_client, end_date=str(LAST)), stated) == {}


@pytest.mark.parametrize(("start", "end"), [("2024-02-16", "2024-02-21"), ("2024-03-01", str(LAST))])
def test_performance(alice_client: APIClient, book: Account, start: str, end: str) -> None:
    parameters = {"start_date": start, "end_date": end, "benchmark": "ACME"}
    body = read(alice_client, "performance", **parameters)

    def shown(figure: str) -> str | None:
        first, *rest = figure.removeprefix("performance:").split(":")
        if not first[:4].isdigit():
            value: str | None = body[first][rest[0]] if rest else body[first]
            return value
        rows = body["months"] if len(first) == 7 else body["years"]
        text: str | None = next(row for row in rows if row["start_date"].startswith(first))[rest[0]]
        return text

    stated = {figure: shown(figure) for figure in body["figures"]}

    assert (end == str(LAST)) == (stated["performance:closing_value"] is None)
    assert wrong(Follower(alice_client, **parameters), stated) == {}
