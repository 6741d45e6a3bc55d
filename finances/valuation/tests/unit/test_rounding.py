"""Whole minor units from float64."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from finances.valuation.rounding import to_units


def test_a_tie_of_the_exact_product_rounds_away_from_zero() -> None:
    products = np.array([12.5 * 8.01, -12.5 * 8.01, 1.005, 2.675, -0.005, 0.004999])

    assert to_units(products, 2).tolist() == [10013, -10013, 101, 268, -1, 0]


def test_digits_of_other_currencies_and_nan() -> None:
    assert to_units(np.array([0.5, 1.5, -2.5, np.nan]), 0).tolist() == [1, 2, -3, 0]
    assert to_units(np.array([1.2345]), 3).tolist() == [1235]


@given(
    st.decimals(-(10**6), 10**6, places=4, allow_nan=False), st.decimals(0, 10**4, places=2, allow_nan=False)
)  # fmt: skip
def test_as_exact_decimals_round(quantity: Decimal, price: Decimal) -> None:
    exact = int((quantity * price).quantize(Decimal("0.01"), ROUND_HALF_UP).scaleb(2))

    assert int(to_units(np.array([float(quantity) * float(price)]), 2)[0]) == exact
