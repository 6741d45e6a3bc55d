from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from currencies.tests.factories import CurrencyFactory, store_rate

URL = "/api/v1/currencies/USD/rates"
MONDAY, TUESDAY, WEDNESDAY = date(2022, 12, 26), date(2022, 12, 27), date(2022, 12, 28)


def rates(client: APIClient, code: str = "USD", **parameters: Any) -> Any:
    response = client.get(f"/api/v1/currencies/{code}/rates", parameters)
    assert response.status_code == 200, response.json()
    return response.json()


def brief(rows: Any) -> list[tuple[str, str, str, str]]:
    return [(row["date"], row["quote"], row["rate"], row["derivation"]) for row in rows]


def row(day: date, base: str, quote: str, rate: str, derivation: str, source: str = "ecb") -> dict[str, Any]:
    return {
        "date": str(day), "base": base, "quote": quote, "rate": rate, "source": source,
        "derived": derivation != "direct", "derivation": derivation,
    }  # fmt: skip


def test_stored_rates_and_inverses_newest_first(alice_client: APIClient) -> None:
    store_rate("EUR/USD", MONDAY, "1.25")
    store_rate("USD/JPY", TUESDAY, "133.5", source="yahoo")

    assert rates(alice_client, "usd") == [
        row(TUESDAY, "USD", "JPY", "133.5", "direct", "yahoo"), row(MONDAY, "USD", "EUR", "0.8", "inverse"),
    ]  # fmt: skip


def test_a_pair_stored_both_ways_is_listed_once_a_day(alice_client: APIClient) -> None:
    store_rate("EUR/USD", MONDAY, "1.25")
    store_rate("USD/EUR", MONDAY, "0.79")

    assert rates(alice_client) == [row(MONDAY, "USD", "EUR", "0.79", "direct")]


def test_range_order_and_page(alice_client: APIClient) -> None:
    for offset in range(4):
        store_rate("USD/JPY", MONDAY + timedelta(days=offset), str(130 + offset))

    response = alice_client.get(URL, {"start_date": "2022-12-26", "end_date": "2022-12-28", "skip": "1", "limit": "1"})

    assert brief(response.json()) == [("2022-12-27", "JPY", "131", "direct")]
    assert response["X-Total-Count"] == "3"
    assert "skip=2" in response["Link"]
    assert [each["rate"] for each in rates(alice_client, order="asc", limit=2)] == ["130", "131"]


def test_a_cross_stands_on_days_with_both_fixings_only(alice_client: APIClient) -> None:
    for day, usd, gbp in [(MONDAY, "1.2", "0.8"), (TUESDAY, "1.3", None), (WEDNESDAY, "1.1", "0.88")]:
        store_rate("EUR/USD", day, usd)
        if gbp:
            store_rate("EUR/GBP", day, gbp, source="yahoo")

    assert rates(alice_client, "GBP", quote="usd") == [
        row(WEDNESDAY, "GBP", "USD", "1.25", "cross", "ecb+yahoo"),
        row(MONDAY, "GBP", "USD", "1.5", "cross", "ecb+yahoo"),
    ]
    assert rates(alice_client, "GBP", quote="USD", end_date="2022-12-27", order="asc") == [
        row(MONDAY, "GBP", "USD", "1.5", "cross", "ecb+yahoo")
    ]


def test_a_stored_pair_and_a_cross_fill_each_others_gaps(alice_client: APIClient) -> None:
    store_rate("EUR/USD", MONDAY, "1.2")
    store_rate("EUR/GBP", MONDAY, "0.8")
    store_rate("USD/GBP", TUESDAY, "0.8")
    store_rate("GBP/USD", WEDNESDAY, "1.3")

    assert brief(rates(alice_client, "GBP", quote="USD")) == [
        ("2022-12-28", "USD", "1.3", "direct"),
        ("2022-12-27", "USD", "1.25", "inverse"),
        ("2022-12-26", "USD", "1.5", "cross"),
    ]


def test_days_of_a_pair_are_paged(alice_client: APIClient) -> None:
    for offset in range(3):
        store_rate("EUR/USD", MONDAY + timedelta(days=offset), f"1.{offset}")

    response = alice_client.get(URL, {"quote": "EUR", "limit": "2", "order": "asc"})

    assert response["X-Total-Count"] == "3"
    assert [each["date"] for each in response.json()] == ["2022-12-26", "2022-12-27"]


def test_a_pair_ends_with_its_currencies(alice_client: APIClient) -> None:
    for day in (date(2022, 12, 31), date(2023, 1, 2)):
        store_rate("EUR/HRK", day, "7.5365")

    assert brief(rates(alice_client, "EUR", quote="HRK")) == [("2022-12-31", "HRK", "7.5365", "direct")]


def test_nothing_stored(alice_client: APIClient) -> None:
    for code in ("USD", "CHF"):
        CurrencyFactory.create(code=code)

    assert (rates(alice_client), rates(alice_client, quote="CHF")) == ([], [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start_date", "soon"), ("start_date", "2022-12-28\x00"), ("end_date", "2022-02-30"), ("order", "up"),
        ("limit", "0"), ("limit", "1001"), ("limit", "NaN"), ("limit", "9" * 400), ("limit", "1e400"),
        ("skip", "-1"), ("skip", "9" * 400), ("skip", "x"),
        ("quote", "AAA"), ("quote", "EURO"), ("quote", "\x00"), ("quote", "USD"), ("quote", "GBp"),
    ],
)  # fmt: skip
def test_bad_parameters_name_themselves(alice_client: APIClient, name: str, value: str) -> None:
    for code in ("USD", "GBP", "EUR"):
        CurrencyFactory.create(code=code)

    response = alice_client.get(URL, {"quote": "EUR", name: value})

    assert response.status_code == 422
    assert [violation["loc"] for violation in response.json()["detail"]] == [["query", name]]


def test_start_after_end_is_refused(alice_client: APIClient) -> None:
    CurrencyFactory.create(code="USD")

    response = alice_client.get(URL, {"start_date": "2022-12-28", "end_date": "2022-12-27"})

    assert response.status_code == 400
    assert response.json() == {"detail": "start_date is after end_date.", "code": "start_after_end"}


def test_rates_of_an_unknown_currency(alice_client: APIClient) -> None:
    response = alice_client.get(URL)

    assert (response.status_code, response.json()) == (404, {"detail": "Not found.", "code": "not_found"})


def test_rates_need_a_login(anonymous: APIClient) -> None:
    assert anonymous.get(URL).status_code == 401


@pytest.mark.parametrize("parameters", [{}, {"quote": "GBP"}])
def test_rates_cost_the_same_queries_for_three_days_as_for_one(
    alice_client: APIClient, parameters: dict[str, str]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            alice_client.get(URL, parameters)
        return len(captured)

    counts = []
    for offset in range(3):
        store_rate("EUR/USD", MONDAY + timedelta(days=offset), "1.2")
        store_rate("EUR/GBP", MONDAY + timedelta(days=offset), "0.8")
        counts.append(queries())

    assert counts[0] == counts[2]
