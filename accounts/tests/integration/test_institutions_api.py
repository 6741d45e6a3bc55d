from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import FinancialInstitution
from accounts.tests.factories import AccountFactory, FinancialInstitutionFactory
from finances.testing.answers import NOBODYS_ID, assert_hidden, violations
from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, as_text, assert_unauthenticated

URL = "/api/v1/financial-institutions"


def body_of(row: FinancialInstitution, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "institution_type": row.institution_type,
        "country": row.country,
        "url": row.url,
        "created_at": as_text(row.created_at),
        "updated_at": as_text(row.updated_at),
    } | changes


def names(client: APIClient, **parameters: Any) -> list[str]:
    response = client.get(URL, parameters)
    assert response.status_code == 200, response.json()
    return [row["name"] for row in response.json()]


def test_create(alice_client: APIClient, alice: User) -> None:
    sent = {"name": "First Bank", "institution_type": "BANK", "country": "AT", "url": "https://bank.example"}
    response = alice_client.post(URL, sent)
    row = FinancialInstitution.objects.get()
    assert response.status_code == 201
    assert response.json() == body_of(row, **sent)
    assert list(response.json()) == list(body_of(row))
    assert row.owner == alice


def test_create_with_a_name_alone(alice_client: APIClient) -> None:
    response = alice_client.post(URL, {"name": " First Bank "})
    expected = {"name": "First Bank", "institution_type": "OTHER", "country": "", "url": ""}
    assert response.status_code == 201
    assert response.json() == body_of(FinancialInstitution.objects.get(), **expected)


def test_create_ignores_what_is_not_the_callers_to_say(alice_client: APIClient, alice: User, charlie: User) -> None:
    sent = {"name": "B", "id": NOBODYS_ID, "owner": str(charlie.pk), "created_at": "2001-01-01T00:00:00Z"}
    response = alice_client.post(URL, sent)
    row = FinancialInstitution.objects.get()
    assert (response.status_code, response.json()["id"]) == (201, str(row.pk))
    assert (row.owner, str(row.pk) == NOBODYS_ID, row.created_at.year > 2001) == (alice, False, True)


BAD = [
    ({"name": 5}, "name"),
    ({"name": ""}, "name"),
    ({"name": "  "}, "name"),
    ({"name": None}, "name"),
    ({"name": True}, "name"),
    ({"name": ["a"]}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "a\x00b"}, "name"),
    ({"institution_type": "CASINO"}, "institution_type"),
    ({"institution_type": "bank"}, "institution_type"),
    ({"institution_type": 5}, "institution_type"),
    ({"institution_type": None}, "institution_type"),
    ({"institution_type": ""}, "institution_type"),
    ({"institution_type": {}}, "institution_type"),
    ({"country": "at"}, "country"),
    ({"country": "AUT"}, "country"),
    ({"country": "A\n"}, "country"),
    ({"country": 43}, "country"),
    ({"country": None}, "country"),
    ({"url": "nowhere"}, "url"),
    ({"url": "javascript:alert(1)"}, "url"),
    ({"url": "https://bank.example/" + "x" * 300}, "url"),
    ({"url": "https://bank.example/\x00"}, "url"),
    ({"url": 5}, "url"),
]


@pytest.mark.parametrize(("fields", "field"), BAD)
def test_bad_input(alice_client: APIClient, alice: User, fields: dict[str, Any], field: str) -> None:
    row = FinancialInstitutionFactory.create(owner=alice)
    created = alice_client.post(URL, {"name": "First Bank", **fields})
    changed = alice_client.patch(f"{URL}/{row.pk}", fields)
    assert violations(created)[0] == violations(changed)[0] == ["body", field]
    assert FinancialInstitution.objects.get().name == row.name


def test_every_violation_at_once(alice_client: APIClient) -> None:
    response = alice_client.post(URL, {"institution_type": "X", "country": "x", "url": "x"})
    assert violations(response) == [["body", name] for name in ("name", "institution_type", "country", "url")]


@pytest.mark.parametrize(
    "raw", ["[]", "null", "5", '"x"', '{"name": "\\ud800"}', "{", '{"name": NaN}', "[" * 50_000 + "]" * 50_000]
)
def test_bodies_that_are_no_object(alice_client: APIClient, raw: str) -> None:
    response = alice_client.post(URL, raw, content_type="application/json")
    assert violations(response) == [["body"]]


def test_read(alice_client: APIClient, alice: User) -> None:
    row = FinancialInstitutionFactory.create(owner=alice)
    response = alice_client.get(f"{URL}/{row.pk}")
    assert (response.status_code, response.json()) == (200, body_of(row))


def test_change(alice_client: APIClient, alice: User) -> None:
    row = FinancialInstitutionFactory.create(owner=alice)
    response = alice_client.patch(f"{URL}/{row.pk}", {"country": "DE"})
    stored = FinancialInstitution.objects.get()
    assert (response.status_code, response.json()) == (
        200,
        body_of(row, country="DE", updated_at=as_text(stored.updated_at)),
    )
    assert stored.updated_at > row.updated_at


def test_change_of_nothing_changes_nothing(alice_client: APIClient, alice: User) -> None:
    row = FinancialInstitutionFactory.create(owner=alice)
    assert alice_client.patch(f"{URL}/{row.pk}", {}).json() == body_of(row)


def test_a_change_leaves_other_columns_alone(alice: User) -> None:
    row = FinancialInstitutionFactory.create(owner=alice)
    FinancialInstitution.objects.update(country="DE")
    row.change(name="New")
    stored = FinancialInstitution.objects.get()
    assert (stored.name, stored.country) == ("New", "DE")


def test_put_is_not_offered(alice_client: APIClient, alice: User) -> None:
    row = FinancialInstitutionFactory.create(owner=alice)
    response = alice_client.put(f"{URL}/{row.pk}", {"name": "X"})
    assert response.status_code == 405
    assert response.json() == {"detail": 'Method "PUT" not allowed.', "code": "method_not_allowed"}


def test_delete(alice_client: APIClient, alice: User) -> None:
    row = FinancialInstitutionFactory.create(owner=alice)
    response = alice_client.delete(f"{URL}/{row.pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert not FinancialInstitution.objects.exists()


def test_delete_one_with_accounts(alice_client: APIClient, alice: User) -> None:
    row = FinancialInstitutionFactory.create(owner=alice)
    AccountFactory.create(owner=alice, financial_institution=row)
    response = alice_client.delete(f"{URL}/{row.pk}")
    assert response.status_code == 409
    assert response.json() == {
        "detail": "There are accounts at this institution; move or delete them first.",
        "code": "institution_in_use",
    }


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_anothers_is_not_found(alice_client: APIClient, charlie: User, method: str) -> None:
    row = FinancialInstitutionFactory.create(owner=charlie)
    ask = getattr(alice_client, method)
    assert_hidden(ask(f"{URL}/{row.pk}", {}), ask(f"{URL}/{NOBODYS_ID}", {}))
    assert_hidden(ask(f"{URL}/{row.pk}", {}), ask(f"{URL}/nonsense", {}))
    assert FinancialInstitution.objects.get().updated_at == row.updated_at


def test_list_filters(alice_client: APIClient, alice: User, charlie: User) -> None:
    FinancialInstitutionFactory.create(owner=charlie, name="C")
    FinancialInstitutionFactory.create(owner=alice, name="Broker_1", institution_type="BROKERAGE", country="DE")
    FinancialInstitutionFactory.create(owner=alice, name="Bank", country="AT")
    assert names(alice_client) == ["Bank", "Broker_1"]
    assert names(alice_client, institution_type="BROKERAGE") == ["Broker_1"]
    assert names(alice_client, country="AT") == ["Bank"]
    assert names(alice_client, name="BROKER") == ["Broker_1"]
    assert names(alice_client, name="_") == ["Broker_1"]
    assert names(alice_client, name="%") == []
    assert names(alice_client, ordering="-name") == ["Broker_1", "Bank"]
    assert names(alice_client, updated_since=as_text(timezone.now())) == []
    assert names(alice_client, skip=1, limit=1) == ["Broker_1"]
    assert alice_client.get(URL)["X-Total-Count"] == "2"


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"institution_type": "CASINO"}, "institution_type"),
        ({"country": "AUT"}, "country"),
        ({"name": "a\x00"}, "name"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"ordering": "owner"}, "ordering"),
        ({"limit": "1001"}, "limit"),
    ],
)
def test_list_refuses_malformed_parameters(alice_client: APIClient, parameters: dict[str, str], field: str) -> None:
    assert violations(alice_client.get(URL, parameters)) == [["query", field]]


def test_list_costs_the_same_queries_for_three_rows_as_for_one(alice_client: APIClient, alice: User) -> None:
    counts = []
    for rows in (1, 2):
        FinancialInstitutionFactory.create_batch(rows, owner=alice)
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(URL).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("post", ""), ("get", f"/{NOBODYS_ID}"), ("patch", f"/{NOBODYS_ID}"), ("delete", f"/{NOBODYS_ID}")],
)
def test_unauthenticated(anonymous: APIClient, method: str, path: str) -> None:
    assert_unauthenticated(getattr(anonymous, method)(f"{URL}{path}"), NOT_AUTHENTICATED)
