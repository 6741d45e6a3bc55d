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
from finances.testing.answers import violations
from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, assert_unauthenticated
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
    value: str | None = body[first][rest[0]] if rest else body[first]
    return value


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


def ask(client: APIClient, figure: Any, **parameters: Any) -> Any:
    return client.post(URL, {"figure": figure, "as_of": str(END), **parameters})


def test_a_position_down_to_its_rows(alice_client: APIClient, book: dict[str, Any]) -> None:
    name = f"position:{book['depot'].pk}:{book['acme'].uuid}"
    answer = ask(alice_client, name).json()
    quantity, close, rate = answer["terms"]

    assert (answer["figure"], answer["operation"], answer["places"]) == (f"{name}@{END}", "product", 2)
    assert (close["row"]["kind"], close["row"]["date"], close["row"]["basis"]) == ("price", str(END), "as traded")
    assert rate["operation"] == "quotient"
    assert [term["row"]["pair"] for term in rate["terms"] if term["row"]] == ["EUR/USD"]

    moved = ask(alice_client, quantity["figure"]).json()
    assert (moved["value"], moved["operation"]) == ("27", "sum")
    assert [(t["name"], t["value"]) for t in moved["terms"]] == [
        ("BUY", "30"), ("BUY", "15"), ("SELL", "-12"), ("TRANSFER", "-6"),
    ]  # fmt: skip
    assert [part["value"] for part in moved["terms"][0]["terms"]] == ["10", "3"]
    lots = moved["row"]["lots"]
    assert [lot["acquired_on"] for lot in lots] == ["2024-01-03", "2024-01-06"]
    assert sum(Decimal(lot["quantity"]) for lot in lots) == Decimal("27")


def test_terms_come_by_pages(alice_client: APIClient, book: dict[str, Any]) -> None:
    figure = f"quantity:position:{book['depot'].pk}:{book['acme'].uuid}"

    page = ask(alice_client, figure, skip=1, limit=2).json()

    assert (page["term_count"], [term["name"] for term in page["terms"]]) == (4, ["BUY", "SELL"])


def test_long_sums_are_told_by_month(alice_client: APIClient, book: dict[str, Any]) -> None:
    """From January to March: no more than 31 stretches are listed one by one."""
    line = f"position:{book['depot'].pk}:{book['acme'].uuid}"
    parameters = {"start_date": "2024-01-01", "end_date": str(END)}

    answer = ask(alice_client, f"performance:market:{line}@2024-01-03..{END}", **parameters).json()

    assert [term["figure"].rsplit("@")[1] for term in answer["terms"]] == [
        "2024-01-03..2024-01-31", "2024-02-01..2024-02-29", f"2024-03-01..{END}",
    ]  # fmt: skip
    parts = sum(Decimal(term["value"]) for term in answer["terms"])
    assert abs(parts - Decimal(answer["value"])) < Decimal("1e-9")


def test_what_is_not_known_says_why(alice_client: APIClient, book: dict[str, Any]) -> None:
    """No close of the first days is known yet."""
    unpriced = SecurityFactory.create(symbol="NONE", currency=book["euro"].currency)
    TransactionFactory.create(
        account=book["depot"], type="BUY", trade_date=END, security=unpriced, quantity=Decimal(1),
        unit_price=Decimal(1), amount=None,
    )  # fmt: skip
    name = f"position:{book['depot'].pk}:{unpriced.uuid}"

    answer = ask(alice_client, name).json()

    assert (answer["value"], answer["terms"][1]["value"]) == (None, None)
    assert answer["terms"][1]["rule"] == "No close counts on this day."
    assert ask(alice_client, "net_worth").json()["value"] is None


UNKNOWN = {"detail": "There is no such figure.", "code": "unknown_figure"}


@pytest.mark.parametrize(
    "figure",
    [
        "wealth", "net_worth@2024-02-30", "net_worth@today", "account:mine", "performance:", "performance:luck",
        "performance:1999:twr", "performance:2024-02:xirr", "performance:benchmark:beta", "performance:market@x..y",
        "performance:market@2023-01-01..2024-01-01", "performance:sum:x@2024-02-23..2024-02-24", "allocation:size:X",
        "performance:benchmark-return@2024-02-23..2024-02-24", "performance:market@2024-03-01..2024-02-24",
    ],
)  # fmt: skip
def test_no_such_figure(alice_client: APIClient, book: dict[str, Any], figure: str) -> None:
    response = ask(alice_client, figure, start_date=str(START), end_date=str(END))

    assert (response.status_code, response.json()) == (404, UNKNOWN)


def test_another_s_figures_are_as_good_as_none(
    alice_client: APIClient, charlie_client: APIClient, book: dict[str, Any]
) -> None:
    names = [f"account:{book['depot'].pk}", f"position:{book['depot'].pk}:{book['acme'].uuid}"]
    names += [f"quantity:{names[1]}", f"performance:market:{names[1]}@{START}..{START}"]

    assert [ask(alice_client, name, start_date=str(START)).status_code for name in names] == [200] * 4
    for name in names:
        response = ask(charlie_client, name, start_date=str(START))
        assert (response.status_code, response.json()) == (404, UNKNOWN)
    assert violations(ask(charlie_client, "net_worth", accounts=str(book["depot"].pk))) == [["body", "accounts"]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("figure", 5), ("figure", ""), ("figure", "x" * 301), ("as_of", "20240101"), ("base", "XXX"), ("skip", -1),
        ("limit", 1001), ("limit", True), ("known_at", "2999-01-01T00:00:00Z"), ("benchmark", "NOBODY"),
        ("risk_free_rate", "-1"), ("accounts", "mine"), ("start_date", "1"), ("accounts", 5), ("benchmark", ["x"]),
    ],
)  # fmt: skip
def test_bad_input(alice_client: APIClient, field: str, value: Any) -> None:
    response = alice_client.post(URL, {"figure": "net_worth", field: value})

    assert violations(response) == [["body", field]]


def test_unauthenticated() -> None:
    assert_unauthenticated(APIClient().post(URL, {"figure": "net_worth"}), NOT_AUTHENTICATED)
