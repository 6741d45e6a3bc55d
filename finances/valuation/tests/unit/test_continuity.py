import numpy as np

from finances.valuation.continuity import may_be_plain, plain_ratio


def test_no_ratio_that_is_plain_is_passed_over() -> None:
    ratios = np.exp(np.linspace(-3.5, 3.5, 4001))
    passed = may_be_plain(ratios, 0.04)

    assert all(plain_ratio(ratio, 0.04) is None for ratio in ratios[~passed])
    assert any(plain_ratio(ratio, 0.04) is not None for ratio in ratios[passed])


def test_ordinary_moves_and_missing_ones_are() -> None:
    assert may_be_plain(np.array([1.0, 1.5, 0.6, np.nan, 2.0, 0.5]), 0.04).tolist() == [False] * 4 + [True] * 2
