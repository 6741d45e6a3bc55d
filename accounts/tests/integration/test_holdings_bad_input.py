import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, Holding
from accounts.tests.factories import AccountFactory, HoldingFactory
from finances.testing.yahoo import Script
from finances.users.models import User
from securities.models import Security
from securities.tests.factories import SecurityFactory

URL = "/api/v1/holdings"
BAD_NUMBERS = [
    True, [], {}, [1], "", " ", "many", "NaN", "Infinity", "-Infinity", "sNaN", "1e400", "1e-400", "9" * 400, "1_0",
    "١", "1\x00", "0x1F", "-1", "1.0000000000001", "1000000000000000000", "0." + "0" * 4000 + "1",
]  # fmt: skip
BAD_DAYS = [5, True, "", "soon", "2022-02-30", "2022-1-3", "20220103", "2022-01-03T00:00:00Z", [], {}, "2022\x00"]
BAD_SYMBOLS = [5, True, "", " ", "A B", "x" * 33, "A\x00", "A/B", "%00", "ÄCME", [], {}]


@pytest.fixture
def depot(alice: User) -> Account:
    return AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)


@pytest.fixture
def holding(depot: Account) -> Holding:
    return HoldingFactory.create(account=depot)


def locs(response: Any) -> list[list[Any]]:
    assert response.status_code == 422, response.json()
    assert response.json()["code"] == "validation_error"
    return [violation["loc"] for violation in response.json()["detail"]]


BAD_FIELDS = [
    *[("quantity", value) for value in [*BAD_NUMBERS, None, 0, "0", "-0", "0.000"]],
    *[("average_cost", value) for value in [*BAD_NUMBERS, "0.000000001"]],
    *[("acquired_on", value) for value in BAD_DAYS],
]


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS)
def test_a_bad_field_names_itself(
    alice_client: APIClient, depot: Account, fake_yahoo: Script, field: str, value: Any
) -> None:
    body = {"account_id": str(depot.pk), "symbol": "NOPE", "quantity": "1", field: value}

    assert locs(alice_client.post(URL, body)) == [["body", field]]
    assert (Holding.objects.count(), Security.objects.count(), fake_yahoo.calls) == (0, 0, [])


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS)
def test_a_bad_change_names_its_field(alice_client: APIClient, holding: Holding, field: str, value: Any) -> None:
    before = alice_client.get(f"{URL}/{holding.pk}").json()

    assert locs(alice_client.patch(f"{URL}/{holding.pk}", {field: value})) == [["body", field]]
    assert alice_client.get(f"{URL}/{holding.pk}").json() == before


@pytest.mark.parametrize("symbol", BAD_SYMBOLS)
def test_a_bad_symbol_names_itself(alice_client: APIClient, depot: Account, fake_yahoo: Script, symbol: Any) -> None:
    body = {"account_id": str(depot.pk), "symbol": symbol, "quantity": "1"}

    assert set(map(tuple, locs(alice_client.post(URL, body)))) == {("body", "symbol")}
    assert fake_yahoo.calls == []


@pytest.mark.parametrize("number", ["NaN", "1e400", "-1e400", "Infinity", '"\\ud800"'])
@pytest.mark.parametrize("field", ["quantity", "average_cost", "acquired_on", "symbol", "account_id", "security_id"])
def test_what_is_not_json_is_refused(alice_client: APIClient, depot: Account, field: str, number: str) -> None:
    raw = f'{{"account_id": "{depot.pk}", "{field}": {number}}}'

    response = alice_client.post(URL, raw, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (422, "validation_error")


@pytest.mark.parametrize("number", ["9" * 300, "1e300", "0.1234567890123", "1e-300", "-0.5"])
def test_long_numbers_name_their_field(alice_client: APIClient, holding: Holding, number: str) -> None:
    response = alice_client.patch(f"{URL}/{holding.pk}", f'{{"quantity": {number}}}', content_type="application/json")

    assert locs(response) == [["body", "quantity"]]


@pytest.mark.parametrize("body", [[], "text", 5, None, True])
def test_a_body_must_be_an_object(alice_client: APIClient, holding: Holding, body: Any) -> None:
    for send, path in [(alice_client.post, URL), (alice_client.patch, f"{URL}/{holding.pk}")]:
        response = send(path, json.dumps(body), content_type="application/json")

        assert locs(response) == [["body"]]


def test_every_violation_is_told_at_once(alice_client: APIClient) -> None:
    assert sorted(locs(alice_client.post(URL, {}))) == [
        ["body", "account_id"], ["body", "quantity"], ["body", "security_id"],
    ]  # fmt: skip


@pytest.mark.parametrize("named", [{}, {"symbol": None}, {"security_id": None, "symbol": None}])
def test_no_security(alice_client: APIClient, depot: Account, named: dict[str, None]) -> None:
    response = alice_client.post(URL, {"account_id": str(depot.pk), "quantity": "1", **named})

    assert response.status_code == 422
    assert response.json()["detail"] == [
        {"loc": ["body", "security_id"], "msg": "Give security_id or symbol.", "type": "required"}
    ]


def test_a_security_named_twice(alice_client: APIClient, depot: Account, fake_yahoo: Script) -> None:
    security = SecurityFactory.create(symbol="ACME")
    named = {"security_id": str(security.uuid), "symbol": "NOPE"}

    response = alice_client.post(URL, {"account_id": str(depot.pk), "quantity": "1", **named})

    assert response.status_code == 422
    assert response.json()["detail"] == [
        {"loc": ["body", "symbol"], "msg": "Give security_id or symbol, not both.", "type": "not_both"}
    ]
    assert fake_yahoo.calls == []
