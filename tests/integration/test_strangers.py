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
from finances.users.models import User
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
    ("get", "/securities/{id}", None, security_id),
    ("get", "/securities/{id}/prices", None, security_id),
]
IN_BODY: list[tuple[str, str, Any, Callable[[User], uuid.UUID]]] = [
    ("post", "/accounts", {"name": "A", "account_type": "CASH", "financial_institution_id": "{id}"}, institution_id),
    ("post", "/holdings", {"account_id": "{id}", "symbol": "ACME", "quantity": "1"}, account_id),
]
OWN_ID = re.compile(r"\{(account|holding|transaction)_id\}")
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
    assert anothers[0] == 404 if (method, path, body, made_by) in IN_PATH else anothers[0] in (200, 422)


def test_every_path_with_an_id_of_somebodys_is_among_them() -> None:
    document = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
    kinds = ("accounts", "financial-institutions", "holdings", "transactions")
    personal = tuple(f"/api/v1/{kind}/{{" for kind in kinds)
    described = {
        (method, OWN_ID.sub("{id}", path.replace("/api/v1", "").replace("{day}", "2024-01-31")))
        for path, operations in document["paths"].items()
        if path.startswith(personal)
        for method in operations
        if method in ("get", "post", "put", "patch", "delete")
    }

    assert len(described) > 10
    assert described <= {(method, path) for method, path, *_ in IN_PATH}
