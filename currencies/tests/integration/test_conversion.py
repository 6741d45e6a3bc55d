"""The functions that other apps call."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from currencies.conversion import Missing, MissingRate, Rate, quote_per_base, rates_to
from currencies.tests.factories import CurrencyFactory, store_rate

DAY = date(2022, 12, 28)


def test_quote_per_base() -> None:
    store_rate("EUR/USD", DAY, "1.25")

    found = quote_per_base("USD", "EUR", as_of=DAY)

    assert (found.quote_per_base, found.rate_date, found.derivation) == (Decimal("0.8"), DAY, "inverse")


def test_quote_per_base_of_nothing_stored() -> None:
    with pytest.raises(MissingRate, match=r"No USD/EUR rate on 2022-12-28 or in the 7 days before it\."):
        quote_per_base("USD", "EUR", as_of=DAY)


def test_rates_to_answers_for_every_code() -> None:
    store_rate("EUR/USD", DAY, "1.25")
    store_rate("EUR/GBP", DAY, "0.8")

    found = rates_to("EUR", ["USD", "GBp", "EUR", "CHF"], as_of=DAY)

    rates = {code: rate.quote_per_base for code, rate in found.items() if isinstance(rate, Rate)}
    assert rates == {"USD": Decimal("0.8"), "GBp": Decimal("0.0125"), "EUR": Decimal(1)}
    assert found["CHF"] == Missing("No CHF/EUR rate on 2022-12-28 or in the 7 days before it.")


def test_rates_to_costs_the_same_queries_for_three_codes_as_for_one(django_assert_num_queries: Any) -> None:
    codes = ["USD", "GBP", "JPY"]
    for code in codes:
        store_rate(f"EUR/{code}", DAY, "2")

    for wanted in (codes[:1], codes):
        with django_assert_num_queries(2):
            rates_to("CHF", wanted, as_of=DAY)


def test_rates_count_up_to_the_last_day_of_validity() -> None:
    CurrencyFactory.create(code="HRK")
    store_rate("EUR/HRK", date(2022, 12, 30), "7.5365")

    assert isinstance(rates_to("EUR", ["HRK"], as_of=date(2022, 12, 31))["HRK"], Rate)
    assert rates_to("EUR", ["HRK"], as_of=date(2023, 1, 1))["HRK"] == Missing(
        "No HRK/EUR rate on 2023-01-01: HRK had ended by then."
    )
