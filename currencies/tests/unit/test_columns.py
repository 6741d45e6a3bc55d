"""Rates of many days at once are those of each day."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from currencies.columns import columns_of
from currencies.fixings import Rate
from finances.valuation.positions import day_number

FIRST, DAYS = date(2024, 1, 1), 25
CODES = ["EUR", "USD", "GBP", "CHF"]
PAIRS = [(base, quote) for base in CODES for quote in CODES if base != quote]
rows = st.dictionaries(
    st.tuples(st.sampled_from(PAIRS), st.integers(0, DAYS - 1)), st.integers(50, 200), max_size=12
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(rows, st.dictionaries(st.sampled_from(CODES), st.integers(0, DAYS), max_size=2), st.sampled_from(PAIRS))
def test_each_day_is_as_a_conversion_of_that_day(
    stored: dict[tuple[tuple[str, str], int], int], ended: dict[str, int], pair: tuple[str, str]
) -> None:
    """In both directions, through pivots, stale ones, and after a currency's end."""
    ordered = sorted(stored.items(), key=lambda item: item[0][1])
    columns = columns_of(
        [(base, quote, FIRST + timedelta(days=day), Decimal(rate) / 100) for ((base, quote), day), rate in ordered],
        {code: FIRST + timedelta(days=day) for code, day in ended.items()},
    )
    days = [FIRST + timedelta(days=number) for number in range(DAYS + 10)]

    found = columns.quote_per_base(*pair, np.array([day_number(day) for day in days], dtype=np.int64))

    single = [columns.on(day).quote_per_base(*pair, as_of=day) for day in days]
    expected = [float(rate.quote_per_base) if isinstance(rate, Rate) else np.nan for rate in single]
    assert found.tolist() == pytest.approx(expected, rel=1e-12, nan_ok=True)
