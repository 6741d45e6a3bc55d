"""Two writers at the same moment: each is answered as the contract says, and nothing is lost or left half done."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, FinancialInstitution
from accounts.tests.factories import FinancialInstitutionFactory
from currencies.models import Currency
from currencies.tests.factories import CurrencyFactory
from finances.audit.models import Entry
from finances.testing.plugin import client_of
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from finances.users.tests.races import at_once, together
from securities.models import Security
from securities.tests.factories import SecurityFactory
from tests.objects import (
    V1,
    account_url,
    currency_url,
    holding_url,
    institution_url,
    price_url,
    security_url,
    session_url,
    token_url,
    transaction_url,
    user_url,
    value_url,
)

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def test_one_currency_made_by_four(rosa: User) -> None:
    calls = [partial(client_of(rosa).post, f"{V1}/currencies", {"code": "QQQ", "name": "Q"}) for _ in range(4)]

    answers = Counter(status for status, _ in at_once(calls))

    assert answers[201] == 1
    assert answers.keys() <= {201, 409}
    assert (Currency.objects.count(), Entry.objects.count()) == (1, 1)


def test_one_manual_security_made_by_four(alice: User) -> None:
    CurrencyFactory.create(code="EUR")
    body = {"symbol": "HOUSE", "name": "House", "security_type": "OTHER", "currency_code": "EUR"}
    calls = [partial(client_of(alice).post, f"{V1}/securities", body) for _ in range(4)]

    answers = Counter(at_once(calls))

    assert answers == {(201, None): 1, (409, "security_exists"): 3}
    assert Security.objects.count() == 1


def test_an_account_opened_in_a_currency_that_is_deleted(alice: User, rosa: User) -> None:
    body = {"name": "A", "account_type": "CASH", "currency_code": "QQQ"}
    for _ in range(ROUNDS):
        CurrencyFactory.create(code="QQQ")
        opened, deleted = statuses(
            partial(client_of(alice).post, f"{V1}/accounts", body),
            partial(client_of(rosa).delete, f"{V1}/currencies/QQQ"),
        )
        assert (opened, deleted) in [(201, 409), (422, 204), (409, 204)]
        Account.objects.all().delete()
        Currency.objects.all().delete()


def test_a_write_of_a_user_who_is_deleted(rosa: User) -> None:
    for _ in range(ROUNDS):
        user = UserFactory.create()
        written, deleted = statuses(
            partial(client_of(user).post, f"{V1}/financial-institutions", {"name": "Bank"}),
            partial(client_of(rosa).delete, f"{V1}/users/{user.pk}"),
        )
        assert written in (201, 401, 409)
        assert deleted in (204, 409)
    assert FinancialInstitution.objects.count() == User.objects.exclude(pk=rosa.pk).count()


def test_changes_of_different_fields_all_last(alice: User, rosa: User) -> None:
    bank = FinancialInstitutionFactory.create(owner=alice)
    house = SecurityFactory.create(owner=alice, sector="", industry="")
    CurrencyFactory.create(code="QQQ")
    pairs: list[tuple[User, str, dict[str, Any]]] = [
        (alice, f"{V1}/financial-institutions/{bank.pk}", {"name": "New", "country": "AT"}),
        (alice, f"{V1}/securities/{house.uuid}", {"sector": "New", "industry": "Other"}),
        (alice, f"{V1}/users/me", {"base_currency": "CHF", "time_zone": "Europe/Vienna"}),
        (rosa, f"{V1}/currencies/QQQ", {"name": "New", "symbol": "Q"}),
    ]
    for user, url, changes in pairs:
        calls = [partial(client_of(user).patch, url, {name: text}) for name, text in changes.items()]
        assert statuses(*calls) == [200, 200]
        stored = client_of(user).get(url).json()
        assert {name: stored[name] for name in changes} == changes


@pytest.mark.parametrize(
    "url_of",
    [institution_url, account_url, value_url, holding_url, transaction_url, security_url, price_url, currency_url,
     user_url, session_url, token_url],
)  # fmt: skip
def test_one_deleted_by_four(rosa: User, url_of: Callable[[User], str]) -> None:
    url = url_of(rosa)
    calls = [partial(client_of(rosa).delete, url) for _ in range(4)]

    assert at_once(calls) == [(204, None)] + [(404, "not_found")] * 3
    assert Entry.objects.count() == 1


def test_four_who_delete_themselves(alice: User) -> None:
    answers = Counter(at_once([partial(client_of(alice).delete, f"{V1}/users/me") for _ in range(4)]))

    assert answers[204, None] == 1
    assert answers.keys() <= {(204, None), (404, "not_found"), (401, "token_not_valid")}
    assert Entry.objects.count() == 1


def statuses(*calls: Any) -> list[int]:
    return [response.status_code for response in together(calls)]


def test_sixteen_writers_at_once(alice: User) -> None:
    clients: list[APIClient] = [client_of(alice) for _ in range(16)]
    calls = [partial(client.post, f"{V1}/financial-institutions", {"name": "Bank"}) for client in clients]

    assert at_once(calls) == [(201, None)] * 16
    assert (FinancialInstitution.objects.count(), Entry.objects.count()) == (16, 16)
