"""What the ledger comes to: holdings, lots and gains, and what the books refuse."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.ledger.projection import COUNTED_BY, recount_stale, stale_keys
from accounts.models import Account, Holding
from accounts.tests.factories import AccountFactory
from finances.users.models import User
from securities.models import Security, Split
from securities.tests.factories import SecurityFactory, SplitFactory


class Books:
    """One account's ledger, through the API."""

    def __init__(self, client: APIClient, account: Account) -> None:
        self.client, self.account = client, account

    def post(self, type_: str, day: str, **facts: Any) -> Any:
        body = {"type": type_, "trade_date": day, **facts}
        if not {"amount", "counter_account_id"} & facts.keys() or type_ in ("RETURN_OF_CAPITAL", "ADJUSTMENT"):
            body.setdefault("symbol", "ACME")
        return self.client.post(f"/api/v1/accounts/{self.account.pk}/transactions", body)

    def buy(self, day: str, quantity: str, price: str, **facts: Any) -> str:
        return self._id(self.post("BUY", day, quantity=quantity, unit_price=price, **facts))

    def sell(self, day: str, quantity: str, price: str, **facts: Any) -> Any:
        return self.post("SELL", day, quantity=quantity, unit_price=price, **facts)

    def do(self, type_: str, day: str, **facts: Any) -> str:
        return self._id(self.post(type_, day, **facts))

    def _id(self, response: Any) -> str:
        assert response.status_code == 201, response.json()
        return str(response.json()["id"])

    def held(self) -> list[tuple[str, str | None, str | None]]:
        rows = self.client.get("/api/v1/holdings", {"account": str(self.account.pk)}).json()
        return [(row["quantity"], row["cost"], row["acquired_on"]) for row in rows]

    def lots(self) -> list[tuple[str, str | None, str | None]]:
        [row] = self.client.get("/api/v1/holdings", {"account": str(self.account.pk), "security": "ACME"}).json()
        found = self.client.get(f"/api/v1/holdings/{row['id']}/lots").json()
        return [(lot["quantity"], lot["cost"], lot["acquired_on"]) for lot in found]

    def gains(self, **range_: str) -> list[Any]:
        answer = self.client.get(f"/api/v1/accounts/{self.account.pk}/gains", range_)
        assert answer.status_code == 200, answer.json()
        found: list[Any] = answer.json()
        return found


@pytest.fixture
def acme() -> Security:
    return SecurityFactory.create(symbol="ACME")


@pytest.fixture
def books(alice: User, alice_client: APIClient, acme: Security) -> Books:
    return Books(alice_client, AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT))


@pytest.fixture
def other(alice: User, alice_client: APIClient) -> Books:
    return Books(alice_client, AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT))


@pytest.mark.parametrize(
    ("method", "costs", "left"),
    [
        ("FIFO", ["404.00", "250.00"], ("5", "500.00", "2024-02-01")),
        ("LIFO", ["1000.00", "202.00"], ("5", "202.00", "2024-01-02")),
        ("HIFO", ["1000.00", "202.00"], ("5", "202.00", "2024-01-02")),
        ("AVERAGE", ["1053.00"], ("5", "351.00", "2024-01-02")),
    ],
)
def test_methods(books: Books, method: str, costs: list[str], left: tuple[str, str, str]) -> None:
    books.client.patch(f"/api/v1/accounts/{books.account.pk}", {"cost_basis_method": method})
    books.buy("2024-01-02", "10", "40", fees="4")
    books.buy("2024-02-01", "10", "100")
    assert books.sell("2024-03-01", "15", "120", fees="15", taxes="3").status_code == 201

    gains = books.gains()
    if method == "FIFO":
        costs = ["404.00", "500.00"]
    assert [gain["cost"] for gain in gains] == costs
    assert sum(Decimal(gain["proceeds"]) for gain in gains) == 15 * 120 - 15
    assert books.held() == [left]
    assert sum(Decimal(cost) for cost in costs) + Decimal(left[1]) == 1404


def test_another_method_counts_all_anew(books: Books) -> None:
    books.buy("2024-01-02", "10", "40")
    books.buy("2024-02-01", "10", "100")
    books.sell("2024-03-01", "15", "120")
    at = f"/api/v1/accounts/{books.account.pk}"
    before = books.held()

    changed = [books.client.patch(at, {"cost_basis_method": method}).json() for method in ("LIFO", "FIFO")]

    assert [body["cost_basis_method"] for body in changed] == ["LIFO", "FIFO"]
    assert books.held() == before == [("5", "500.00", "2024-02-01")]
    books.client.patch(at, {"cost_basis_method": "LIFO"})
    assert books.held() == [("5", "200.00", "2024-01-02")]


def test_a_gain_in_full(books: Books, acme: Security) -> None:
    bought = books.buy("2023-01-02", "10", "40", fees="4", taxes="1")
    sold = books.sell("2024-01-02", "4", "50", fees="2", taxes="3").json()["id"]

    assert books.gains() == [
        {
            "security_id": str(acme.uuid), "symbol": "ACME", "lot_id": bought, "opened_by": bought, "closed_by": sold,
            "is_short": False, "acquired_on": "2023-01-02", "closed_on": "2024-01-02", "holding_days": 365,
            "quantity": "4", "currency_code": "USD", "proceeds": "198.00", "cost": "162.00", "gain": "36.00",
            "fees": "2.00", "taxes": "3.00", "opening_fees": "1.60", "opening_taxes": "0.40", "missing": [],
        }
    ]  # fmt: skip
    assert books.gains(start_date="2024-01-03") == books.gains(end_date="2024-01-01") == []
    assert len(books.gains(start_date="2024-01-02", end_date="2024-01-02")) == 1


def test_named_lots_go_first(books: Books) -> None:
    books.buy("2024-01-02", "10", "40")
    second = books.buy("2024-02-01", "10", "100")

    sold = books.sell("2024-03-01", "4", "120", lots=[{"lot_id": second, "quantity": "3"}])
    refused = books.sell("2024-03-02", "9", "120", lots=[{"lot_id": second, "quantity": "8"}])

    assert sold.json()["lots"] == [{"lot_id": second, "quantity": "3"}]
    assert [(gain["lot_id"] == second, gain["quantity"]) for gain in books.gains()] == [(True, "3"), (False, "1")]
    assert (refused.status_code, refused.json()["code"]) == (409, "lot_unavailable")


def test_more_than_is_held(books: Books) -> None:
    bought = books.buy("2024-01-02", "10", "40")
    sale = books.sell("2024-03-01", "6", "50").json()["id"]

    late = books.sell("2024-03-02", "4.000000000001", "50")
    early = books.sell("2024-01-01", "1", "50")
    between = books.sell("2024-02-01", "5", "50")
    amended = books.client.patch(f"/api/v1/transactions/{bought}", {"quantity": "5"})
    moved = books.client.patch(f"/api/v1/transactions/{bought}", {"trade_date": "2024-03-02"})
    voided = books.client.delete(f"/api/v1/transactions/{bought}")

    facts = [
        (answer.json()["date"], answer.json()["held"], answer.json()["wanted"])
        for answer in (late, early, between, amended, moved, voided)
    ]
    assert {answer.status_code for answer in (late, early, between, amended, moved, voided)} == {409}
    assert facts == [
        ("2024-03-02", "4", "4.000000000001"), ("2024-01-01", "0", "1"), ("2024-03-01", "5", "6"),
        ("2024-03-01", "5", "6"), ("2024-03-01", "0", "6"), ("2024-03-01", "0", "6"),
    ]  # fmt: skip
    assert between.json() == {
        "detail": "On 2024-03-01 5 are held, and 6 would be taken away.",
        "code": "oversold", "date": "2024-03-01", "held": "5", "wanted": "6", "transaction_id": sale,
    }  # fmt: skip
    assert books.held() == [("4", "160.00", "2024-01-02")]


def test_shorts_where_they_are_allowed(books: Books) -> None:
    at = f"/api/v1/accounts/{books.account.pk}"
    books.client.patch(at, {"allow_short": True})
    assert books.sell("2024-01-02", "10", "50", fees="5").status_code == 201
    assert books.held() == [("-10", "-495.00", "2024-01-02")]
    refused = books.client.patch(at, {"allow_short": False})
    books.buy("2024-02-01", "4", "30")

    [gain] = books.gains()
    assert (refused.status_code, refused.json()["code"]) == (409, "oversold")
    assert books.client.get(at).json()["allow_short"] is True
    assert (gain["is_short"], gain["proceeds"], gain["cost"], gain["gain"]) == (True, "198.00", "120.00", "78.00")
    assert books.held() == [("-6", "-297.00", "2024-01-02")]


def test_a_transfer_carries_lots_with_date_and_cost(books: Books, other: Books) -> None:
    bought = books.buy("2024-01-02", "10", "40", fees="10")
    books.do("TRANSFER", "2024-02-01", symbol="ACME", quantity="4", counter_account_id=str(other.account.pk))
    assert books.held() == [("6", "246.00", "2024-01-02")]
    assert other.held() == [("4", "164.00", "2024-01-02")]
    assert other.sell("2024-03-01", "4", "50").status_code == 201
    [gain] = other.gains()
    assert (gain["opened_by"], gain["acquired_on"], gain["cost"]) == (bought, "2024-01-02", "164.00")

    books.client.patch(f"/api/v1/transactions/{bought}", {"unit_price": "41"})

    assert other.gains()[0]["cost"] == "168.00"
    refused = books.client.patch(f"/api/v1/transactions/{bought}", {"quantity": "3.9"})
    assert (refused.status_code, refused.json()["date"]) == (409, "2024-02-01")


def test_accounts_with_transfers_stay(books: Books, other: Books) -> None:
    moved = books.do("TRANSFER", "2024-02-01", amount="4", counter_account_id=str(other.account.pk))
    for account in (books.account, other.account):
        refused = books.client.delete(f"/api/v1/accounts/{account.pk}")
        assert (refused.status_code, refused.json()["code"]) == (409, "account_has_transfers")

    books.client.delete(f"/api/v1/transactions/{moved}")

    assert [books.client.delete(f"/api/v1/accounts/{x.pk}").status_code for x in (other.account, books.account)] == [
        204, 204,
    ]  # fmt: skip


def test_a_stored_split_is_applied_when_it_is_read(books: Books, acme: Security) -> None:
    """Also one that becomes known only after the trades were booked, and one that is corrected after that."""
    books.buy("2020-08-28", "10", "500")
    split = SplitFactory.create(security=acme, ex_date=date(2020, 8, 31), numerator=4)
    assert books.held() == [("40", "5000.00", "2020-08-28")]
    assert books.lots() == [("40", "5000.00", "2020-08-28")]
    books.buy("2020-08-31", "1", "129")
    assert books.sell("2020-09-01", "41", "130").status_code == 201
    assert (books.held(), len(books.gains())) == ([], 2)
    books.buy("2020-09-02", "10", "130")

    Split.objects.filter(pk=split.pk).update(superseded_at=timezone.now())
    SplitFactory.create(security=acme, ex_date=date(2020, 8, 31), numerator=5)

    assert books.held() == [("20", "2329.00", "2020-08-28")]


def test_a_split_that_is_announced_counts_from_its_day(books: Books, acme: Security) -> None:
    books.buy("2020-08-28", "10", "500")
    tomorrow = timezone.now().date() + timedelta(days=2)
    SplitFactory.create(security=acme, ex_date=tomorrow, numerator=4)
    assert books.held()[0][0] == "10"
    [row] = Holding.objects.with_splits_now().values_list(*COUNTED_BY)
    noon = datetime.combine(tomorrow, datetime.min.time(), UTC) + timedelta(hours=12)

    assert (stale_keys([row], timezone.now()), stale_keys([row], noon)) == ([], [row[:2]])
    recount_stale([row[:2]], now=noon)

    assert Holding.objects.get().quantity == 40


def test_a_split_that_turns_out_void_leaves_a_short(books: Books, acme: Security) -> None:
    split = SplitFactory.create(security=acme, ex_date=date(2020, 8, 31), numerator=4)
    books.buy("2020-08-28", "10", "500")
    books.sell("2020-09-01", "30", "130")
    assert books.held() == [("10", "1250.00", "2020-08-28")]

    Split.objects.filter(pk=split.pk).update(superseded_at=timezone.now())

    assert books.held() == [("-20", "-2600.00", "2020-09-01")]


def test_a_manual_split_until_the_market_knows_it(books: Books, acme: Security) -> None:
    books.buy("2024-01-02", "10", "50")
    books.do("SPLIT", "2024-02-01", ratio_numerator=3, ratio_denominator=2)
    assert books.held() == [("15", "500.00", "2024-01-02")]

    SplitFactory.create(security=acme, ex_date=date(2024, 2, 2), numerator=3, denominator=2)

    assert books.held() == [("15", "500.00", "2024-01-02")]


def test_a_spin_off_takes_its_part_of_the_cost(books: Books) -> None:
    SecurityFactory.create(symbol="CHILD")
    parent = books.buy("2024-01-02", "10", "50")
    spun = {"new_symbol": "CHILD", "ratio_numerator": 1, "ratio_denominator": 4, "cost_fraction": "0.2"}
    books.do("SPIN_OFF", "2024-02-01", **spun)
    assert books.held() == [("10", "400.00", "2024-01-02"), ("2.5", "100.00", "2024-01-02")]
    assert books.sell("2024-03-01", "0.5", "50", symbol="CHILD").json()["symbol"] == "CHILD"

    books.client.patch(f"/api/v1/transactions/{parent}", {"quantity": "20"})

    assert books.held() == [("20", "800.00", "2024-01-02"), ("4.5", "180.00", "2024-01-02")]
    refused = books.post("SPIN_OFF", "2024-01-01", **spun)
    assert (refused.status_code, refused.json()["code"], refused.json()["date"]) == (409, "nothing_held", "2024-01-01")


def test_return_of_capital_beyond_the_cost_is_gain(books: Books) -> None:
    books.buy("2024-01-02", "10", "5")
    books.do("RETURN_OF_CAPITAL", "2024-02-01", amount="30")
    assert books.held() == [("10", "20.00", "2024-01-02")]
    books.do("RETURN_OF_CAPITAL", "2024-03-01", amount="30")
    assert books.held() == [("10", "0.00", "2024-01-02")]
    assert [(gain["quantity"], gain["gain"]) for gain in books.gains()] == [("0", "10.00")]


@pytest.mark.parametrize(("method", "cost"), [("FIFO", "100.00"), ("AVERAGE", None)])
def test_a_cost_that_nobody_knows(books: Books, method: str, cost: str | None) -> None:
    books.client.patch(f"/api/v1/accounts/{books.account.pk}", {"cost_basis_method": method})
    books.do("OPENING", "2024-01-02", quantity="10")
    books.buy("2024-02-01", "10", "10")
    assert books.held() == [("20", None, None)]

    books.sell("2024-03-01", "10", "12")

    [gain] = books.gains()
    assert (gain["cost"], gain["gain"], gain["acquired_on"], gain["holding_days"]) == (None, None, None, None)
    assert {cause["code"] for cause in gain["missing"]} == {"missing_cost"}
    assert books.held()[0][:2] == ("10", cost)


def test_thirds_come_back_exactly(books: Books, acme: Security) -> None:
    for day, numerator, denominator in [(1, 3, 1), (2, 1, 3), (3, 1, 7), (4, 7, 1)]:
        SplitFactory.create(
            security=acme, ex_date=date(2024, 2, day), numerator=numerator, denominator=denominator
        )  # fmt: skip
    books.buy("2024-01-02", "10", "10")
    assert books.held() == [("10", "100.00", "2024-01-02")]
    assert books.sell("2024-03-01", "10", "10").status_code == 201
    assert books.held() == []


def test_a_position_that_comes_back_has_its_id(books: Books) -> None:
    books.buy("2024-01-02", "10", "10")
    before = Holding.objects.get().pk
    books.sell("2024-03-01", "10", "10")
    assert Holding.objects.count() == 0

    books.buy("2024-04-01", "1", "10")

    assert Holding.objects.get().pk == before


def test_order_within_a_day(books: Books) -> None:
    """A sale may be entered before the purchase of its day: what adds comes first."""
    books.buy("2024-01-02", "10", "10")
    assert books.sell("2024-01-03", "15", "11").status_code == 409
    books.buy("2024-01-03", "5", "10")
    assert books.sell("2024-01-03", "15", "11").status_code == 201
    assert books.held() == []
