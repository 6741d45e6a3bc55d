import numpy as np
import pytest

from finances.valuation.adjustment import differs, dividend_factors, round_significant, shares_since

DAY = 86_400


def days(*numbers: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(numbers, dtype=np.int64) * DAY


def test_shares_since_multiplies_every_later_split() -> None:
    shares = shares_since(days(1, 5, 6, 9, 10), days(5, 10), np.array([7.0, 4.0]))

    assert shares.tolist() == [28.0, 4.0, 4.0, 4.0, 1.0]


def test_shares_since_without_splits() -> None:
    assert shares_since(days(1, 2), days(), np.array([])).tolist() == [1.0, 1.0]


def test_dividend_factors_of_a_day_exclude_its_own_dividend() -> None:
    factors = dividend_factors(days(1, 2, 3), days(2, 3), np.array([1.0, 2.0]), np.array([100.0, 50.0]))

    assert factors.tolist() == [0.99 * 0.96, 0.96, 1.0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (130.309999, 130.31),  # a 32-bit float's noise is cut
        (0.000123456789, 0.00012345679),
        (4483652112.5, 4483652100.0),
        (-37.630000001, -37.63),
        (0.0, 0.0),
    ],
)
def test_round_significant(value: float, expected: float) -> None:
    digits = 8 if value != 130.309999 else 6
    assert round_significant(np.array([value]), digits).tolist() == [expected]


def test_round_significant_keeps_nan() -> None:
    assert np.isnan(round_significant(np.array([np.nan]))).all()


def test_differs_by_relative_tolerance() -> None:
    stored, fetched = np.array([100.0, 100.0, np.nan, np.nan]), np.array([100.00009, 100.0002, np.nan, 1.0])

    assert differs(stored, fetched).tolist() == [False, True, False, True]
