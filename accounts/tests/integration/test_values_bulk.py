from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Account, AccountValue, AccountValueRevision
from accounts.tests.factories import AccountFactory, AccountValueFactory
from finances.testing.answers import violations
from finances.users.models import User


@pytest.fixture
def account(alice: User) -> Account:
    return AccountFactory.create(owner=alice)


def url(account: Account) -> str:
    return f"/api/v1/accounts/{account.pk}/values"


def rows_of(days: int, value: Any = "1") -> list[dict[str, Any]]:
    return [{"value_date": str(date(1990, 1, 1) + timedelta(days=day)), "value": value} for day in range(days)]


def test_adds_changes_and_leaves(alice_client: APIClient, account: Account) -> None:
    changed, unchanged, untouched = (
        AccountValueFactory.create(account=account, value_date=date(2026, 1, day)) for day in (1, 2, 3)
    )
    other = AccountValueFactory.create(value_date=date(2026, 1, 1))
    sent = [
        {"value_date": "2026-01-01", "value": "7.25"},
        {"value_date": "2026-01-02", "value": 100},
        {"value_date": "2026-01-04", "value": "8"},
        {"value_date": "2026-01-05", "value": "9"},
    ]
    response = alice_client.put(url(account), sent)
    assert (response.status_code, response.json()) == (200, {"added": 2, "changed": 1, "unchanged": 1})
    stored = {row.value_date.day: row for row in account.values.all()}
    assert {day: row.value for day, row in sorted(stored.items())} == {1: Decimal("7.25"), 2: 100, 3: 100, 4: 8, 5: 9}
    assert (stored[1].pk, stored[2].recorded_at) == (changed.pk, unchanged.recorded_at)
    assert (stored[3].recorded_at, AccountValue.objects.get(pk=other.pk).value) == (untouched.recorded_at, 100)
    revision = AccountValueRevision.objects.get()
    assert (revision.value_date, revision.value) == (date(2026, 1, 1), 100)
    assert (revision.recorded_at, revision.superseded_at) == (changed.recorded_at, stored[1].recorded_at)


def test_again_changes_nothing(alice_client: APIClient, account: Account) -> None:
    alice_client.put(url(account), rows_of(3))
    before = Account.objects.get().updated_at
    response = alice_client.put(url(account), rows_of(3))
    assert (response.status_code, response.json()) == (200, {"added": 0, "changed": 0, "unchanged": 3})
    assert (Account.objects.get().updated_at, AccountValueRevision.objects.count()) == (before, 0)


def test_nothing_sent(alice_client: APIClient, account: Account) -> None:
    response = alice_client.put(url(account), [])
    assert (response.status_code, response.json()) == (200, {"added": 0, "changed": 0, "unchanged": 0})


def test_every_violation_by_its_position_and_nothing_written(alice_client: APIClient, account: Account) -> None:
    sent: list[Any] = rows_of(20)
    sent[3] = {"value_date": "2026-02-30"}
    sent[5] = 5
    sent[17] = {**sent[16], "value": "NaN"}
    sent[19] = sent[0]
    response = alice_client.put(url(account), sent)
    assert sorted(violations(response), key=str) == sorted(
        [
            ["body", 3, "value_date"],
            ["body", 3, "value"],
            ["body", 5],
            ["body", 17, "value"],
            ["body", 17, "value_date"],
            ["body", 19, "value_date"],
        ],
        key=str,
    )
    assert not AccountValue.objects.exists()


def test_a_row_that_is_null(alice_client: APIClient, account: Account) -> None:
    assert violations(alice_client.put(url(account), [None, *rows_of(1)])) == [["body", 0]]
    assert not AccountValue.objects.exists()


def test_the_same_day_twice(alice_client: APIClient, account: Account) -> None:
    response = alice_client.put(url(account), rows_of(1) * 2)
    assert response.json() == {
        "detail": [
            {"loc": ["body", 1, "value_date"], "msg": "This day is in the list already.", "type": "repeated_date"}
        ],
        "code": "validation_error",
    }


@pytest.mark.parametrize("raw", ["{}", "null", '"x"', "5", "true"])
def test_what_is_no_list(alice_client: APIClient, account: Account, raw: str) -> None:
    assert violations(alice_client.put(url(account), raw, content_type="application/json")) == [["body"]]


def test_too_many(alice_client: APIClient, account: Account) -> None:
    response = alice_client.put(url(account), rows_of(10_001))
    assert response.status_code == 422
    assert response.json() == {
        "detail": [{"loc": ["body"], "msg": "At most 10000 values at once.", "type": "max_length"}],
        "code": "validation_error",
    }


def test_ten_thousand_in_few_statements(alice_client: APIClient, account: Account) -> None:
    with CaptureQueriesContext(connection) as captured:
        added = alice_client.put(url(account), rows_of(10_000))
    changed = alice_client.put(url(account), rows_of(10_000, "2"))
    assert added.json() == {"added": 10_000, "changed": 0, "unchanged": 0}
    assert changed.json() == {"added": 0, "changed": 10_000, "unchanged": 0}
    assert AccountValueRevision.objects.filter(value=1).count() == 10_000
    assert len(captured) < 70  # SQLite takes 999 parameters a statement
