from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from currencies.models import Currency
from currencies.tests.factories import CurrencyFactory, ExchangeRateFactory

URL = "/api/v1/currencies"
EURO = {"code": "EUR", "name": "Euro", "symbol": "€", "minor_digits": 2, "last_valid_on": None}
STAFF_ONLY = {"detail": "You do not have permission to perform this action.", "code": "permission_denied"}


def shown(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def stamps(currency: Currency) -> dict[str, str]:
    return {"created_at": shown(currency.created_at), "updated_at": shown(currency.updated_at)}


def codes(client: APIClient, **parameters: Any) -> list[str]:
    response = client.get(URL, parameters)
    assert response.status_code == 200, response.json()
    return [currency["code"] for currency in response.json()]


@pytest.mark.parametrize("code", ["EUR", "eur", "Eur"])
def test_read_a_currency(alice_client: APIClient, code: str) -> None:
    euro = CurrencyFactory.create(code="EUR")

    response = alice_client.get(f"{URL}/{code}")

    assert (response.status_code, response.json()) == (200, EURO | stamps(euro))


@pytest.mark.parametrize("code", ["AAA", "EURO", "E", "%00%00%00", "123", "€€€"])
def test_an_unknown_currency_is_not_found(alice_client: APIClient, code: str) -> None:
    response = alice_client.get(f"{URL}/{code}")

    assert (response.status_code, response.json()) == (404, {"detail": "Not found.", "code": "not_found"})


def test_list_filters(alice_client: APIClient) -> None:
    for code in ("USD", "HRK", "EUR"):
        CurrencyFactory.create(code=code)

    assert codes(alice_client) == ["EUR", "HRK", "USD"]
    assert codes(alice_client, is_current="true") == ["EUR", "USD"]
    assert codes(alice_client, is_current="false") == ["HRK"]
    assert codes(alice_client, search="eu") == ["EUR"]
    assert codes(alice_client, search="dollar") == ["USD"]
    assert codes(alice_client, search="%") == []
    assert codes(alice_client, ordering="-name") == ["USD", "EUR", "HRK"]
    assert codes(alice_client, updated_since=shown(timezone.now())) == []
    assert codes(alice_client, skip=1, limit=1) == ["HRK"]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"is_current": "perhaps"}, "is_current"), ({"search": "a\x00b"}, "search"), ({"search": "x" * 101}, "search"),
        ({"ordering": "password"}, "ordering"), ({"updated_since": "yesterday"}, "updated_since"),
        ({"limit": "1001"}, "limit"), ({"limit": "NaN"}, "limit"), ({"limit": "1e400"}, "limit"),
        ({"skip": "-1"}, "skip"), ({"skip": "9" * 400}, "skip"),
    ],
)  # fmt: skip
def test_list_refuses_malformed_parameters(alice_client: APIClient, parameters: dict[str, str], field: str) -> None:
    response = alice_client.get(URL, parameters)

    assert response.status_code == 422
    assert [violation["loc"] for violation in response.json()["detail"]] == [["query", field]]


def test_list_costs_the_same_queries_for_three_rows_as_for_one(alice_client: APIClient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            alice_client.get(URL)
        return len(captured)

    CurrencyFactory.create(code="EUR")
    one = queries()
    for code in ("USD", "JPY"):
        CurrencyFactory.create(code=code)

    assert queries() == one


def test_staff_add_a_currency(rosa_client: APIClient) -> None:
    response = rosa_client.post(URL, {"code": "eur", "name": "Euro", "symbol": "€"})

    assert (response.status_code, response.json()) == (201, EURO | stamps(Currency.objects.get()))


def test_minor_digits_follow_iso(rosa_client: APIClient) -> None:
    assert rosa_client.post(URL, {"code": "JPY", "name": "Yen"}).json()["minor_digits"] == 0


def test_what_exists_is_not_added_again(rosa_client: APIClient) -> None:
    CurrencyFactory.create(code="EUR")

    response = rosa_client.post(URL, {"code": "eur", "name": "Mine"})

    assert (response.status_code, response.json()) == (
        409, {"detail": "EUR exists already.", "code": "currency_exists"},
    )  # fmt: skip
    assert Currency.objects.get().name == "Euro"


def test_staff_change_what_they_send(rosa_client: APIClient) -> None:
    CurrencyFactory.create(code="BGN", last_valid_on=None)

    response = rosa_client.patch(f"{URL}/bgn", {"last_valid_on": "2025-12-31"})

    currency = Currency.objects.get()
    assert (response.status_code, currency.last_valid_on) == (200, date(2025, 12, 31))
    assert response.json() == {
        "code": "BGN", "name": "Bulgarian Lev", "symbol": "", "minor_digits": 2, "last_valid_on": "2025-12-31",
        **stamps(currency),
    }  # fmt: skip


def test_a_put_keeps_what_is_left_out(rosa_client: APIClient) -> None:
    CurrencyFactory.create(code="EUR")

    response = rosa_client.put(f"{URL}/EUR", {"code": "EUR", "name": "Euros"})

    assert (response.status_code, response.json()["name"], response.json()["symbol"]) == (200, "Euros", "€")


def test_a_code_is_for_good(rosa_client: APIClient) -> None:
    CurrencyFactory.create(code="EUR")

    response = rosa_client.patch(f"{URL}/EUR", {"code": "EUX"})

    assert response.status_code == 422
    assert response.json()["detail"] == [
        {"loc": ["body", "code"], "msg": "A currency keeps its code.", "type": "immutable"}
    ]
    assert list(Currency.objects.values_list("code", flat=True)) == ["EUR"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["code", "name"]),
        ({"code": "EURO", "name": "x"}, ["code"]),
        ({"code": "E1R", "name": "x"}, ["code"]),
        ({"code": "EÜR", "name": "x"}, ["code"]),
        ({"code": "EUR\n", "name": "x" * 101}, ["name"]),
        ({"code": "EUR", "name": 5, "symbol": "123456789"}, ["name", "symbol"]),
        ({"code": "EUR", "name": "a\x00b", "minor_digits": 9}, ["name", "minor_digits"]),
        ({"code": "EUR", "name": "x", "minor_digits": -1, "last_valid_on": "soon"}, ["minor_digits", "last_valid_on"]),
        ({"code": "EUR", "name": "x", "minor_digits": True}, ["minor_digits"]),
        ({"code": "EUR", "name": "x", "minor_digits": 10**400}, [None]),
        ({"code": ["EUR"], "name": None}, ["code", "name"]),
    ],
)
def test_malformed_bodies_name_every_field(rosa_client: APIClient, body: dict[str, Any], fields: list[Any]) -> None:
    response = rosa_client.post(URL, body)

    assert response.status_code == 422
    assert [(*violation["loc"], None)[1] for violation in response.json()["detail"]] == fields
    assert Currency.objects.count() == 0


def test_staff_delete_what_nothing_uses(rosa_client: APIClient) -> None:
    CurrencyFactory.create(code="EUR")

    assert (rosa_client.delete(f"{URL}/eur").status_code, Currency.objects.count()) == (204, 0)


@pytest.mark.parametrize("code", ["EUR", "USD"])
def test_what_is_in_use_stays(rosa_client: APIClient, code: str) -> None:
    ExchangeRateFactory.create()

    response = rosa_client.delete(f"{URL}/{code}")

    assert (response.status_code, response.json()) == (
        409, {"detail": f"{code} is in use.", "code": "currency_in_use"},
    )  # fmt: skip
    assert Currency.objects.count() == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", ""), ("put", "/EUR"), ("patch", "/EUR"), ("delete", "/EUR"), ("delete", "/AAA"), ("post", "/sync-rates")],
)
def test_only_staff_write(alice_client: APIClient, anonymous: APIClient, method: str, path: str) -> None:
    CurrencyFactory.create(code="EUR")

    response = getattr(alice_client, method)(f"{URL}{path}", {"code": "EUR", "name": "Mine"})

    assert (response.status_code, response.json()) == (403, STAFF_ONLY)
    assert getattr(anonymous, method)(f"{URL}{path}").status_code == 401
    assert Currency.objects.get().name == "Euro"


@pytest.mark.parametrize("path", ["", "/EUR"])
def test_reads_need_a_login(anonymous: APIClient, path: str) -> None:
    assert anonymous.get(f"{URL}{path}").json() == {
        "detail": "Authentication credentials were not provided.", "code": "not_authenticated",
    }  # fmt: skip


def test_other_methods_are_not_allowed(alice_client: APIClient) -> None:
    CurrencyFactory.create(code="EUR")

    assert [alice_client.delete(URL).status_code, alice_client.post(f"{URL}/convert").status_code] == [405, 405]
