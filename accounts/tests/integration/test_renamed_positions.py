"""A position in a security that was renamed goes on at its successor's closes."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.tests.factories import AccountFactory, TransactionFactory
from accounts.tests.trees import Follower
from finances.users.models import User
from securities.models import Security
from securities.tests.factories import SecurityFactory, SplitFactory, store_closes

RENAMED = date(2022, 6, 9)


@pytest.fixture
def fb(alice: User) -> Security:
    """Ten FB bought before it became META, which splits three for one later."""
    old, new = SecurityFactory.create(symbol="FB"), SecurityFactory.create(symbol="META")
    store_closes(old, {date(2022, 6, 7): 195.65, date(2022, 6, 8): 196.64, RENAMED: 1.0})
    store_closes(new, {RENAMED: 184.0, date(2022, 6, 10): 175.57, date(2022, 8, 1): 52.10})
    SplitFactory.create(security=new, ex_date=date(2022, 7, 18), numerator=3, denominator=1)
    Security.objects.filter(pk=old.pk).update(successor=new)
    depot = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
    TransactionFactory.create(
        account=depot, type="BUY", trade_date=date(2022, 6, 7), security=old, quantity=Decimal(10),
        unit_price=Decimal(190), amount=None,
    )  # fmt: skip
    return old


def part(client: APIClient, day: str, **parameters: Any) -> Any:
    body = client.get("/api/v1/portfolio/net-worth", {"as_of": day, **parameters}).json()
    assert body["missing"] == []
    (found,) = [each for each in body["parts"] if each["kind"] == "security"]
    value = Follower(client, as_of=day, **parameters).value_of(found["figure"])
    assert value == Decimal(found["value"])
    return found


@pytest.mark.parametrize(
    ("day", "price", "on", "value"),
    [
        ("2022-06-08", 196.64, "2022-06-08", "1966.40"),
        ("2022-06-09", 184.0, "2022-06-09", "1840.00"),
        ("2022-06-20", 175.57, "2022-06-10", "1755.70"),
        ("2022-08-02", 156.3, "2022-08-01", "1563.00"),
    ],
)
def test_its_value(alice_client: APIClient, fb: Security, day: str, price: float, on: str, value: str) -> None:
    found = part(alice_client, day)

    shown = (found["symbol"], found["quantity"], found["price_date"], found["value"])
    assert shown == ("FB", "10", on, value)
    assert found["price"] == pytest.approx(price)


def test_as_once_known(alice_client: APIClient, fb: Security) -> None:
    """Links hold as they are now; figures are those of then."""
    assert part(alice_client, "2022-06-20", known_at=timezone.now().isoformat())["value"] == "1755.70"


def test_the_row_of_its_price_is_the_successors(alice_client: APIClient, fb: Security) -> None:
    found = part(alice_client, "2022-08-02")
    body = {"figure": found["figure"], "as_of": "2022-08-02"}
    close = alice_client.post("/api/v1/portfolio/explain", body).json()["terms"][1]

    assert (close["operation"], close["value"]) == ("quotient", "156.3")
    traded = close["terms"][0]["terms"][0]
    assert (traded["value"], traded["row"]["date"]) == ("52.1", "2022-08-01")


def test_a_performance_over_the_change(alice_client: APIClient, fb: Security) -> None:
    parameters = {"start_date": "2022-06-08", "end_date": "2022-06-10"}
    body = alice_client.get("/api/v1/portfolio/performance", parameters).json()

    assert (body["market"], body["missing"]) == ("-200.80", body["missing"])
    assert Follower(alice_client, **parameters).value_of("performance:market") == Decimal("-200.80")
