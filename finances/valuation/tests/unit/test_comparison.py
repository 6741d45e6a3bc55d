"""Beta and correlation."""

import numpy as np
import pytest

from finances.valuation.comparison import beta, correlation
from finances.valuation.figures import Cause

MARKET = np.array([0.01, -0.02, 0.03, 0.0])


def test_twice_the_market() -> None:
    assert beta(2 * MARKET + 0.01, MARKET).value == pytest.approx(2.0)
    assert correlation(2 * MARKET + 0.01, MARKET).value == pytest.approx(1.0)


def test_by_hand() -> None:
    """Covariance 3/2 by a variance of 1; correlation by the root of 1 times 7/3."""
    own, other = np.array([1.0, 3.0, 0.0]), np.array([1.0, 2.0, 0.0])

    assert beta(own, other).value == pytest.approx(1.5)
    assert correlation(own, other).value == pytest.approx(1.5 / (7 / 3) ** 0.5)


@pytest.mark.parametrize(
    ("own", "other", "causes"),
    [
        ([0.1], [0.1], (Cause.TOO_FEW_RETURNS, Cause.TOO_FEW_RETURNS)),
        ([0.1, float("nan")], [0.1, 0.2], (Cause.MISSING_VALUE, Cause.MISSING_VALUE)),
        ([0.1, 0.2], [0.1, float("nan")], (Cause.MISSING_VALUE, Cause.MISSING_VALUE)),
        ([0.1, 0.2], [0.1, 0.1], (Cause.NO_DEVIATION, Cause.NO_DEVIATION)),
        ([0.1, 0.1], [0.1, 0.2], (None, Cause.NO_DEVIATION)),
    ],
)
def test_undefined(own: list[float], other: list[float], causes: tuple[Cause | None, Cause | None]) -> None:
    pair = np.array(own), np.array(other)

    assert (beta(*pair).cause, correlation(*pair).cause) == causes
