"""Whether a series of closes goes on as it was: leaps between neighbours, ratios that look like splits or units."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from finances.valuation.adjustment import Floats, Ints, shares_since

PLAIN_TERMS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15)
LARGEST_TERM = 1000


def leaps(times: Ints, before: Floats, after: Floats, split_times: Ints, split_ratios: Floats) -> Floats:
    """How many times its predecessor each bar is worth to a holder, splits in between counted in. Returns (n - 1,).

    times (n,) ascending; before (n,): the figure a bar leaves behind (its close); after (n,): the one it is judged by
    (its close or open). NaN where either is not positive.
    """
    shares = shares_since(times, split_times, split_ratios)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = after[1:] / before[:-1] * (shares[:-1] / shares[1:])
        return np.where((after[1:] > 0) & (before[:-1] > 0), ratios, np.nan)


def is_near(ratio: float, target: float, tolerance: float) -> bool:
    """Within a relative tolerance, alike for x and 1/x."""
    return ratio > 0 and abs(np.log(ratio / target)) <= np.log1p(tolerance)


def plain_ratio(ratio: float, tolerance: float) -> Fraction | None:
    """The plain ratio (2, 3, 1/8, ...; never 1) that `ratio` stands for, or None."""
    candidates = [Fraction(term) for term in PLAIN_TERMS] + [Fraction(1, term) for term in PLAIN_TERMS]
    near = [plain for plain in candidates if is_near(ratio, float(plain), tolerance)]
    return min(near, key=lambda plain: abs(np.log(ratio / float(plain)))) if near else None


def may_be_plain(ratios: Floats, tolerance: float) -> NDArray[np.bool_]:
    """Which of `ratios` (n,) are far enough from 1 for `plain_ratio` to answer one: of a long series hardly any."""
    nearest = np.log(min(PLAIN_TERMS)) - np.log1p(tolerance)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.abs(np.log(ratios)) >= nearest - 1e-9)


def shared_fraction(ratios: Floats, tolerance: float) -> Fraction | None:
    """The fraction with a denominator up to 1000 that all of `ratios` (n,) equal within `tolerance`; None if there is
    none, or it is 1."""
    if not len(ratios) or not np.isfinite(ratios).all() or (ratios <= 0).any():
        return None
    middle = float(np.median(ratios))
    fraction = Fraction(middle).limit_denominator(LARGEST_TERM)
    inverse = 1 / Fraction(1 / middle).limit_denominator(LARGEST_TERM) if middle < 1 else fraction
    for candidate in (fraction, inverse):
        if candidate > 0 and candidate != 1 and (np.abs(ratios / float(candidate) - 1) <= tolerance).all():
            return candidate
    return None


def leading_run(ratios: Floats, tolerance: float) -> int:
    """How many of the first ratios equal the first one. Zero where that is 1 within `tolerance`."""
    if not len(ratios) or not np.isfinite(ratios[0]) or abs(ratios[0] - 1) <= tolerance:
        return 0
    same: NDArray[np.bool_] = np.abs(ratios / ratios[0] - 1) <= tolerance
    return len(ratios) if same.all() else int(np.argmin(same))
