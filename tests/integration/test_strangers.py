"""Another user's object answers exactly as a missing one, for every operation that takes an id in path or body."""

import re
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import yaml
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.tests.factories import (
    AccountFactory,
    AccountValueFactory,
    FinancialInstitutionFactory,
    HoldingFactory,
    TransactionFactory,
)
from finances.sync.tests.factories import batch_of
from finances.users.models import Session, User
from finances.users.tests.factories import PersonalTokenFactory
from finances.users.tokens import issue_tokens
from securities.tests.factories import SecurityFactory
from tests.installation import ROOT

DAY = date(2024, 1, 31)
DEPOSIT = {"type": "DEPOSIT", "trade_date": "2024-02-29", "amount": "1.00"}
VALUE = {"value_date": "2024-02-29", "value": "1.00"}


def account_of(owner: User) -> Account:
    account: Account = AccountFactory.create(owner=owner, account_type=Account.Type.INVESTMENT)
    AccountValueFactory.create(account=account, value_date=DAY)
    return account


def account_id(owner: User) -> uuid.UUID:
    return account_of(owner).pk


def institution_id(owner: User) -> uuid.UUID:
    return uuid.UUID(str(FinancialInstitutionFactory.create(owner=owner).pk))


def holding_id(owner: User) -> uuid.UUID:
    return uuid.UUID(str(HoldingFactory.create(account=account_of(owner)).pk))


def transaction_id(owner: User) -> uuid.UUID:
    return uuid.UUID(str(TransactionFactory.create(account=account_of(owner)).pk))


def security_id(owner: User) -> uuid.UUID:
    return uuid.UUID(str(SecurityFactory.create(owner=owner).uuid))


def run_id(owner: User) -> uuid.UUID:
    return batch_of({"ACME": "SUCCEEDED"}, started_by=owner).uuid


def user_id(owner: User) -> uuid.UUID:
    return owner.pk


def session_id(owner: User) -> uuid.UUID:
    issue_tokens(owner)
    return Session.objects.filter(user=owner).latest("created_at").pk


def token_id(owner: User) -> uuid.UUID:
    return uuid.UUID(str(PersonalTokenFactory.create(user=owner).pk))


# (method, path, body, whose id stands for {id})
IN_PATH: list[tuple[str, str, Any, Callable[[User], uuid.UUID]]] = [
    ("get", "/accounts/{id}", None, account_id),
    ("patch", "/accounts/{id}", {"name": "Mine"}, account_id),
    ("delete", "/accounts/{id}", None, account_id),
    ("get", "/accounts/{id}/values", None, account_id),
    ("post", "/accounts/{id}/values", VALUE, account_id),
    ("put", "/accounts/{id}/values", [VALUE], account_id),
    ("get", "/accounts/{id}/values/2024-01-31", None, account_id),
    ("put", "/accounts/{id}/values/2024-01-31", {"value": "1.00"}, account_id),
    ("patch", "/accounts/{id}/values/2024-01-31", {"value": "1.00"}, account_id),
    ("delete", "/accounts/{id}/values/2024-01-31", None, account_id),
    ("get", "/accounts/{id}/transactions", None, account_id),
    ("post", "/accounts/{id}/transactions", DEPOSIT, account_id),
    ("post", "/accounts/{id}/transactions/bulk", [DEPOSIT], account_id),
    ("get", "/accounts/{id}/cash", None, account_id),
    ("get", "/accounts/{id}/gains", None, account_id),
    ("get", "/transactions/{id}", None, transaction_id),
    ("patch", "/transactions/{id}", {"note": "Mine"}, transaction_id),
    ("delete", "/transactions/{id}", None, transaction_id),
    ("get", "/transactions/{id}/revisions", None, transaction_id),
    ("get", "/holdings/{id}/lots", None, holding_id),
    ("get", "/financial-institutions/{id}", None, institution_id),
    ("patch", "/financial-institutions/{id}", {"name": "Mine"}, institution_id),
    ("delete", "/financial-institutions/{id}", None, institution_id),
    ("get", "/holdings/{id}", None, holding_id),
    ("patch", "/holdings/{id}", {"quantity": "1"}, holding_id),
    ("delete", "/holdings/{id}", None, holding_id),
    ("delete", "/auth/sessions/{id}", None, session_id),
    ("delete", "/auth/tokens/{id}", None, token_id),
    ("get", "/securities/{id}", None, security_id),
    ("patch", "/securities/{id}", {"name": "Mine"}, security_id),
    ("delete", "/securities/{id}", None, security_id),
    ("get", "/securities/{id}/actions", None, security_id),
    ("get", "/securities/{id}/quality", None, security_id),
    ("post", "/securities/{id}/sync", {}, security_id),
    ("get", "/securities/{id}/prices", None, security_id),
    ("put", "/securities/{id}/prices", [], security_id),
    ("post", "/securities/{id}/prices/upload", None, security_id),
    ("delete", "/securities/{id}/prices/2024-01-31", None, security_id),
    ("get", "/market-data/sync-runs/{id}", None, run_id),
    ("get", "/users/{id}", None, user_id),
    ("patch", "/users/{id}", {"is_active": False}, user_id),
    ("delete", "/users/{id}", None, user_id),
]
STAFFS_ALONE = ("/users/",)
IN_BODY: list[tuple[str, str, Any, Callable[[User], uuid.UUID]]] = [
    ("post", "/accounts", {"name": "A", "account_type": "CASH", "financial_institution_id": "{id}"}, institution_id),
    ("post", "/holdings", {"account_id": "{id}", "symbol": "ACME", "quantity": "1"}, account_id),
]
OWN_ID = re.compile(r"\{((account|holding|transaction)_id|symbol|batch_id)\}")
EVERYBODYS = "/api/v1/currencies/"
IN_QUERY: list[tuple[str, str, Any, Callable[[User], uuid.UUID]]] = [
    ("get", "/holdings?account={id}", None, account_id),
    ("get", "/transactions?account={id}", None, account_id),
    ("get", "/transactions?security={id}", None, security_id),
    ("get", "/transactions/proposals?account={id}", None, account_id),
    ("get", "/portfolio/net-worth?accounts={id}", None, account_id),
    ("get", "/portfolio/history?accounts={id}", None, account_id),
    ("get", "/portfolio/allocation?by=type&accounts={id}", None, account_id),
    ("get", "/accounts?financial_institution_id={id}", None, institution_id),
]
ALL = IN_PATH + IN_BODY + IN_QUERY


def answer(
    client: APIClient, method: str, path: str, body: Any, chosen: uuid.UUID
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers; what an answer says of its own request is blanked."""
    if isinstance(body, dict):
        body = {name: str(chosen) if value == "{id}" else value for name, value in body.items()}
    response = getattr(client, method)("/api/v1" + path.format(id=chosen), body)
    headers = {name: value for name, value in response.headers.items() if name not in ("Date", "X-Request-ID")}
    return response.status_code, response.content.replace(str(chosen).encode(), b"{id}"), headers


@pytest.mark.parametrize(("method", "path", "body", "made_by"), ALL, ids=[f"{m.upper()} {p}" for m, p, *_ in ALL])
def test_anothers_id_answers_as_a_missing_one(
    alice_client: APIClient, charlie: User, method: str, path: str, body: Any, made_by: Callable[[User], uuid.UUID]
) -> None:
    SecurityFactory.create(symbol="ACME")
    chosen = made_by(charlie)

    anothers = answer(alice_client, method, path, body, chosen)
    missing = answer(alice_client, method, path, body, uuid.uuid4())

    assert anothers == missing
    if (method, path, body, made_by) in IN_PATH:
        assert anothers[0] == (403 if path.startswith(STAFFS_ALONE) else 404)
    else:
        assert anothers[0] in (200, 422)


def test_every_path_with_an_id_of_somebodys_is_among_them() -> None:
    document = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
    described = {
        (method, OWN_ID.sub("{id}", path.replace("/api/v1", "").replace("{day}", "2024-01-31")))
        for path, operations in document["paths"].items()
        if "{" in path and not path.startswith(EVERYBODYS)
        for method in operations
        if method in ("get", "post", "put", "patch", "delete")
    }

    assert len(described) > 30
    assert described == {(method, path) for method, path, *_ in IN_PATH}
