"""From traded prices to adjusted ones and back.

Times are int64 seconds since 1970, UTC. A split or dividend stands at the opening of its ex-date on the same clock as
the bars it is compared with. Every function returns new arrays.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIGNIFICANT_DIGITS = 8


def shares_since(times: Ints, split_times: Ints, split_ratios: Floats) -> Floats:
    """How many shares one share of each time has become: the product of the ratios of all later splits.

    times (n,); split_times (k,), ascending; split_ratios (k,), new shares per old one. Returns (n,).
    """
    # later[i]: product of the ratios from split i on; a bar at a split's own time already trades in new shares.
    later = np.append(np.cumprod(split_ratios[::-1])[::-1], 1.0)
    return later[np.searchsorted(split_times, times, side="right")]


def dividend_factors(times: Ints, ex_times: Ints, amounts: Floats, previous_closes: Floats) -> Floats:
    """The factor by which dividends after each time reduce its price: product of (1 - D / P) over later ex-dates.

    P is the close before the ex-date in shares of the ex-date. Source: CRSP's price adjustment for ordinary
    distributions, which Yahoo's adjusted close follows. A dividend that is no smaller than P adjusts nothing: no price
    is below zero. times (n,); the others (k,), ex_times ascending. Returns (n,).
    """
    kept = np.where(amounts < previous_closes, 1.0 - amounts / previous_closes, 1.0)
    return shares_since(times, ex_times, kept)


def round_significant(values: Floats, digits: int = SIGNIFICANT_DIGITS) -> Floats:
    """Each value to `digits` significant decimal digits; NaN and 0 stay."""
    with np.errstate(divide="ignore", invalid="ignore"):
        magnitude = np.floor(np.log10(np.abs(values)))
    places = np.where(np.isfinite(magnitude), digits - 1 - magnitude, 0.0)
    # Powers of ten with a positive exponent are exact in float64, so scale by those alone.
    up, down = 10.0 ** np.maximum(places, 0.0), 10.0 ** np.maximum(-places, 0.0)
    return np.rint(values * up / down) / up * down


def differs(stored: Floats, fetched: Floats, tolerance: float = 1e-6) -> NDArray[np.bool_]:
    """Where two columns disagree by more than `tolerance` of the stored value; missing agrees with missing only."""
    missing = np.isnan(stored) != np.isnan(fetched)
    with np.errstate(invalid="ignore"):
        return np.asarray(missing | (np.abs(stored - fetched) > tolerance * np.abs(stored)))
