"""Transactions one by one: posted, read, amended, deleted."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, Transaction, TransactionRevision
from accounts.tests.factories import AccountFactory
from currencies.tests.factories import CurrencyFactory
from finances.testing.answers import assert_hidden
from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, NOT_FOUND, as_text, assert_unauthenticated
from securities.models import Security
from securities.tests.factories import SecurityFactory, SplitFactory

Post = Callable[..., Any]
BUY = {"type": "BUY", "symbol": "ACME", "trade_date": "2024-01-02", "quantity": "10", "unit_price": "5.5"}


@pytest.fixture
def depot(alice: User) -> Account:
    return AccountFactory.create(owner=alice, name="Depot", account_type=Account.Type.INVESTMENT)


@pytest.fixture
def acme() -> Security:
    return SecurityFactory.create(symbol="ACME")


def url(account: Account) -> str:
    return f"/api/v1/accounts/{account.pk}/transactions"


def post(client: APIClient, account: Account, **facts: Any) -> Any:
    return client.post(url(account), facts)


def test_post_a_trade(alice_client: APIClient, depot: Account, acme: Security) -> None:
    CurrencyFactory.create(code="EUR")
    sent = BUY | {
        "settlement_date": "2024-01-04", "fees": "1.5", "taxes": 2, "fx_rate": "0.91", "note": "first",
        "external_id": "B-1", "tags": ["long", "long", "core"],
    }  # fmt: skip

    response = post(alice_client, depot, **sent)

    body = response.json()
    assert response.status_code == 201
    assert body == {
        "id": str(Transaction.objects.get().pk),
        "account_id": str(depot.pk),
        "type": "BUY",
        "counter_account_id": None,
        "security_id": str(acme.uuid),
        "symbol": "ACME",
        "new_security_id": None,
        "new_symbol": None,
        "trade_date": "2024-01-02",
        "settlement_date": "2024-01-04",
        "quantity": "10",
        "unit_price": "5.5",
        "amount": None,
        "fees": "1.50",
        "taxes": "2.00",
        "currency_code": "USD",
        "fx_rate": "0.91",
        "ratio_numerator": None,
        "ratio_denominator": None,
        "cost_fraction": None,
        "units_as_of": None,
        "acquired_on": None,
        "lots": [],
        "note": "first",
        "external_id": "B-1",
        "tags": ["long", "core"],
        "sequence": Transaction.objects.get().sequence,
        "posted_at": body["posted_at"],
        "recorded_at": body["posted_at"],
        "voided_at": None,
        "void_reason": "",
    }
    assert alice_client.get(f"/api/v1/transactions/{body['id']}").json() == body
    assert alice_client.get(url(depot)).json() == alice_client.get("/api/v1/transactions").json() == [body]


EVERY_TYPE = [
    {"type": "SELL", "symbol": "ACME", "quantity": "4", "unit_price": "7", "taxes": "1"},
    {"type": "DIVIDEND", "symbol": "ACME", "amount": "8.20", "taxes": "1.23", "currency_code": "EUR"},
    {"type": "INTEREST", "amount": "-3.10"},
    {"type": "FEE", "amount": "9.99"},
    {"type": "TAX", "amount": "-40", "symbol": "ACME"},
    {"type": "DEPOSIT", "amount": "1000"},
    {"type": "WITHDRAWAL", "amount": "5", "fees": "0.5"},
    {"type": "SPLIT", "symbol": "ACME", "ratio_numerator": 3, "ratio_denominator": 2},
    {"type": "RETURN_OF_CAPITAL", "symbol": "ACME", "amount": "5"},
    {"type": "OPENING", "amount": "-250"},
    {"type": "OPENING", "symbol": "ACME", "quantity": "3", "unit_price": "2", "acquired_on": "2019-05-01"},
    {"type": "OPENING", "symbol": "ACME", "quantity": "3"},
    {"type": "ADJUSTMENT", "amount": "-0.01"},
    {"type": "ADJUSTMENT", "symbol": "ACME", "quantity": "-2"},
    {"type": "ADJUSTMENT", "symbol": "ACME", "amount": "12"},
    {"type": "SPIN_OFF", "symbol": "ACME", "new_symbol": "CHILD", "ratio_numerator": 1, "ratio_denominator": 4,
     "cost_fraction": "0.125"},
    {"type": "TRANSFER", "symbol": "ACME", "quantity": "1", "counter_account_id": "{other}"},
    {"type": "TRANSFER", "amount": "1", "counter_account_id": "{other}", "fx_rate": "1.1"},
]  # fmt: skip


@pytest.mark.parametrize("facts", EVERY_TYPE, ids=lambda facts: f"{facts['type']}-{'symbol' in facts}")
def test_every_type(
    alice_client: APIClient, alice: User, depot: Account, acme: Security, facts: dict[str, Any]
) -> None:
    CurrencyFactory.create(code="EUR")
    SecurityFactory.create(symbol="CHILD")
    other = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
    post(alice_client, depot, **BUY)
    sent = {name: str(other.pk) if fact == "{other}" else fact for name, fact in facts.items()}

    response = post(alice_client, depot, trade_date="2024-02-01", **sent)

    body = response.json()
    assert response.status_code == 201, body
    money = {"amount", "fees", "taxes"}
    for name, fact in sent.items():
        assert body[name] == (f"{float(fact):.2f}" if name in money else fact)
    assert alice_client.get(f"/api/v1/transactions/{body['id']}").json() == body


def test_a_transfer_is_in_both_lists(alice_client: APIClient, alice: User, depot: Account) -> None:
    other = AccountFactory.create(owner=alice)
    facts = {"type": "TRANSFER", "amount": "10", "trade_date": "2024-01-02", "counter_account_id": str(other.pk)}
    body = post(alice_client, depot, **facts).json()

    assert alice_client.get(url(depot)).json() == alice_client.get(url(other)).json() == [body]
    assert alice_client.get("/api/v1/transactions", {"account": str(other.pk)}).json() == [body]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({}, ["c", "b", "a"]),
        ({"ordering": "trade_date"}, ["a", "b", "c"]),
        ({"ordering": "-recorded_at"}, ["b", "a", "c"]),
        ({"type": "BUY"}, ["a"]),
        ({"security": "acme"}, ["b", "a"]),
        ({"start_date": "2024-01-03"}, ["c", "b"]),
        ({"end_date": "2024-01-03"}, ["b", "a"]),
        ({"tag": "ü"}, ["b"]),
        ({"tag": "u"}, []),
        ({"external_id": "b"}, ["b"]),
        ({"limit": "1", "skip": "1"}, ["b"]),
    ],
)
def test_filters(
    alice_client: APIClient, depot: Account, acme: Security, parameters: dict[str, str], found: list[str]
) -> None:
    post(alice_client, depot, type="DEPOSIT", amount="1", trade_date="2024-01-04", external_id="c", tags=["üb"])
    post(alice_client, depot, **BUY, external_id="a")
    post(
        alice_client, depot, type="FEE", symbol="ACME", amount="1", trade_date="2024-01-03", external_id="b", tags=["ü"]
    )

    for path in (url(depot), "/api/v1/transactions"):
        assert [row["external_id"] for row in alice_client.get(path, parameters).json()] == found


def test_updated_since_tells_deletions_too(alice_client: APIClient, depot: Account) -> None:
    kept, gone = (
        post(alice_client, depot, type="DEPOSIT", amount="1", trade_date="2024-01-04").json()["id"] for _ in "ab"
    )
    moment = as_text(timezone.now())
    assert alice_client.get(url(depot), {"updated_since": moment}).json() == []

    alice_client.delete(f"/api/v1/transactions/{gone}?reason=twice")

    assert [row["id"] for row in alice_client.get(url(depot)).json()] == [kept]
    changed = alice_client.get(url(depot), {"updated_since": moment, "include_voided": "true"}).json()
    assert [(row["id"], row["void_reason"], row["voided_at"] is None) for row in changed] == [(gone, "twice", False)]


def test_amended_deleted_and_known_as_it_was(alice_client: APIClient, depot: Account, acme: Security) -> None:
    first = post(alice_client, depot, **BUY).json()
    at = f"/api/v1/transactions/{first['id']}"
    after_first = as_text(timezone.now())
    second = alice_client.patch(at, {"unit_price": "6", "note": "n", "reason": "misread"}).json()
    after_second = as_text(timezone.now())
    deleted = alice_client.delete(at, QUERY_STRING="reason=never+happened")

    assert second == first | {"unit_price": "6", "note": "n", "recorded_at": second["recorded_at"]}
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert alice_client.get(at).json() == NOT_FOUND

    ended_at = Transaction.objects.get().voided_at
    assert ended_at is not None
    for moment, then in [(after_first, first), (after_second, second)]:
        assert alice_client.get(at, {"known_at": moment}).json() == then
        assert alice_client.get(url(depot), {"known_at": moment}).json() == [then]
    assert alice_client.get(at, {"known_at": as_text(timezone.now())}).json() == NOT_FOUND
    past = alice_client.get(f"{at}/revisions").json()
    assert [(row["unit_price"], row["reason"], row["superseded_at"]) for row in past] == [
        ("6", "never happened", as_text(ended_at)),
        ("5.5", "misread", second["recorded_at"]),
    ]


def test_a_change_that_changes_nothing_leaves_no_revision(
    alice_client: APIClient, depot: Account, acme: Security
) -> None:
    body = post(alice_client, depot, **BUY).json()

    response = alice_client.patch(f"/api/v1/transactions/{body['id']}", {"unit_price": "5.50", "fees": None})

    assert (response.status_code, response.json(), TransactionRevision.objects.count()) == (200, body, 0)


@pytest.mark.parametrize("field", ["type", "account_id", "security_id", "symbol", "counter_account_id"])
def test_what_it_is_stays(alice_client: APIClient, depot: Account, acme: Security, field: str) -> None:
    body = post(alice_client, depot, **BUY).json()

    response = alice_client.patch(f"/api/v1/transactions/{body['id']}", {field: body.get(field), "note": "x"})

    assert response.status_code == 422
    assert response.json()["detail"] == [
        {
            "loc": ["body", field],
            "msg": "This cannot be changed; delete the transaction and post another.",
            "type": "fixed",
        }
    ]


def test_the_same_external_id_again(alice_client: APIClient, alice: User, depot: Account) -> None:
    facts = {"type": "DEPOSIT", "amount": "1", "trade_date": "2024-01-02", "external_id": "X"}
    first = post(alice_client, depot, **facts).json()["id"]

    again = post(alice_client, depot, **facts)

    assert (again.status_code, again.json()) == (
        409,
        {
            "detail": "This account has a transaction with this external_id already.",
            "code": "external_id_exists",
            "id": first,
        },
    )
    assert post(alice_client, AccountFactory.create(owner=alice), **facts).status_code == 201
    other = post(alice_client, depot, **facts | {"external_id": "Y"}).json()["id"]
    assert alice_client.patch(f"/api/v1/transactions/{other}", {"external_id": "X"}).json()["id"] == first
    alice_client.delete(f"/api/v1/transactions/{first}")
    assert post(alice_client, depot, **facts).status_code == 201


@pytest.mark.parametrize(
    ("days", "code"),
    [({"trade_date": "+1"}, "traded_in_future"), ({"settlement_date": "2024-01-01"}, "settled_before_traded")],
)
def test_days_that_contradict(alice_client: APIClient, depot: Account, days: dict[str, str], code: str) -> None:
    tomorrow = str(timezone.now().date() + timedelta(days=1))
    facts = {"type": "FEE", "amount": "1", "trade_date": "2024-01-02"} | days
    if facts["trade_date"] == "+1":
        facts["trade_date"] = tomorrow

    response = post(alice_client, depot, **facts)

    assert (response.status_code, response.json()["code"]) == (400, code)


def test_other_accounts_hold_no_securities(
    alice_client: APIClient, alice: User, depot: Account, acme: Security
) -> None:
    account = AccountFactory.create(owner=alice)
    post(alice_client, depot, **BUY)
    moved = {"type": "TRANSFER", "symbol": "ACME", "quantity": "1", "trade_date": "2024-02-01"}

    bought = post(alice_client, account, **BUY)
    received = post(alice_client, depot, **moved, counter_account_id=str(account.pk))

    assert [(answer.status_code, answer.json()["code"]) for answer in (bought, received)] == [
        (400, "account_holds_no_securities")
    ] * 2
    paid_out = {"type": "DIVIDEND", "symbol": "ACME", "amount": "1", "trade_date": "2024-02-01"}
    assert post(alice_client, account, **paid_out).status_code == 201


def test_a_split_that_is_known(alice_client: APIClient, depot: Account, acme: Security) -> None:
    SplitFactory.create(security=acme, ex_date=date(2024, 3, 1), numerator=4)
    facts = {"type": "SPLIT", "symbol": "ACME", "ratio_numerator": 4, "ratio_denominator": 1}

    near, far = (post(alice_client, depot, **facts, trade_date=day) for day in ("2024-03-04", "2024-05-01"))

    assert (near.status_code, near.json()) == (
        409, {"detail": "This split is known already and counts by itself.", "code": "split_known"},
    )  # fmt: skip
    assert far.status_code == 201


def test_anothers_accounts_and_securities_are_as_missing_ones(
    alice_client: APIClient, charlie: User, depot: Account
) -> None:
    theirs = AccountFactory.create(owner=charlie, account_type=Account.Type.INVESTMENT)
    house = SecurityFactory.create(symbol="HOUSE", owner=charlie)
    facts = {"type": "TRANSFER", "amount": "1", "trade_date": "2024-01-02"}
    bought = {"type": "BUY", "quantity": "1", "unit_price": "1", "trade_date": "2024-01-02"}

    to = [post(alice_client, depot, **facts, counter_account_id=key) for key in (str(theirs.pk), str(uuid4()), "x")]
    of = [post(alice_client, depot, **bought, security_id=key) for key in (str(house.uuid), str(uuid4()), 5)]
    named = post(alice_client, depot, **bought, symbol="HOUSE")

    assert {answer.content for answer in to} == {to[0].content}
    assert {answer.content for answer in of} == {of[0].content}
    violation = {"msg": "This does not exist.", "type": "does_not_exist"}
    assert to[0].json()["detail"] == [{"loc": ["body", "counter_account_id"], **violation}]
    assert of[0].json()["detail"] == [{"loc": ["body", "security_id"], **violation}]
    assert named.json()["detail"] == [{"loc": ["body", "symbol"], **violation}]


def test_strangers_see_nothing(alice_client: APIClient, charlie_client: APIClient, depot: Account) -> None:
    body = post(alice_client, depot, type="DEPOSIT", amount="1", trade_date="2024-01-02").json()

    assert charlie_client.get("/api/v1/transactions").json() == []
    for path in ("/api/v1/transactions/{}", "/api/v1/transactions/{}/revisions"):
        assert_hidden(charlie_client.get(path.format(body["id"])), charlie_client.get(path.format("x")))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/accounts/{a}/transactions"), ("post", "/accounts/{a}/transactions"),
        ("post", "/accounts/{a}/transactions/bulk"), ("get", "/accounts/{a}/cash"), ("get", "/accounts/{a}/gains"),
        ("get", "/transactions"), ("get", "/transactions/proposals"), ("get", "/transactions/{a}"),
        ("patch", "/transactions/{a}"), ("delete", "/transactions/{a}"), ("get", "/transactions/{a}/revisions"),
        ("get", "/holdings/{a}/lots"),
    ],
)  # fmt: skip
def test_all_need_a_login(anonymous: APIClient, depot: Account, method: str, path: str) -> None:
    response = getattr(anonymous, method)("/api/v1" + path.format(a=depot.pk))

    assert_unauthenticated(response, NOT_AUTHENTICATED)


@pytest.mark.parametrize("known", [False, True])
def test_three_rows_cost_the_queries_of_one(alice_client: APIClient, depot: Account, known: bool) -> None:
    def queries() -> int:
        parameters = {"known_at": as_text(timezone.now())} if known else {}
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(url(depot), parameters).status_code == 200
        return len(captured)

    post(alice_client, depot, type="DEPOSIT", amount="1", trade_date="2024-01-02")
    one = queries()
    for _ in range(2):
        post(alice_client, depot, type="DEPOSIT", amount="1", trade_date="2024-01-02")

    assert queries() == one == 4  # user, account, count, page
