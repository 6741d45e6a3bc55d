"""Holdings counted anew by the schedule."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts import due
from accounts.ledger import projection
from accounts.models import Account, Holding
from accounts.tests.factories import AccountFactory
from finances.errors import Conflict
from finances.sync import schedule
from finances.testing.plugin import client_of
from finances.users.models import User
from securities.models import Security
from securities.tests.factories import SecurityFactory, SplitFactory


@pytest.fixture
def acme() -> Security:
    return SecurityFactory.create(symbol="ACME")


def buy_ten(owner: User) -> Account:
    account = AccountFactory.create(owner=owner, account_type=Account.Type.INVESTMENT)
    bought = {"type": "BUY", "trade_date": "2020-08-28", "symbol": "ACME", "quantity": "10", "unit_price": "500"}
    assert client_of(owner).post(f"/api/v1/accounts/{account.pk}/transactions", bought).status_code == 201
    return account


def quantities() -> list[Decimal]:
    return list(Holding.objects.order_by("account_id").values_list("quantity", flat=True))


def test_a_split_that_became_known_is_counted(alice: User, charlie: User, acme: Security) -> None:
    for owner in (alice, charlie):
        buy_ten(owner)
    SplitFactory.create(security=acme, ex_date=date(2020, 8, 31), numerator=4)
    assert quantities() == [10, 10]

    schedule.run("holdings")

    assert quantities() == [40, 40]


@pytest.mark.parametrize(("days", "quantity"), [(1, 10), (2, 40)])
def test_a_split_that_was_announced_is_counted_from_its_day(
    alice: User, acme: Security, days: int, quantity: int
) -> None:
    today = timezone.now().date()
    SplitFactory.create(security=acme, ex_date=today + timedelta(days=2), numerator=4)
    buy_ten(alice)
    noon = datetime.combine(today + timedelta(days=days), datetime.min.time(), UTC) + timedelta(hours=12)

    with patch.object(timezone, "now", return_value=noon):
        due.recount_holdings()

    assert quantities() == [quantity]


def test_what_nothing_has_overtaken_is_left_alone(alice: User, acme: Security) -> None:
    buy_ten(alice)

    with patch.object(due, "recount_stale") as recounted:
        due.recount_holdings()

    assert recounted.call_args_list == []


@pytest.mark.parametrize(
    ("error", "cause"), [(Conflict(), "conflict"), (OperationalError("deadlock detected"), "deadlock detected")]
)
def test_one_that_cannot_be_counted_keeps_no_other_from_it(
    alice: User, charlie: User, acme: Security, caplog: pytest.LogCaptureFixture, error: Exception, cause: str
) -> None:
    refused = sorted([buy_ten(alice).pk, buy_ten(charlie).pk])[0]
    SplitFactory.create(security=acme, ex_date=date(2020, 8, 31), numerator=4)

    def recount(keys: Any, **facts: Any) -> None:
        if keys[0][0] == refused:
            raise error
        projection.recount_stale(keys, **facts)

    with patch.multiple(due, recount_stale=recount, AT_ONCE=1):
        due.recount_holdings()

    assert sorted(quantities()) == [10, 40]
    lines: Any = [record.msg for record in caplog.records if record.name == "accounts.due"]
    assert [(line["event"], line["account"], line["error"]) for line in lines] == [
        ("holding_not_counted", str(refused), cause)
    ]


def test_what_is_not_stale_yet_is_none_of_the_most_at_once(alice: User, charlie: User, acme: Security) -> None:
    [early, late] = sorted([buy_ten(alice).pk, buy_ten(charlie).pk])
    noon = datetime.combine(timezone.now().date(), datetime.min.time(), UTC) + timedelta(hours=12)
    # Tomorrow has begun further east; not where this security is traded.
    Holding.objects.filter(account=early).update(recount_on=noon.date() + timedelta(days=1))
    Holding.objects.filter(account=late).update(recount_on=noon.date())

    with patch.object(timezone, "now", return_value=noon), patch.object(due, "AT_ONCE", 1):
        due.recount_holdings()

    assert list(Holding.objects.order_by("account_id").values_list("recount_on", flat=True)) == [
        noon.date() + timedelta(days=1), None,
    ]  # fmt: skip


@pytest.mark.parametrize("page", [1, 2, 3])
def test_each_of_an_account_is_met_once_whatever_the_page(alice: User, acme: Security, page: int) -> None:
    account = buy_ten(alice)
    for symbol in ("BOLT", "CORE"):
        security = SecurityFactory.create(symbol=symbol, currency=acme.currency)
        bought = {"type": "BUY", "trade_date": "2020-08-28", "symbol": symbol, "quantity": "10", "unit_price": "500"}
        client_of(alice).post(f"/api/v1/accounts/{account.pk}/transactions", bought)
        SplitFactory.create(security=security, ex_date=date(2020, 8, 31), numerator=4)
    SplitFactory.create(security=acme, ex_date=date(2020, 8, 31), numerator=4)

    with (
        patch.object(due, "PAGE", page),
        patch.object(due, "recount_stale", wraps=projection.recount_stale) as recounted,
    ):
        due.recount_holdings()

    assert quantities() == [40, 40, 40]
    assert len(recounted.call_args_list) == 3
