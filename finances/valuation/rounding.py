"""From float64 to whole minor units, once, at the edge."""

import numpy as np

from finances.valuation.adjustment import Floats, Ints

ERROR = 1e-14
"""What sums of products in float64 may be off by, relative to themselves: a tie is one that lies this near to it."""


def to_units(amounts: Floats, digits: int) -> Ints:
    """Whole units of 10**-digits, half away from zero. NaN becomes 0.

    12.5 times 8.01 is 100.12499999999999 in float64 and 100.125 in truth: what lies within float64's error of half a
    unit rounds as that half.
    """
    scaled = np.nan_to_num(np.asarray(amounts, dtype=np.float64)) * 10.0**digits
    halves = np.rint(scaled * 2)
    is_tie = (halves % 2 != 0) & (np.abs(scaled * 2 - halves) <= np.abs(scaled * 2) * ERROR)
    rounded = np.where(is_tie, (halves + np.sign(halves)) / 2, np.rint(scaled))
    return np.asarray(rounded.astype(np.int64))
