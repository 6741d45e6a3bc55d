"""Whatever changes shows in every figure from its day at once, and not in what was known before."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from currencies.models import ExchangeRate, ExchangeRateRevision
from currencies.tests.factories import CurrencyFactory, RateRunFactory, store_rate
from finances.sync.models import SyncRun
from finances.users.models import User
from finances.yahoo.types import SplitEvent
from securities.actions import store_splits
from securities.models import Security
from securities.tests.factories import SyncRunFactory

PORTFOLIO = "/api/v1/portfolio"
TOTALS = ("net_worth", "assets", "liabilities", "cash", "securities", "recorded")


class Book:
    """A fund in euros, a house and a loan, seen in dollars; 2 funds bought at 10."""

    def __init__(self, client: APIClient, user: User) -> None:
        self.client, self.user = client, user
        for code in ("USD", "EUR"):
            CurrencyFactory.create(code=code)
        facts = {"symbol": "FUND", "name": "Fund", "security_type": "OTHER", "currency_code": "EUR"}
        self.fund = self.post("securities", facts)["id"]
        self.price("2024-01-02", 10)
        self.price("2024-01-10", 12)
        self.rate = store_rate("EUR/USD", date(2024, 1, 9), "1.1", run=_run())
        self.depot = self.post("accounts", {"name": "Depot", "account_type": "INVESTMENT", "currency_code": "EUR"})[
            "id"
        ]
        self.house = self.post("accounts", {"name": "House", "account_type": "REAL_ESTATE"})["id"]
        self.value("2024-01-01", "1000")
        self.deposit = self.trade(type="DEPOSIT", trade_date="2024-01-02", amount="100")
        self.bought = self.trade(
            type="BUY", trade_date="2024-01-03", security_id=self.fund, quantity="2", unit_price="10"
        )

    def post(self, path: str, body: Any) -> Any:
        response = self.client.post(f"/api/v1/{path}", body)
        assert response.status_code == 201, response.json()
        return response.json()

    def trade(self, **body: str) -> str:
        return str(self.post(f"accounts/{self.depot}/transactions", body)["id"])

    def price(self, day: str, close: float) -> None:
        response = self.client.put(f"/api/v1/securities/{self.fund}/prices", [{"date": day, "close": close}])
        assert response.status_code == 200

    def value(self, day: str, value: str) -> None:
        response = self.client.put(f"/api/v1/accounts/{self.house}/values/{day}", {"value": value})
        assert response.status_code in (200, 201)

    def net_worths(self, **parameters: str) -> dict[str, Any]:
        """Of some days, from the history; each the same as that day's own answer."""
        days = {"start_date": "2024-01-09", "end_date": "2024-01-12"}
        rows = self.client.get(f"{PORTFOLIO}/history", days | parameters).json()["rows"]
        for row in rows:
            own = self.client.get(f"{PORTFOLIO}/net-worth", {"as_of": row["date"]} | parameters).json()
            assert {name: row[name] for name in TOTALS} == {name: own[name] for name in TOTALS}
        return {row["date"][-2:]: row["net_worth"] for row in rows}

    def statement(self, known_at: datetime | None = None) -> list[Any]:
        """All that the endpoints answer, but for the moment itself."""
        known = {} if known_at is None else {"known_at": known_at.isoformat()}
        asked = [
            ("net-worth", {"as_of": "2024-01-12"}),
            ("history", {"start_date": "2024-01-01", "end_date": "2024-01-12", "by": "account"}),
            *(("allocation", {"by": by, "as_of": "2024-01-12"}) for by in ("security", "currency", "account")),
        ]
        answers = [self.client.get(f"{PORTFOLIO}/{path}", wanted | known).json() for path, wanted in asked]
        return [answer | {"known_at": None} for answer in answers]


def _run() -> SyncRun:
    return RateRunFactory.create(recorded_at=timezone.now())


@pytest.fixture
def book(alice_client: APIClient, alice: User) -> Book:
    return Book(alice_client, alice)


def back_dated_trade(book: Book) -> None:
    book.trade(type="BUY", trade_date="2024-01-10", security_id=book.fund, quantity="3", unit_price="11")


def amended_trade(book: Book) -> None:
    response = book.client.patch(f"/api/v1/transactions/{book.bought}", {"unit_price": "9"})
    assert response.status_code == 200


def voided_transaction(book: Book) -> None:
    assert book.client.delete(f"/api/v1/transactions/{book.deposit}").status_code == 204


def changed_price(book: Book) -> None:
    book.price("2024-01-10", 13)


def deleted_price(book: Book) -> None:
    assert book.client.delete(f"/api/v1/securities/{book.fund}/prices/2024-01-10").status_code == 204


def a_split(book: Book) -> None:
    """Stored with the security: twice the units from its day, while the close of that day stays."""
    security = Security.objects.get(uuid=book.fund)
    run = SyncRunFactory.create(symbol=security.symbol, recorded_at=timezone.now())
    store_splits(security, [SplitEvent(date(2024, 1, 10), 2, 1)], run)


def new_rate(book: Book) -> None:
    store_rate("EUR/USD", date(2024, 1, 11), "1.2", run=_run())


def changed_rate(book: Book) -> None:
    """As a sync writes it."""
    run = _run()
    facts = {name: getattr(book.rate, name) for name in ("base", "quote", "day", "quote_per_base", "source")}
    ExchangeRateRevision.objects.create(**facts, run=book.rate.run, superseded_at=run.recorded_at)
    ExchangeRate.objects.filter(pk=book.rate.pk).update(quote_per_base=Decimal(2), run=run)


def changed_value(book: Book) -> None:
    book.value("2024-01-01", "2000")


def new_value(book: Book) -> None:
    book.value("2024-01-11", "3000")


def deleted_value(book: Book) -> None:
    assert book.client.delete(f"/api/v1/accounts/{book.house}/values/2024-01-01").status_code == 204


def new_account(book: Book) -> None:
    other = book.post("accounts", {"name": "Other", "account_type": "CASH"})["id"]
    assert book.client.put(f"/api/v1/accounts/{other}/values/2024-01-11", {"value": "7"}).status_code == 201


BEFORE = {"09": "1110.00", "10": "1114.40", "11": "1114.40", "12": "1114.40"}
CHANGES: list[tuple[Callable[[Book], None], dict[str, str]]] = [
    (back_dated_trade, {"10": "1117.70", "11": "1117.70", "12": "1117.70"}),
    (amended_trade, {"09": "1112.20", "10": "1116.60", "11": "1116.60", "12": "1116.60"}),
    (voided_transaction, {"09": "1000.00", "10": "1004.40", "11": "1004.40", "12": "1004.40"}),
    (changed_price, {"10": "1116.60", "11": "1116.60", "12": "1116.60"}),
    (deleted_price, {"10": "1110.00", "11": "1110.00", "12": "1110.00"}),
    (a_split, {"10": "1140.80", "11": "1140.80", "12": "1140.80"}),
    (new_rate, {"11": "1124.80", "12": "1124.80"}),
    (changed_rate, {"09": "1200.00", "10": "1208.00", "11": "1208.00", "12": "1208.00"}),
    (changed_value, {"09": "2110.00", "10": "2114.40", "11": "2114.40", "12": "2114.40"}),
    (new_value, {"11": "3114.40", "12": "3114.40"}),
    (deleted_value, {"09": "110.00", "10": "114.40", "11": "114.40", "12": "114.40"}),
    (new_account, {"11": "1121.40", "12": "1121.40"}),
]


@pytest.mark.parametrize(("change", "after"), CHANGES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_change_counts_from_its_day_at_once(
    book: Book, change: Callable[[Book], None], after: dict[str, str]
) -> None:
    assert book.net_worths() == BEFORE  # and whatever is kept of it is kept now

    change(book)

    assert book.net_worths() == BEFORE | after


@pytest.mark.parametrize("change", [change for change, _ in CHANGES], ids=lambda value: value.__name__)
def test_a_statement_is_reproduced_after_a_correction(book: Book, change: Callable[[Book], None]) -> None:
    then, before = timezone.now(), book.statement()
    assert book.statement(then) == before

    change(book)

    assert book.statement(then) == before
    assert book.statement() != before


def test_last_year_s_statement_after_all_corrections(book: Book) -> None:
    then, before = timezone.now(), book.statement()

    # Of those that exclude one another only one.
    for change, _ in CHANGES:
        if change not in (deleted_price, deleted_value):
            change(book)

    assert book.statement(then) == before
