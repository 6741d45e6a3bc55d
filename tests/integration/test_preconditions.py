"""If-Match: a change is made only to what its caller has seen."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import FinancialInstitution
from finances.testing.plugin import client_of
from finances.users.models import User
from finances.users.tests.races import together
from tests.objects import (
    V1,
    account_url,
    currency_url,
    holding_url,
    institution_url,
    security_url,
    transaction_url,
    user_url,
    value_url,
)

STALE = {"detail": "This was changed meanwhile; read it again.", "code": "precondition_failed"}
OTHER_TAG = '"00000000000000000000000000000000"'


def own_url(_owner: User) -> str:
    return f"{V1}/users/me"


CHANGES: list[tuple[Any, dict[str, Any]]] = [
    (account_url, {"name": "New"}),
    (institution_url, {"name": "New"}),
    (value_url, {"value": "7.00"}),
    (holding_url, {"quantity": "7"}),
    (transaction_url, {"note": "New"}),
    (security_url, {"name": "New"}),
    (currency_url, {"name": "New"}),
    (own_url, {"base_currency": "CHF"}),
    (user_url, {"is_active": False}),
]
every_object = pytest.mark.parametrize(("url_of", "changes"), CHANGES, ids=[made.__name__ for made, _ in CHANGES])


@every_object
def test_one_object(rosa_client: APIClient, rosa: User, url_of: Any, changes: dict[str, Any]) -> None:
    url = url_of(rosa)
    seen = rosa_client.get(url)["ETag"]

    changed = rosa_client.patch(url, changes, HTTP_IF_MATCH=seen)
    stale = rosa_client.patch(url, changes, HTTP_IF_MATCH=seen)
    read = rosa_client.get(url)

    assert changed.status_code == 200
    assert (stale.status_code, stale.json()) == (412, STALE)
    assert changed["ETag"] == read["ETag"] != seen
    assert changed.content == read.content
    assert rosa_client.get(url, HTTP_IF_NONE_MATCH=read["ETag"]).status_code == 304


@every_object
def test_deleted_only_as_seen(rosa_client: APIClient, rosa: User, url_of: Any, changes: dict[str, Any]) -> None:
    url = url_of(rosa)

    stale = rosa_client.delete(url, HTTP_IF_MATCH=OTHER_TAG)
    deleted = rosa_client.delete(url, HTTP_IF_MATCH=f"{OTHER_TAG}, {rosa_client.get(url)['ETag']}")

    assert (stale.status_code, stale.json()) == (412, STALE)
    assert (deleted.status_code, deleted.has_header("ETag")) == (204, False)


@every_object
def test_any_version_and_none(rosa_client: APIClient, rosa: User, url_of: Any, changes: dict[str, Any]) -> None:
    url = url_of(rosa)

    assert rosa_client.patch(url, changes, HTTP_IF_MATCH="*").status_code == 200
    assert rosa_client.patch(url, changes).status_code == 200


@pytest.mark.parametrize("text", ["", "abc", '"a', '"a" "b"', '"a",', '*, "a"', f'"{"a" * 5000}"'])
def test_malformed(alice_client: APIClient, alice: User, text: str) -> None:
    response = alice_client.patch(account_url(alice), {"name": "New"}, HTTP_IF_MATCH=text)

    assert response.status_code == 422
    assert [violation["loc"] for violation in response.json()["detail"]] == [["header", "If-Match"]]


def test_weak_tags_never_match_and_those_of_compressed_bodies_do(alice_client: APIClient, alice: User) -> None:
    url = account_url(alice)
    tag = alice_client.get(url)["ETag"]

    weak = alice_client.patch(url, {"name": "Weak"}, HTTP_IF_MATCH=f"W/{tag}")
    compressed = alice_client.patch(url, {"name": "Compressed"}, HTTP_IF_MATCH=f'{tag[:-1]}-gzip"')

    assert (weak.status_code, compressed.status_code) == (412, 200)


def test_what_is_created_comes_with_its_tag(alice_client: APIClient, alice: User) -> None:
    created = alice_client.post(f"{V1}/financial-institutions", {"name": "Bank"})
    account = account_url(alice)
    value = alice_client.post(f"{account}/values", {"value_date": "2024-01-31", "value": "1.00"})
    deposit = {"type": "DEPOSIT", "trade_date": "2024-01-31", "amount": "1.00"}
    posted = alice_client.post(f"{account}/transactions", deposit)

    for answer, url in [
        (created, f"{V1}/financial-institutions/{created.json()['id']}"),
        (value, f"{account}/values/2024-01-31"),
        (posted, f"{V1}/transactions/{posted.json()['id']}"),
    ]:
        assert answer.status_code == 201
        assert answer["ETag"] == alice_client.get(url)["ETag"]


def test_nothing_to_replace_yet(alice_client: APIClient, alice: User) -> None:
    url = f"{account_url(alice)}/values/2024-01-31"

    refused = alice_client.put(url, {"value": "1.00"}, HTTP_IF_MATCH="*")

    assert (refused.status_code, refused.json()) == (412, STALE)
    assert alice_client.put(url, {"value": "1.00"}).status_code == 201


def test_lists_have_no_tag(alice_client: APIClient, alice: User) -> None:
    url = f"{account_url(alice)}/values"

    assert not alice_client.get(url).has_header("ETag")
    assert alice_client.put(url, [], HTTP_IF_MATCH=OTHER_TAG).status_code == 412
    assert alice_client.put(url, [], HTTP_IF_MATCH="*").status_code == 200


def test_a_stranger_learns_nothing(charlie_client: APIClient, alice: User) -> None:
    response = charlie_client.patch(account_url(alice), {"name": "Mine"}, HTTP_IF_MATCH=OTHER_TAG)

    assert (response.status_code, response.json()) == (404, {"detail": "Not found.", "code": "not_found"})


def test_a_tag_costs_no_statement(alice_client: APIClient, alice: User) -> None:
    url = account_url(alice)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        alice_client.get(url)

    assert len(queries) == 2  # the user, the account


@pytest.mark.django_db(transaction=True)
def test_of_six_who_saw_the_same_one_changes_it(alice: User) -> None:
    for url_of in (account_url, institution_url, holding_url, transaction_url):
        url, wanted = url_of(alice), dict(CHANGES)[url_of]
        seen = client_of(alice).get(url)["ETag"]
        calls = [partial(client_of(alice).patch, url, wanted, HTTP_IF_MATCH=seen) for _ in range(6)]
        assert Counter(answer.status_code for answer in together(calls)) == {200: 1, 412: 5}


def test_institutions_are_left_alone_by_stale_changes(alice_client: APIClient, alice: User) -> None:
    alice_client.patch(institution_url(alice), {"name": "New"}, HTTP_IF_MATCH=OTHER_TAG)

    assert not FinancialInstitution.objects.filter(name="New").exists()
