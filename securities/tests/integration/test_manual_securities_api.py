from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from currencies.tests.factories import CurrencyFactory
from finances.sync.models import SyncRun
from finances.testing.answers import NOBODYS_ID, assert_hidden, violations
from finances.testing.plugin import client_of
from finances.testing.yahoo import Script
from finances.users.models import User
from finances.users.tests.races import at_once
from securities.batch import stale_symbols
from securities.models import Price, Security
from securities.tests.factories import SecurityFactory, store_closes

URL = "/api/v1/securities"
BODY = {"symbol": "house", "name": "House by the lake", "security_type": "OTHER", "currency_code": "USD"}
LISTED = {
    "detail": "Listed securities are kept by the back office; only manual ones can be changed here.",
    "code": "permission_denied",
}
EXISTS = {"detail": "You have a security with this symbol already.", "code": "security_exists"}


@pytest.fixture(autouse=True)
def _currency() -> None:
    CurrencyFactory.create(code="USD")


@pytest.fixture
def house(alice: User) -> Security:
    security = SecurityFactory.create(symbol="HOUSE", owner=alice, time_zone="UTC", exchange="")
    store_closes(security, {date(2026, 6, 30): 412500.0})
    return security


def at(security: Security) -> str:
    return f"{URL}/{security.uuid}"


def test_add_one(alice_client: APIClient, alice: User) -> None:
    response = alice_client.post(URL, BODY)

    body = response.json()
    stored = Security.objects.get()
    assert response.status_code == 201
    assert body == {
        "id": str(stored.uuid),
        "symbol": "HOUSE",
        "name": "House by the lake",
        "security_type": "OTHER",
        "exchange": "",
        "currency_code": "USD",
        "quote_unit": "USD",
        "sector": "",
        "industry": "",
        "market_cap": None,
        "isin": "",
        "time_zone": "UTC",
        "is_manual": True,
        "is_active": True,
        "inactive_reason": "",
        "successor_symbol": None,
        "current_price": None,
        "price_at": None,
        "missing": [{"figure": "current_price", "code": "missing_price", "detail": "No price is stored yet."}],
        "last_synced_at": None,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    assert stored.owner == alice
    assert alice_client.get(at(stored)).json() == body
    assert [row["id"] for row in alice_client.get(URL).json()] == [body["id"]]


def test_add_one_with_all_there_is_to_say(alice_client: APIClient) -> None:
    facts = {
        "exchange": "None", "sector": "Real estate", "industry": "Homes", "isin": "US0378331005",
        "time_zone": "Europe/Vienna",
    }  # fmt: skip

    body = alice_client.post(URL, {**BODY, **facts}).json()

    assert {name: body[name] for name in facts} == facts


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"symbol": None}, "symbol"),
        ({"symbol": ""}, "symbol"),
        ({"symbol": "A B"}, "symbol"),
        ({"symbol": "X" * 33}, "symbol"),
        ({"symbol": "HOUSE\n"}, None),
        ({"symbol": 5}, "symbol"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": ["a"]}, "name"),
        ({"security_type": "BOND"}, "security_type"),
        ({"security_type": True}, "security_type"),
        ({"currency_code": "XXQ"}, "currency_code"),
        ({"currency_code": {"code": "USD"}}, "currency_code"),
        ({"currency_code": 10**30}, "currency_code"),
        ({"isin": "US037833100"}, "isin"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": None}, "time_zone"),
        ({"sector": "x" * 101}, "sector"),
        ({"industry": 1.5}, "industry"),
        ({"exchange": "x" * 51}, "exchange"),
    ],
)
def test_what_is_malformed_names_itself(alice_client: APIClient, change: dict[str, Any], field: str | None) -> None:
    response = alice_client.post(URL, {**BODY, **change})

    if field is None:  # blanks around a symbol are taken off
        assert response.json()["symbol"] == "HOUSE"
    else:
        assert violations(response) == [["body", field]]
        assert not Security.objects.exists()


def test_every_violation_at_once(alice_client: APIClient) -> None:
    assert violations(alice_client.post(URL, {"isin": "?"})) == [
        ["body", "symbol"], ["body", "name"], ["body", "security_type"], ["body", "currency_code"], ["body", "isin"],
    ]  # fmt: skip


@pytest.mark.parametrize("raw", ["[]", "5", "null", '"x"', '{"symbol": NaN}', '{"symbol": 1e400}', "{"])
def test_what_is_no_object(alice_client: APIClient, raw: str) -> None:
    assert alice_client.post(URL, raw, content_type="application/json").status_code == 422
    assert not Security.objects.exists()


def test_the_same_symbol_twice(alice_client: APIClient, charlie_client: APIClient) -> None:
    SecurityFactory.create(symbol="HOUSE")
    assert alice_client.post(URL, BODY).status_code == 201

    again = alice_client.post(URL, {**BODY, "symbol": "House"})

    assert (again.status_code, again.json()) == (409, EXISTS)
    assert charlie_client.post(URL, BODY).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_the_same_symbol_by_four_at_once(alice: User) -> None:
    calls = [lambda client=client: client.post(URL, BODY) for client in [client_of(alice) for _ in range(4)]]

    assert at_once(calls) == [(201, None), *[(409, "security_exists")] * 3]


def test_change_one(alice_client: APIClient, house: Security) -> None:
    response = alice_client.patch(at(house), {"name": "Hut", "symbol": "hut", "currency_code": "USD"})

    body = response.json()
    assert (response.status_code, body["name"], body["symbol"]) == (200, "Hut", "HUT")
    assert (body["current_price"], body["security_type"]) == (412500.0, "STOCK")
    assert alice_client.get(at(house)).json() == body
    assert body["updated_at"] > house.updated_at.isoformat().replace("+00:00", "Z")


def test_a_change_to_a_symbol_in_use(alice_client: APIClient, alice: User, house: Security) -> None:
    SecurityFactory.create(symbol="HUT", owner=alice)

    response = alice_client.patch(at(house), {"symbol": "HUT"})

    assert (response.status_code, response.json()) == (409, EXISTS)


def test_the_currency_stays(alice_client: APIClient, house: Security) -> None:
    CurrencyFactory.create(code="EUR")

    response = alice_client.patch(at(house), {"currency_code": "EUR"})

    assert response.status_code == 422
    assert response.json()["detail"] == [
        {"loc": ["body", "currency_code"], "msg": "A security keeps its currency.", "type": "immutable"}
    ]


def test_put_is_not_there(alice_client: APIClient, house: Security) -> None:
    assert alice_client.put(at(house), BODY).status_code == 405


def test_delete_one_with_its_prices(alice_client: APIClient, house: Security) -> None:
    other = SecurityFactory.create()
    store_closes(other, {date(2026, 6, 30): 1.0})

    response = alice_client.delete(at(house))

    assert (response.status_code, response.content) == (204, b"")
    assert list(Security.objects.all()) == [other]
    assert Price.objects.count() == 1
    assert alice_client.delete(at(house)).status_code == 404


@pytest.mark.parametrize("name", ["ACME", "acme", "id"])
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_listed_ones_are_the_back_offices(
    alice_client: APIClient, rosa_client: APIClient, name: str, method: str
) -> None:
    listed = SecurityFactory.create(symbol="ACME")
    url = at(listed) if name == "id" else f"{URL}/{name}"

    for client in (alice_client, rosa_client):
        response = getattr(client, method)(url, {"name": "Mine"})
        assert (response.status_code, response.json()) == (403, LISTED)
    assert Security.objects.get().name == "ACME Corporation"


def test_strangers_find_nothing(
    charlie_client: APIClient, rosa_client: APIClient, house: Security, fake_yahoo: Script
) -> None:
    for client in (charlie_client, rosa_client):
        for method, path, body in [
            ("get", "", None),
            ("get", "/prices", None),
            ("get", "/prices?known_at=2026-07-01T00:00:00Z", None),
            ("get", "/quality", None),
            ("patch", "", {"name": "Mine"}),
            ("delete", "", None),
            ("post", "/sync", {}),
        ]:
            answers = [getattr(client, method)(f"{URL}/{key}{path}", body) for key in (house.uuid, NOBODYS_ID)]
            assert_hidden(*answers)
        assert client.get(URL).json() == []
        assert client.get(f"{URL}/search?query=house").json() == []
        assert client.get(f"{URL}/quotes?symbols=HOUSE,{house.uuid}").json() == {
            "quotes": [], "unknown": ["HOUSE", str(house.uuid).upper()],
        }  # fmt: skip
    assert fake_yahoo.calls == [("search", "house", 10)] * len(fake_yahoo.calls)
    assert not SyncRun.objects.exclude(trigger="COMMAND").exists()


def test_the_owner_finds_it_next_to_what_yahoo_lists(
    alice_client: APIClient, house: Security, fake_yahoo: Script
) -> None:
    fake_yahoo.add("HOUSE", closes={}, name="House Inc.")

    hits = alice_client.get(f"{URL}/search?query=hous").json()

    assert [(hit["id"], hit["symbol"], hit["is_manual"], hit["in_database"]) for hit in hits] == [
        (str(house.uuid), "HOUSE", True, True),
        (None, "HOUSE", False, False),
    ]


def test_its_symbol_names_nothing(alice_client: APIClient, house: Security) -> None:
    assert alice_client.get(f"{URL}/HOUSE").status_code == 404
    assert alice_client.get(f"{URL}/quotes?symbols=HOUSE").json() == {"quotes": [], "unknown": ["HOUSE"]}
    assert alice_client.delete(f"{URL}/HOUSE").status_code == 404


def test_it_is_never_synced(alice_client: APIClient, house: Security, fake_yahoo: Script) -> None:
    fake_yahoo.add("HOUSE", closes={date(2026, 7, 1): 1.0})

    response = alice_client.post(f"{at(house)}/sync", {})

    assert (response.status_code, response.json()) == (
        400,
        {
            "detail": "This security is kept by hand; there is nothing to sync it from.",
            "code": "manual_security",
        },
    )
    assert fake_yahoo.calls == []
    assert stale_symbols(synced_before=None) == []


@pytest.mark.django_db(transaction=True)
def test_a_sync_of_its_symbol_makes_a_listed_one(alice_client: APIClient, alice: User, fake_yahoo: Script) -> None:
    own = SecurityFactory.create(symbol="HOUSE", owner=alice, name="Mine")
    fake_yahoo.add("HOUSE", closes={date(2022, 12, 28): 1.0}, name="House Inc.")

    response = alice_client.post(f"{URL}/HOUSE/sync", {})

    assert (response.status_code, response.json()["name"]) == (200, "House Inc.")
    assert response.json()["id"] != str(own.uuid)
    assert not own.prices.exists()


def test_writes_need_a_login(anonymous: APIClient, house: Security) -> None:
    for method, url in [("post", URL), ("patch", at(house)), ("delete", at(house))]:
        assert getattr(anonymous, method)(url, BODY).status_code == 401
    assert Security.objects.get() == house


def test_every_violation_of_one_field(alice_client: APIClient) -> None:
    response = alice_client.post(URL, {**BODY, "symbol": "HOUSE\x00"})

    assert [violation["type"] for violation in response.json()["detail"]] == [
        "invalid", "null_characters_not_allowed",
    ]  # fmt: skip
    assert violations(response) == [["body", "symbol"]] * 2


def test_a_user_goes_with_what_is_theirs(alice: User, house: Security) -> None:
    alice.delete()

    assert not Security.objects.exists()
