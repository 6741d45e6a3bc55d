from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Account, AccountValue, AccountValueRevision
from accounts.tests.factories import AccountFactory, AccountValueFactory
from currencies.tests.factories import CurrencyFactory
from finances.testing.answers import NOBODYS_ID, TOO_LARGE, assert_hidden, headers_of, violations
from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, NOT_FOUND, as_text, assert_unauthenticated

DAY = "2026-01-31"


@pytest.fixture
def account(alice: User) -> Account:
    return AccountFactory.create(owner=alice)


def url(account: Account | str, day: str = "") -> str:
    key = account if isinstance(account, str) else account.pk
    return f"/api/v1/accounts/{key}/values" + (f"/{day}" if day else "")


def body_of(row: AccountValue, **changes: Any) -> dict[str, Any]:
    return {
        "account_id": str(row.account_id),
        "value_date": str(row.value_date),
        "value": "100.00",
        "currency_code": row.account.currency_id,
        "recorded_at": as_text(row.recorded_at),
    } | changes


def revisions() -> list[tuple[Any, ...]]:
    rows = AccountValueRevision.objects.order_by("pk")
    return list(rows.values_list("value_date", "value", "recorded_at", "superseded_at"))


def days(response: Any) -> list[str]:
    assert response.status_code == 200, response.json()
    return [row["value_date"] for row in response.json()]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("50000", "50000.00"),
        (50000, "50000.00"),
        (0.1, "0.10"),
        ("0.12345678", "0.12345678"),
        ("-12.5", "-12.50"),
        ("1234567890123456.12345678", "1234567890123456.12345678"),
        ("-9999999999999999.99999999", "-9999999999999999.99999999"),
        ("0", "0.00"),
    ],
)
def test_record(alice_client: APIClient, account: Account, sent: Any, shown: str) -> None:
    response = alice_client.post(url(account), {"value_date": DAY, "value": sent})
    row = AccountValue.objects.get()
    assert (response.status_code, response.json()) == (201, body_of(row, value_date=DAY, value=shown))
    assert list(response.json()) == list(body_of(row))
    assert alice_client.get(url(account, DAY)).json() == response.json()
    assert alice_client.get(url(account)).json() == [response.json()]
    assert alice_client.get(f"/api/v1/accounts/{account.pk}").json()["latest_value"] == shown


def test_a_number_in_the_body_keeps_its_digits(alice_client: APIClient, account: Account) -> None:
    raw = f'{{"value_date": "{DAY}", "value": 1234567890123456.12345678}}'
    response = alice_client.post(url(account), raw, content_type="application/json")
    assert (response.status_code, response.json()["value"]) == (201, "1234567890123456.12345678")


def test_three_decimals_where_the_currency_has_them(alice_client: APIClient, alice: User) -> None:
    account = AccountFactory.create(owner=alice, currency=CurrencyFactory.create(code="KWD"))
    response = alice_client.post(url(account), {"value_date": DAY, "value": "1"})
    assert (response.json()["value"], response.json()["currency_code"]) == ("1.000", "KWD")


def test_record_a_day_twice(alice_client: APIClient, account: Account) -> None:
    AccountValueFactory.create(account=account)
    response = alice_client.post(url(account), {"value_date": DAY, "value": "100"})
    assert response.status_code == 409
    assert response.json() == {
        "detail": "A value is recorded for this day already; amend that one instead.",
        "code": "value_exists",
    }


BAD_VALUES: list[Any] = [None, "", "x", True, [], {}, "NaN", "Infinity", "-Infinity", "1e400", TOO_LARGE,
              int("9" * 300), "12345678901234567", "0.123456789", "1\x00"]  # fmt: skip
BAD_DAYS: list[Any] = [
    None,
    "",
    20260131,
    "20260131",
    "31.01.2026",
    "2026-02-30",
    "2026-01-31T00:00:00Z",
    True,
    [],
    "2026-01-\x00",
]


@pytest.mark.parametrize("value", BAD_VALUES)
def test_bad_values(alice_client: APIClient, account: Account, value: Any) -> None:
    assert violations(alice_client.post(url(account), {"value_date": DAY, "value": value})) == [["body", "value"]]
    assert violations(alice_client.put(url(account, DAY), {"value": value})) == [["body", "value"]]
    assert violations(alice_client.patch(url(account, DAY), {"value": value})) == [["body", "value"]]
    bulk = alice_client.put(url(account), [{"value_date": DAY, "value": value}])
    assert violations(bulk) == [["body", 0, "value"]]
    assert not AccountValue.objects.exists()


@pytest.mark.parametrize("day", BAD_DAYS)
def test_bad_days(alice_client: APIClient, account: Account, day: Any) -> None:
    assert violations(alice_client.post(url(account), {"value_date": day, "value": 1})) == [["body", "value_date"]]
    bulk = alice_client.put(url(account), [{"value_date": day, "value": 1}])
    assert violations(bulk) == [["body", 0, "value_date"]]


def test_bodies_without_fields(alice_client: APIClient, account: Account) -> None:
    both = [["body", "value"], ["body", "value_date"]]
    assert sorted(violations(alice_client.post(url(account), {}))) == both
    for ask in (alice_client.put, alice_client.patch):
        assert violations(ask(url(account, DAY), {})) == [["body", "value"]]
        assert violations(ask(url(account, DAY), "null", content_type="application/json")) == [["body"]]


def test_put_a_new_day(alice_client: APIClient, account: Account) -> None:
    response = alice_client.put(url(account, DAY), {"value": "100"})
    assert (response.status_code, response.json()) == (201, body_of(AccountValue.objects.get()))
    assert revisions() == []


def test_put_the_same_again_writes_nothing(alice_client: APIClient, account: Account) -> None:
    row = AccountValueFactory.create(account=account)
    response = alice_client.put(url(account, DAY), {"value": "100.00"})
    assert (response.status_code, response.json()) == (200, body_of(row))
    assert revisions() == []
    assert Account.objects.get().updated_at == account.updated_at


@pytest.mark.parametrize("method", ["put", "patch"])
def test_amend_keeps_the_predecessor(alice_client: APIClient, account: Account, method: str) -> None:
    before = AccountValueFactory.create(account=account)
    response = getattr(alice_client, method)(url(account, DAY), {"value": "-7"})
    row = AccountValue.objects.get()
    assert (response.status_code, response.json()) == (200, body_of(row, value="-7.00"))
    assert (row.pk, row.recorded_at > before.recorded_at) == (before.pk, True)
    assert revisions() == [(date(2026, 1, 31), Decimal(100), before.recorded_at, row.recorded_at)]


def test_patch_without_a_value(alice_client: APIClient, account: Account) -> None:
    response = alice_client.patch(url(account, DAY), {"value": "1"})
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


def test_delete_keeps_the_predecessor(alice_client: APIClient, account: Account) -> None:
    row = AccountValueFactory.create(account=account)
    response = alice_client.delete(url(account, DAY))
    assert (response.status_code, response.content) == (204, b"")
    assert not AccountValue.objects.exists()
    deleted_at = Account.objects.get().updated_at
    assert revisions() == [(date(2026, 1, 31), Decimal(100), row.recorded_at, deleted_at)]
    assert alice_client.delete(url(account, DAY)).json() == NOT_FOUND
    assert alice_client.get(url(account, DAY)).json() == NOT_FOUND


def test_history(alice_client: APIClient, account: Account) -> None:
    for month in (1, 2, 3):
        AccountValueFactory.create(account=account, value_date=date(2026, month, 1))
    AccountValueFactory.create()
    first, second, third = "2026-01-01", "2026-02-01", "2026-03-01"
    assert days(alice_client.get(url(account))) == [third, second, first]
    assert days(alice_client.get(url(account), {"order": "asc"})) == [first, second, third]
    assert days(alice_client.get(url(account), {"start_date": second})) == [third, second]
    assert days(alice_client.get(url(account), {"end_date": second})) == [second, first]
    assert days(alice_client.get(url(account), {"start_date": second, "end_date": second})) == [second]
    page = alice_client.get(url(account), {"skip": 1, "limit": 1})
    assert (days(page), page["X-Total-Count"]) == ([second], "3")
    assert 'rel="next"' in page["Link"]


def test_history_start_after_end(alice_client: APIClient, account: Account) -> None:
    response = alice_client.get(url(account), {"start_date": "2026-01-02", "end_date": "2026-01-01"})
    assert response.status_code == 400
    assert response.json() == {"detail": "start_date is after end_date.", "code": "start_after_end"}


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"start_date": "20260101"}, "start_date"),
        ({"end_date": "2026-02-30"}, "end_date"),
        ({"end_date": "2026-01-\x00"}, "end_date"),
        ({"order": "up"}, "order"),
        ({"limit": "1001"}, "limit"),
        ({"skip": "-1"}, "skip"),
    ],
)
def test_history_bad_parameters(
    alice_client: APIClient, account: Account, parameters: dict[str, str], field: str
) -> None:
    assert violations(alice_client.get(url(account), parameters)) == [["query", field]]


def test_history_costs_the_same_queries_for_three_rows_as_for_one(alice_client: APIClient, account: Account) -> None:
    counts = []
    for some in ((1,), (2, 3)):
        for day in some:
            AccountValueFactory.create(account=account, value_date=date(2026, 1, day))
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(url(account)).status_code == 200
        counts.append(len(captured))
    assert counts == [2, 2]  # the user, the page with its count


REQUESTS: list[tuple[str, str, Any]] = [
    ("get", "", None),
    ("post", "", {"value_date": DAY, "value": 5}),
    ("put", "", [{"value_date": DAY, "value": 5}]),
    ("get", DAY, None),
    ("put", DAY, {"value": 5}),
    ("patch", DAY, {"value": 5}),
    ("delete", DAY, None),
]


@pytest.mark.parametrize(("method", "day", "body"), REQUESTS)
def test_anothers_account_is_not_found(
    alice_client: APIClient, charlie: User, method: str, day: str, body: Any
) -> None:
    row = AccountValueFactory.create(account__owner=charlie)
    ask = getattr(alice_client, method)
    assert_hidden(ask(url(row.account, day), body), ask(url(NOBODYS_ID, day), body))
    assert_hidden(ask(url(row.account, day), body), ask(url("nonsense", day), body))
    row.refresh_from_db()
    assert row.value == 100


@pytest.mark.parametrize(("method", "day", "body"), REQUESTS)
def test_unauthenticated(anonymous: APIClient, account: Account, method: str, day: str, body: Any) -> None:
    response = getattr(anonymous, method)(url(account, day), body)
    assert_unauthenticated(response, NOT_AUTHENTICATED)


@pytest.mark.parametrize("day", ["2026-02-30", "2026-1-1", "0000-01-01", "today", "2026-01-01T00", "٢٠٢٦-01-05"])
@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_malformed_day_is_no_address(alice_client: APIClient, account: Account, method: str, day: str) -> None:
    response = getattr(alice_client, method)(url(account, day), {"value": 1})
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


def test_a_missing_day_looks_like_a_missing_account(alice_client: APIClient, account: Account) -> None:
    response, missing = alice_client.get(url(account, DAY)), alice_client.get(url(NOBODYS_ID, DAY))
    assert (response.json(), headers_of(response)) == (missing.json(), headers_of(missing))
