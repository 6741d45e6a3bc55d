"""Rates read as columns are the rows' own."""

from datetime import date, timedelta

import numpy as np
import pytest

from currencies.columns import Series, columns_of, read_columns
from currencies.tests.factories import store_rate

DAY = date(2024, 1, 2)
pytestmark = pytest.mark.django_db


def as_lists(series: Series) -> tuple[list[int], list[float]]:
    return series.days.tolist(), series.rates.tolist()


def test_of_several_sources_the_preferred_ones_day_by_day() -> None:
    for back, rate, source in ((2, "1.061", "yahoo"), (2, "1.062", "ecb"), (1, "1.063", "other"), (0, "1.1", "yahoo")):
        store_rate("EUR/USD", DAY - timedelta(days=back), rate, source=source)
    store_rate("EUR/USD", DAY - timedelta(days=40), "9")
    store_rate("EUR/GBP", DAY, "0.123456789012345")

    found = read_columns(["EUR", "USD", "GBP"], start=DAY, end=DAY)

    assert {pair: as_lists(series) for pair, series in found.series.items()} == {
        ("EUR", "USD"): ([19722, 19723, 19724], [1.062, 1.063, 1.1]),
        ("EUR", "GBP"): ([19724], [0.123456789012345]),
    }
    again = columns_of(found.rows, {})
    assert {pair: as_lists(series) for pair, series in again.series.items()} == {
        pair: as_lists(series) for pair, series in found.series.items()
    }
    assert found.quote_per_base("GBP", "EUR", np.array([19724])).tolist() == [1 / 0.123456789012345]
