from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, AccountValue, AccountValueRevision
from accounts.tests.factories import (
    AccountFactory,
    AccountValueFactory,
    FinancialInstitutionFactory,
    HoldingFactory,
)
from currencies.models import Currency
from currencies.tests.factories import CurrencyFactory
from finances.testing.answers import NOBODYS_ID, TOO_LARGE, assert_hidden, violations
from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, as_text, assert_unauthenticated

URL = "/api/v1/accounts"
NO_VALUE = [{"figure": "latest_value", "code": "missing_value", "detail": "No value is recorded yet."}]


def body_of(account: Account, **changes: Any) -> dict[str, Any]:
    institution = account.financial_institution_id
    return {
        "id": str(account.pk),
        "name": account.name,
        "account_type": account.account_type,
        "classification": "ASSET",
        "financial_institution_id": institution and str(institution),
        "currency_code": account.currency_id,
        "interest_rate": None,
        "is_active": True,
        "opened_on": None,
        "closed_on": None,
        "cost_basis_method": "FIFO",
        "allow_short": False,
        "latest_value": None,
        "latest_value_date": None,
        "missing": NO_VALUE,
        "created_at": as_text(account.created_at),
        "updated_at": as_text(account.updated_at),
    } | changes


def names(client: APIClient, **parameters: Any) -> list[str]:
    response = client.get(URL, parameters)
    assert response.status_code == 200, response.json()
    return [row["name"] for row in response.json()]


def test_open_with_name_and_type_alone(alice_client: APIClient, alice: User) -> None:
    response = alice_client.post(URL, {"name": "Everyday", "account_type": "CHECKING"})
    account = Account.objects.get()
    assert response.status_code == 201
    assert response.json() == body_of(account, name="Everyday", currency_code="USD")
    assert list(response.json()) == list(body_of(account))
    assert account.owner == alice
    assert Currency.objects.get().name == "US Dollar"


def test_open_with_everything(alice_client: APIClient, alice: User) -> None:
    CurrencyFactory.create(code="EUR")
    sent = {
        "name": "House",
        "account_type": "MORTGAGE",
        "financial_institution_id": str(FinancialInstitutionFactory.create(owner=alice).pk),
        "currency_code": "EUR",
        "interest_rate": "0.042500",
        "is_active": False,
        "opened_on": "2020-01-31",
        "closed_on": "2020-01-31",
        "cost_basis_method": "HIFO",
        "allow_short": True,
    }
    response = alice_client.post(URL, sent)
    expected = {**sent, "classification": "LIABILITY", "interest_rate": "0.0425"}
    assert (response.status_code, response.json()) == (201, body_of(Account.objects.get(), **expected))


def test_open_takes_the_base_currency_of_the_user(alice_client: APIClient, alice: User) -> None:
    alice.change(base_currency="JPY")
    response = alice_client.post(URL, {"name": "円", "account_type": "SAVINGS"})
    assert (response.status_code, response.json()["currency_code"]) == (201, "JPY")


@pytest.mark.parametrize("rate", [0.05, "5e-2", "0.05"])
def test_interest_rate_as_number_or_string(alice_client: APIClient, rate: Any) -> None:
    response = alice_client.post(URL, {"name": "A", "account_type": "SAVINGS", "interest_rate": rate})
    assert (response.status_code, response.json()["interest_rate"]) == (201, "0.05")


def test_read_with_latest_value(alice_client: APIClient, alice: User) -> None:
    account = AccountFactory.create(owner=alice, interest_rate="-0.005")
    AccountValueFactory.create(account=account, value_date=date(2026, 1, 31), value="50000")
    AccountValueFactory.create(account=account, value_date=date(2025, 12, 31), value="1")
    latest = {"latest_value": "50000.00", "latest_value_date": "2026-01-31", "missing": []}
    response = alice_client.get(f"{URL}/{account.pk}")
    assert (response.status_code, response.json()) == (200, body_of(account, interest_rate="-0.005", **latest))
    assert alice_client.get(URL).json() == [response.json()]


BAD = [
    ({"name": 5}, "name"),
    ({"name": ""}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "a\x00"}, "name"),
    ({"account_type": "PIGGY"}, "account_type"),
    ({"account_type": 5}, "account_type"),
    ({"account_type": None}, "account_type"),
    ({"financial_institution_id": "nonsense"}, "financial_institution_id"),
    ({"financial_institution_id": NOBODYS_ID}, "financial_institution_id"),
    ({"financial_institution_id": ""}, "financial_institution_id"),
    ({"financial_institution_id": 5}, "financial_institution_id"),
    ({"financial_institution_id": 2**70}, "financial_institution_id"),
    ({"financial_institution_id": [NOBODYS_ID]}, "financial_institution_id"),
    ({"financial_institution_id": True}, "financial_institution_id"),
    ({"currency_code": "XXZ"}, "currency_code"),
    ({"currency_code": "usd"}, "currency_code"),
    ({"currency_code": "U\x00D"}, "currency_code"),
    ({"currency_code": 840}, "currency_code"),
    ({"currency_code": None}, "currency_code"),
    ({"currency_code": ""}, "currency_code"),
    ({"currency_code": ["USD"]}, "currency_code"),
    ({"interest_rate": "five"}, "interest_rate"),
    ({"interest_rate": True}, "interest_rate"),
    ({"interest_rate": ""}, "interest_rate"),
    ({"interest_rate": "NaN"}, "interest_rate"),
    ({"interest_rate": "Infinity"}, "interest_rate"),
    ({"interest_rate": "1000"}, "interest_rate"),
    ({"interest_rate": "0.0000001"}, "interest_rate"),
    ({"interest_rate": TOO_LARGE}, "interest_rate"),
    ({"interest_rate": int("9" * 300)}, "interest_rate"),
    ({"is_active": "yes"}, "is_active"),
    ({"is_active": 1}, "is_active"),
    ({"is_active": None}, "is_active"),
    ({"opened_on": "31.01.2020"}, "opened_on"),
    ({"opened_on": "2020-02-30"}, "opened_on"),
    ({"opened_on": 20200131}, "opened_on"),
    ({"closed_on": "20200131"}, "closed_on"),
    ({"closed_on": True}, "closed_on"),
]


@pytest.mark.parametrize(("fields", "field"), BAD)
def test_bad_input(alice_client: APIClient, alice: User, fields: dict[str, Any], field: str) -> None:
    account = AccountFactory.create(owner=alice)
    opened = alice_client.post(URL, {"name": "A", "account_type": "CASH", **fields})
    changed = alice_client.patch(f"{URL}/{account.pk}", fields)
    assert violations(opened) == violations(changed) == [["body", field]]
    assert Account.objects.get().updated_at == account.updated_at


@pytest.mark.parametrize("number", ["1e400", "NaN", "Infinity", TOO_LARGE])
def test_numbers_that_are_not_json(alice_client: APIClient, number: str) -> None:
    raw = f'{{"name": "A", "account_type": "CASH", "interest_rate": {number}, "financial_institution_id": {number}}}'
    assert violations(alice_client.post(URL, raw, content_type="application/json")) == [["body"]]


def test_nothing_sent(alice_client: APIClient) -> None:
    assert violations(alice_client.post(URL, {})) == [["body", "name"], ["body", "account_type"]]


def test_anothers_institution_is_refused_like_an_unknown_one(
    alice_client: APIClient, alice: User, charlie: User
) -> None:
    account = AccountFactory.create(owner=alice)
    foreign = str(FinancialInstitutionFactory.create(owner=charlie).pk)
    for institution in (foreign, NOBODYS_ID, "nonsense"):
        fields = {"name": "A", "account_type": "CASH", "financial_institution_id": institution}
        for response in (alice_client.post(URL, fields), alice_client.patch(f"{URL}/{account.pk}", fields)):
            assert response.status_code == 422
            assert response.json() == {
                "detail": [
                    {
                        "loc": ["body", "financial_institution_id"],
                        "msg": "This does not exist.",
                        "type": "does_not_exist",
                    }
                ],
                "code": "validation_error",
            }


def test_closed_before_opened(alice_client: APIClient, alice: User) -> None:
    account = AccountFactory.create(owner=alice, opened_on=date(2020, 1, 2))
    refused = {"detail": "closed_on is before opened_on.", "code": "closed_before_opened"}
    days = {"opened_on": "2020-01-02", "closed_on": "2020-01-01"}
    opened = alice_client.post(URL, {"name": "A", "account_type": "CASH", **days})
    changed = alice_client.patch(f"{URL}/{account.pk}", {"closed_on": "2020-01-01"})
    assert (opened.status_code, opened.json()) == (changed.status_code, changed.json()) == (400, refused)


def test_change(alice_client: APIClient, alice: User) -> None:
    account = AccountFactory.create(owner=alice, closed_on=date(2020, 1, 1))
    sent = {"name": "New", "is_active": False, "closed_on": None}
    response = alice_client.patch(f"{URL}/{account.pk}", sent)
    stored = Account.objects.get()
    assert (response.status_code, response.json()) == (
        200,
        body_of(account, **sent, updated_at=as_text(stored.updated_at)),
    )
    assert stored.updated_at > account.updated_at


def test_change_of_nothing_changes_nothing(alice_client: APIClient, alice: User) -> None:
    account = AccountFactory.create(owner=alice)
    assert alice_client.patch(f"{URL}/{account.pk}", {}).json() == body_of(account)


def test_change_of_currency_while_empty(alice_client: APIClient, alice: User) -> None:
    account, _ = AccountFactory.create(owner=alice), CurrencyFactory.create(code="EUR")
    response = alice_client.patch(f"{URL}/{account.pk}", {"currency_code": "EUR"})
    assert (response.status_code, response.json()["currency_code"]) == (200, "EUR")


def test_change_of_currency_with_values(alice_client: APIClient, alice: User) -> None:
    account, _ = AccountFactory.create(owner=alice), CurrencyFactory.create(code="EUR")
    AccountValueFactory.create(account=account)
    response = alice_client.patch(f"{URL}/{account.pk}", {"currency_code": "EUR", "name": "New"})
    assert response.status_code == 409
    assert response.json() == {
        "detail": "The account has values or transactions in its currency; open another account for another currency.",
        "code": "currency_in_use",
    }
    assert Account.objects.get().name == account.name
    assert alice_client.patch(f"{URL}/{account.pk}", {"currency_code": "USD"}).status_code == 200


def test_put_is_not_offered(alice_client: APIClient, alice: User) -> None:
    account = AccountFactory.create(owner=alice)
    response = alice_client.put(f"{URL}/{account.pk}", {"name": "X", "account_type": "CASH"})
    assert response.status_code == 405
    assert response.json() == {"detail": 'Method "PUT" not allowed.', "code": "method_not_allowed"}


def test_delete_takes_everything_in_it(alice_client: APIClient, alice: User) -> None:
    account, kept = AccountFactory.create_batch(2, owner=alice)
    value, kept_value = (AccountValueFactory.create(account=row) for row in (account, kept))
    alice_client.delete(f"{URL}/{account.pk}/values/{value.value_date}")
    alice_client.post(f"{URL}/{account.pk}/values", {"value_date": "2026-01-01", "value": 1})
    response = alice_client.delete(f"{URL}/{account.pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert (Account.objects.get(), AccountValue.objects.get()) == (kept, kept_value)
    assert not AccountValueRevision.objects.exists()


def test_delete_of_a_user_takes_institutions_and_accounts(alice_client: APIClient, alice: User) -> None:
    account = AccountFactory.create(owner=alice, financial_institution=FinancialInstitutionFactory.create(owner=alice))
    AccountValueFactory.create(account=account)
    assert alice_client.delete("/api/v1/users/me").status_code == 204
    assert not Account.objects.exists()


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_anothers_is_not_found(alice_client: APIClient, charlie: User, method: str) -> None:
    account = AccountFactory.create(owner=charlie)
    ask = getattr(alice_client, method)
    assert_hidden(ask(f"{URL}/{account.pk}", {"name": "X"}), ask(f"{URL}/{NOBODYS_ID}", {"name": "X"}))
    assert_hidden(ask(f"{URL}/{account.pk}", {"name": 5}), ask(f"{URL}/nonsense", {"name": 5}))
    assert Account.objects.get().updated_at == account.updated_at


def test_list_filters(alice_client: APIClient, alice: User, charlie: User) -> None:
    AccountFactory.create(owner=charlie)
    bank = FinancialInstitutionFactory.create(owner=alice)
    AccountFactory.create(owner=alice, name="Loan", account_type="LOAN", is_active=False)
    AccountFactory.create(owner=alice, name="Giro", financial_institution=bank)
    AccountFactory.create(owner=alice, name="Euro", currency=CurrencyFactory.create(code="EUR"))
    assert names(alice_client) == ["Euro", "Giro", "Loan"]
    assert names(alice_client, name="o") == ["Euro", "Giro", "Loan"]
    assert names(alice_client, name="GIR") == ["Giro"]
    assert names(alice_client, account_type="LOAN") == ["Loan"]
    assert names(alice_client, classification="LIABILITY") == ["Loan"]
    assert names(alice_client, classification="ASSET") == ["Euro", "Giro"]
    assert names(alice_client, is_active="true") == ["Euro", "Giro"]
    assert names(alice_client, is_active="false") == ["Loan"]
    assert names(alice_client, financial_institution_id=str(bank.pk)) == ["Giro"]
    assert names(alice_client, financial_institution_id=NOBODYS_ID) == []
    assert names(alice_client, currency="EUR") == ["Euro"]
    assert names(alice_client, updated_since=as_text(timezone.now())) == []
    assert names(alice_client, ordering="-name") == ["Loan", "Giro", "Euro"]
    assert names(alice_client, skip=1, limit=1) == ["Giro"]
    assert alice_client.get(URL)["X-Total-Count"] == "3"


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"account_type": "PIGGY"}, "account_type"),
        ({"classification": "EQUITY"}, "classification"),
        ({"is_active": "maybe"}, "is_active"),
        ({"financial_institution_id": "nonsense"}, "financial_institution_id"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": "E\x00R"}, "currency"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"ordering": "owner"}, "ordering"),
        ({"skip": "-1"}, "skip"),
    ],
)
def test_list_refuses_malformed_parameters(alice_client: APIClient, parameters: dict[str, str], field: str) -> None:
    assert violations(alice_client.get(URL, parameters)) == [["query", field]]


def test_list_costs_the_same_queries_for_three_rows_as_for_one(alice_client: APIClient, alice: User) -> None:
    counts = []
    for rows in (1, 2):
        bank = FinancialInstitutionFactory.create(owner=alice)
        for account in AccountFactory.create_batch(rows, owner=alice, financial_institution=bank):
            AccountValueFactory.create(account=account)
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(URL).status_code == 200
        counts.append(len(captured))
    assert counts == [2, 2]  # the user, the page with its count


def test_a_recorded_value_changes_its_account(alice_client: APIClient, alice: User) -> None:
    account, _ = AccountFactory.create(owner=alice, name="A"), AccountFactory.create(owner=alice)
    before = as_text(timezone.now())
    alice_client.post(f"{URL}/{account.pk}/values", {"value_date": "2026-01-01", "value": 1})
    assert names(alice_client, updated_since=before) == ["A"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("post", ""), ("get", f"/{NOBODYS_ID}"), ("patch", f"/{NOBODYS_ID}"), ("delete", f"/{NOBODYS_ID}")],
)
def test_unauthenticated(anonymous: APIClient, method: str, path: str) -> None:
    assert_unauthenticated(getattr(anonymous, method)(f"{URL}{path}"), NOT_AUTHENTICATED)


def test_change_of_type_with_securities(alice_client: APIClient, alice: User) -> None:
    account = HoldingFactory.create(account__owner=alice, account__account_type="INVESTMENT").account
    response = alice_client.patch(f"{URL}/{account.pk}", {"account_type": "CASH"})
    assert response.status_code == 409
    assert response.json() == {
        "detail": "The account holds securities, which accounts of this type do not.",
        "code": "account_holds_securities",
    }
    assert alice_client.patch(f"{URL}/{account.pk}", {"account_type": "CRYPTO"}).status_code == 200


def test_change_of_currency_with_holdings(alice_client: APIClient, alice: User) -> None:
    account = HoldingFactory.create(account__owner=alice, account__account_type="INVESTMENT").account
    CurrencyFactory.create(code="EUR")
    response = alice_client.patch(f"{URL}/{account.pk}", {"currency_code": "EUR"})
    assert (response.status_code, response.json()["code"]) == (409, "currency_in_use")
