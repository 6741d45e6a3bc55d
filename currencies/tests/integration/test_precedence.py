"""Of several sources' rates of one pair and day one counts, by the setting."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from currencies.conversion import quote_per_base
from currencies.series import currency_chart
from currencies.tests.factories import store_rate

MONDAY, TUESDAY = date(2022, 12, 26), date(2022, 12, 27)
ORDERS = [(["ecb", "yahoo"], "1.25", "ecb"), (["yahoo", "ecb"], "1.28", "yahoo"), ([], "1.25", "ecb")]


@pytest.fixture(autouse=True)
def _rates() -> None:
    store_rate("EUR/USD", MONDAY, "1.28", source="yahoo")
    store_rate("EUR/USD", MONDAY, "1.25", source="ecb")
    store_rate("EUR/GBP", MONDAY, "0.8", source="demo")


@pytest.mark.parametrize(("order", "rate", "source"), ORDERS)
def test_conversions(settings: Any, order: list[str], rate: str, source: str) -> None:
    settings.RATE_SOURCES = order

    assert quote_per_base("EUR", "USD", as_of=MONDAY).quote_per_base == Decimal(rate)
    assert quote_per_base("USD", "EUR", as_of=MONDAY).quote_per_base == 1 / Decimal(rate)
    assert quote_per_base("GBP", "USD", as_of=MONDAY).legs[1].quote_per_base == Decimal(rate)


def test_a_later_day_counts_before_a_preferred_source() -> None:
    store_rate("EUR/USD", TUESDAY, "1.3", source="yahoo")

    found = quote_per_base("EUR", "USD", as_of=TUESDAY)

    assert (found.quote_per_base, found.rate_date) == (Decimal("1.3"), TUESDAY)


@pytest.mark.parametrize(("order", "rate", "source"), ORDERS)
def test_rates_show_whose_they_are(
    alice_client: APIClient, settings: Any, order: list[str], rate: str, source: str
) -> None:
    settings.RATE_SOURCES = order

    listed = alice_client.get("/api/v1/currencies/EUR/rates")
    paired = alice_client.get("/api/v1/currencies/EUR/rates", {"quote": "USD"})
    crossed = alice_client.get("/api/v1/currencies/GBP/rates", {"quote": "USD"})

    fixing = {
        "date": "2022-12-26", "base": "EUR", "quote": "USD", "rate": rate, "source": source, "derived": False,
        "derivation": "direct",
    }  # fmt: skip
    assert [row for row in listed.json() if row["quote"] == "USD"] == [fixing]
    assert (listed["X-Total-Count"], paired["X-Total-Count"], crossed["X-Total-Count"]) == ("2", "1", "1")
    assert paired.json() == [fixing]
    assert crossed.json()[0]["source"] == "+".join(sorted({source, "demo"}))


def test_charts(settings: Any) -> None:
    settings.RATE_SOURCES = ["yahoo", "ecb"]

    assert currency_chart("USD")["rates"] == [1.28]


def test_a_rate_costs_the_same_queries_whatever_the_sources(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        quote_per_base("GBP", "USD", as_of=MONDAY + timedelta(days=3))
