"""Published portfolios with known answers, posted through the API as people would.

`accounts/tests/data` holds cases: inputs, expected figures, tolerances. `published_ghostfolio.ghostfolio(id)` and
`published_pp.portfolio_performance(id)` write one down as a Book, and `drive` posts it: securities as manual ones with
their prices, rates, and transactions in bulk, account by account. Figures are then read through the API.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

from rest_framework.test import APIClient

from currencies.models import ExchangeRate
from currencies.tests.factories import CurrencyFactory, store_rate

DATA = Path(__file__).with_name("data")
PLACES = Decimal("1e-12")
Body = dict[str, Any]


def read_cases(name: str) -> dict[str, Any]:
    cases: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return cases


def to_places(number: str | Decimal) -> str:
    """With the 12 decimals that quantities, prices and rates have here."""
    return str(Decimal(number).quantize(PLACES, ROUND_HALF_EVEN))


@dataclass
class Book:
    """One case, as it is to be posted. Names stand for accounts and securities."""

    base: str
    accounts: dict[str, Body] = field(default_factory=dict)
    """By name, what creates it."""
    rows: dict[str, list[Body]] = field(default_factory=dict)
    """By account, transactions; `security` and `counter_account` are names."""
    securities: dict[str, str] = field(default_factory=dict)
    """Currency codes."""
    prices: dict[str, dict[str, str]] = field(default_factory=dict)
    rates: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of a pair such as EUR/USD and a day, units of the second for one of the first."""

    def add(self, account: str, type_: str, day: str, **facts: Any) -> None:
        given = {name: value for name, value in facts.items() if value is not None}
        self.rows.setdefault(account, []).append({"type": type_, "trade_date": day[:10], **given})

    def up_to(self, day: str) -> "Book":
        rows = {name: [row for row in own if row["trade_date"] <= day] for name, own in self.rows.items()}
        return Book(self.base, self.accounts, rows, self.securities, self.prices, self.rates)


@dataclass
class Driven:
    """A case that was posted: what the API calls its accounts and securities."""

    client: APIClient
    base: str
    accounts: dict[str, str] = field(default_factory=dict)
    securities: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **parameters: Any) -> Any:
        response = self.client.get(f"/api/v1/{path}", parameters)
        assert response.status_code == 200, response.json()
        return response.json()

    def post(self, path: str, body: Any) -> Any:
        response = self.client.post(f"/api/v1/{path}", body)
        assert response.status_code in (200, 201), response.json()
        return response.json()


def drive(client: APIClient, book: Book, **account_facts: Any) -> Driven:
    """account_facts: of every account, such as cost_basis_method="AVERAGE" or allow_short=True."""
    _store_currencies(book)
    done = Driven(client, book.base)
    for name, currency in book.securities.items():
        done.securities[name] = _add_security(
            done, f"S{len(done.securities)}", name, currency, book.prices.get(name, {})
        )
    for name, facts in book.accounts.items():
        body = {"name": name, "account_type": "INVESTMENT", "allow_short": True} | facts | account_facts
        done.accounts[name] = done.post("accounts", body)["id"]
    for name, rows in book.rows.items():
        if rows:
            done.post(f"accounts/{done.accounts[name]}/transactions/bulk", [_named(done, row) for row in rows])
    return done


def _store_currencies(book: Book) -> None:
    codes = {book.base, *book.securities.values(), *(facts["currency_code"] for facts in book.accounts.values())}
    codes |= {row["currency_code"] for rows in book.rows.values() for row in rows if "currency_code" in row}
    for code in codes:
        CurrencyFactory.create(code=code)
    for (pair, day), rate in book.rates.items():
        base, quote = pair.split("/")
        if not ExchangeRate.objects.filter(base=base, quote=quote, day=day).exists():
            store_rate(pair, date.fromisoformat(day), rate)


def _add_security(done: Driven, symbol: str, name: str, currency: str, prices: Mapping[str, str]) -> str:
    facts = {"symbol": symbol, "name": name, "security_type": "OTHER", "currency_code": currency}
    key = str(done.post("securities", facts)["id"])
    if prices:
        bars = [{"date": day, "close": price} for day, price in sorted(prices.items())]
        response = done.client.put(f"/api/v1/securities/{key}/prices", bars)
        assert response.status_code == 200, response.json()
    return key


def _named(done: Driven, row: Body) -> Body:
    body = dict(row)
    if "security" in body:
        body["security_id"] = done.securities[body.pop("security")]
    if "counter_account" in body:
        body["counter_account_id"] = done.accounts[body.pop("counter_account")]
    return body
