"""Every write leaves an entry: who, what, by which request, and never a value."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from django.contrib.admin import site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.tests.factories import (
    AccountFactory,
    AccountValueFactory,
    FinancialInstitutionFactory,
    HoldingFactory,
    TransactionFactory,
)
from currencies.models import Currency
from currencies.tests.factories import CurrencyFactory
from finances.audit.models import Entry
from finances.audit.site import AuditedPage
from finances.testing.plugin import client_of
from finances.testing.yahoo import Script
from finances.users.models import User
from finances.users.tests.factories import PASSWORD, UserFactory
from securities.tests.factories import SecurityFactory, store_closes
from tests.installation import ROOT

DEPOSIT = {"type": "DEPOSIT", "trade_date": "2024-02-29", "amount": "1.00"}
READS_BY_POST = {("post", "/portfolio/explain")}


def account(owner: User) -> Account:
    made: Account = AccountFactory.create(owner=owner, account_type=Account.Type.INVESTMENT)
    AccountValueFactory.create(account=made, value_date=date(2024, 1, 31))
    return made


def account_id(owner: User) -> str:
    return str(account(owner).pk)


def institution_id(owner: User) -> str:
    return str(FinancialInstitutionFactory.create(owner=owner).pk)


def holding_id(owner: User) -> str:
    return str(HoldingFactory.create(account=account(owner)).pk)


def transaction_id(owner: User) -> str:
    return str(TransactionFactory.create(account=account(owner)).pk)


def security_id(owner: User) -> str:
    security = SecurityFactory.create(owner=owner)
    store_closes(security, {date(2024, 1, 31): 5.0})
    return str(security.uuid)


def user_id(owner: User) -> str:
    return str(UserFactory.create().pk)


def currency_code(owner: User) -> str:
    return str(CurrencyFactory.create(code="QQQ").pk)


def none(owner: User) -> str:
    return ""


def csv() -> SimpleUploadedFile:
    return SimpleUploadedFile("prices.csv", b"date,close\n2024-01-31,5\n", "text/csv")


Made = Callable[[User], str]
# operation: (whose id is in the path, body; action, object type, names of fields)
WRITES: dict[tuple[str, str], tuple[Made, Any, tuple[str, str, list[str]]]] = {
    ("post", "/accounts"): (
        none,
        {"name": "A", "account_type": "CASH"},
        ("create", "account", ["account_type", "name"]),
    ),
    ("patch", "/accounts/{id}"): (account_id, {"name": "B", "secret": 1}, ("change", "account", ["name"])),
    ("delete", "/accounts/{id}"): (account_id, None, ("delete", "account", [])),
    ("post", "/accounts/{id}/values"): (
        account_id,
        {"value_date": "2024-02-29", "value": "1.00"},
        ("create", "account-value", ["value", "value_date"]),
    ),
    ("put", "/accounts/{id}/values"): (account_id, [], ("replace", "account-value", [])),
    ("put", "/accounts/{id}/values/{day}"): (
        account_id,
        {"value": "1.00"},
        ("replace", "account-value", ["value"]),
    ),
    ("patch", "/accounts/{id}/values/{day}"): (
        account_id,
        {"value": "1.00"},
        ("change", "account-value", ["value"]),
    ),
    ("delete", "/accounts/{id}/values/{day}"): (account_id, None, ("delete", "account-value", [])),
    ("post", "/accounts/{id}/transactions"): (
        account_id,
        DEPOSIT,
        ("create", "transaction", ["amount", "trade_date", "type"]),
    ),
    ("post", "/accounts/{id}/transactions/bulk"): (account_id, [DEPOSIT], ("create", "account-transactions", [])),
    ("patch", "/transactions/{id}"): (transaction_id, {"note": "N"}, ("change", "transaction", ["note"])),
    ("delete", "/transactions/{id}"): (transaction_id, None, ("delete", "transaction", [])),
    ("post", "/financial-institutions"): (none, {"name": "B"}, ("create", "financial-institution", ["name"])),
    ("patch", "/financial-institutions/{id}"): (
        institution_id,
        {"name": "B"},
        ("change", "financial-institution", ["name"]),
    ),
    ("delete", "/financial-institutions/{id}"): (institution_id, None, ("delete", "financial-institution", [])),
    ("post", "/holdings"): (
        none,
        {"account_id": account_id, "symbol": "ACME", "quantity": "1"},
        ("create", "holding", ["account_id", "quantity", "symbol"]),
    ),
    ("patch", "/holdings/{id}"): (holding_id, {"quantity": "7"}, ("change", "holding", ["quantity"])),
    ("delete", "/holdings/{id}"): (holding_id, None, ("delete", "holding", [])),
    ("post", "/securities"): (
        none,
        {"symbol": "HOUSE", "name": "House", "currency_code": "QQQ", "security_type": "OTHER"},
        ("create", "security", ["currency_code", "name", "security_type", "symbol"]),
    ),
    ("patch", "/securities/{id}"): (security_id, {"name": "H"}, ("change", "security", ["name"])),
    ("delete", "/securities/{id}"): (security_id, None, ("delete", "security", [])),
    ("put", "/securities/{id}/prices"): (security_id, [], ("put_prices", "security", [])),
    ("delete", "/securities/{id}/prices/{day}"): (security_id, None, ("delete_price", "security", [])),
    ("post", "/securities/{id}/prices/upload"): (security_id, csv, ("upload_prices", "security", [])),
    ("post", "/securities/{id}/sync"): (lambda owner: "NEWCO", {}, ("sync", "security", [])),
    ("post", "/market-data/sync"): (none, {"symbols": ["ACME"]}, ("create", "sync-run", ["symbols"])),
    ("post", "/currencies"): (none, {"code": "XTS", "name": "T"}, ("create", "currency", ["code", "name"])),
    ("put", "/currencies/{id}"): (
        currency_code,
        {"code": "QQQ", "name": "Q"},
        ("replace", "currency", ["code", "name"]),
    ),
    ("patch", "/currencies/{id}"): (currency_code, {"name": "Q"}, ("change", "currency", ["name"])),
    ("delete", "/currencies/{id}"): (currency_code, None, ("delete", "currency", [])),
    ("post", "/currencies/sync-rates"): (none, {"base": "EUR", "quotes": ["USD"]}, ("sync_rates", "currency", [])),
    ("patch", "/users/me"): (none, {"base_currency": "CHF"}, ("change", "user", ["base_currency"])),
    ("delete", "/users/me"): (none, None, ("delete", "user", [])),
    ("patch", "/users/{id}"): (user_id, {"is_active": False}, ("change", "user", ["is_active"])),
    ("delete", "/users/{id}"): (user_id, None, ("delete", "user", [])),
}


# Syncs of several pairs write from threads of their own.
COMMITTED = dict.fromkeys(
    [("post", "/currencies/sync-rates"), ("post", "/market-data/sync")], pytest.mark.django_db(transaction=True)
)
OPERATIONS = [
    pytest.param(one, id=f"{one[0].upper()} {one[1]}", marks=[COMMITTED[one]] if one in COMMITTED else [])
    for one in WRITES
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_write_leaves_one_entry(rosa: User, fake_yahoo: Script, operation: tuple[str, str]) -> None:
    fake_yahoo.now = datetime(2024, 3, 1, 22, tzinfo=UTC)
    for symbol in ("ACME", "NEWCO"):
        fake_yahoo.add(symbol, closes={date(2024, 1, 31): 5.0})
    for code in ("EUR", "USD"):
        CurrencyFactory.create(code=code)
    if operation[1] in ("/securities", "/holdings"):
        CurrencyFactory.create(code="QQQ")
    (method, path), (made, body, expected) = operation, WRITES[operation]
    chosen = made(rosa)
    if isinstance(body, dict):
        body = {name: part(rosa) if callable(part) else part for name, part in body.items()}
    sent: Any = {"data": body} if not callable(body) else {"data": {"file": body()}, "format": "multipart"}
    url = "/api/v1" + path.format(id=chosen, day="2024-01-31")

    response = getattr(client_of(rosa), method)(url, **sent, HTTP_X_REQUEST_ID="request-17")

    assert response.status_code in (200, 201, 202, 204), response.content
    entry = Entry.objects.get()
    assert (entry.action, entry.object_type, entry.fields) == expected
    assert (entry.actor_id, entry.request_id) == (rosa.pk, "request-17")
    answered = response.json() if response.content else {}
    made_id = answered.get("id") or answered.get("code", "") if isinstance(answered, dict) else ""
    own_id = str(rosa.pk) if path == "/users/me" else ""
    assert entry.object_id.split("/")[0] in {chosen, made_id, own_id}
    assert bool(entry.object_id) == (path != "/currencies/sync-rates")


def test_every_operation_that_writes_is_among_them() -> None:
    document = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
    described = {
        (method, path.removeprefix("/api/v1"))
        for path, operations in document["paths"].items()
        for method in operations
        if method in ("post", "put", "patch", "delete")
    }
    names = ("{account_id}", "{transaction_id}", "{holding_id}", "{symbol}", "{code}")
    written = set()
    for method, path in described:
        for name in names:
            path = path.replace(name, "{id}")
        written.add((method, path))

    writes = {(method, path) for method, path in written if not path.startswith("/auth/")} - READS_BY_POST

    assert writes == set(WRITES)


def test_what_is_refused_leaves_none(alice_client: APIClient, alice: User) -> None:
    url = f"/api/v1/accounts/{account_id(alice)}"

    assert alice_client.patch(url, {"opened_on": "2024-02-01", "closed_on": "2024-01-01"}).status_code == 400
    assert not Entry.objects.exists()


def test_the_names_of_a_senders_own_words_are_not_kept(alice_client: APIClient, alice: User) -> None:
    alice_client.patch(f"/api/v1/accounts/{account_id(alice)}", {"name": "Secret savings", "My diary": "x"})

    kept = json.dumps(Entry.objects.values().get(), default=str)

    assert "Secret" not in kept
    assert "diary" not in kept


def test_a_new_password_leaves_one(alice: User) -> None:
    body = {"current_password": PASSWORD, "new_password": "staple horse battery"}

    response = client_of(alice).post("/api/v1/auth/change-password", body)

    assert response.status_code == 200
    assert (Entry.objects.get().action, Entry.objects.get().object_id) == ("change_password", str(alice.pk))


# --- The back office --------------------------------------------------------------------------------------------------


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.test", "correct horse battery"))
    Entry.objects.all().delete()
    return client


def test_every_page_of_the_back_office_is_audited() -> None:
    assert len(site._registry) > 10
    assert [type(page) for page in site._registry.values() if not isinstance(page, AuditedPage)] == []


def test_the_back_office_leaves_entries(office: Client) -> None:
    url = "/admin/currencies/currency/"
    added = {"code": "QQQ", "name": "Quatloo", "symbol": "Q", "minor_digits": "2", "last_valid_on": ""}

    assert office.post(f"{url}add/", added).status_code == 302
    assert office.post(f"{url}QQQ/change/", {**added, "name": "Other"}).status_code == 302
    assert office.post(f"{url}QQQ/delete/", {"post": "yes"}).status_code == 302

    kind = "currencies.currency"
    assert [(e.action, e.object_type, e.object_id) for e in Entry.objects.order_by("id")] == [
        ("create", kind, "QQQ"),
        ("change", kind, "QQQ"),
        ("delete", kind, "QQQ"),
    ]
    assert Entry.objects.get(action="change").fields == ["name"]


def test_many_deleted_and_deactivated_at_once(office: Client, alice: User, charlie: User) -> None:
    currencies = [CurrencyFactory.create(code=code).pk for code in ("QQQ", "QQR")]
    chosen = {"_selected_action": currencies, "action": "delete_selected", "post": "yes"}
    users = {"_selected_action": [str(alice.pk), str(charlie.pk)], "action": "deactivate"}

    assert office.post("/admin/currencies/currency/", chosen).status_code == 302
    assert office.post("/admin/users/user/", users).status_code == 302

    assert not Currency.objects.filter(pk__in=currencies).exists()
    assert sorted((e.action, e.object_id) for e in Entry.objects.all()) == sorted(
        [("delete", code) for code in currencies] + [("change", str(user.pk)) for user in (alice, charlie)]
    )


def test_staff_read_the_trail_and_change_nothing(office: Client, alice: User) -> None:
    client_of(alice).post("/api/v1/financial-institutions", {"name": "Bank"})
    entry = Entry.objects.get()

    listed = office.get("/admin/audit/entry/", {"q": str(alice.pk)})
    refused = office.post(f"/admin/audit/entry/{entry.pk}/change/", {"action": "other"})
    deleted = office.post(f"/admin/audit/entry/{entry.pk}/delete/", {"post": "yes"})

    assert listed.status_code == 200
    assert entry.object_id in listed.content.decode()
    assert (refused.status_code, deleted.status_code) == (403, 403)
    assert Entry.objects.get().action == "create"
