"""A portfolio beside a benchmark, from returns of the same periods.

Both (n,): fractions; a NaN makes a figure unknown. Sources: Sharpe (1964) for beta, Pearson for correlation.
"""

import numpy as np

from finances.valuation.adjustment import Floats
from finances.valuation.figures import Cause, Figure, unknown
from finances.valuation.risk import NOISE


def beta(returns: Floats, benchmark: Floats) -> Figure:
    """Covariance with the benchmark by the benchmark's variance."""
    if (cause := _unusable(returns, benchmark)) is not None:
        return unknown(cause)
    if _is_flat(benchmark):
        return unknown(Cause.NO_DEVIATION)
    return Figure(float(np.cov(returns, benchmark)[0, 1] / np.var(benchmark, ddof=1)))


def correlation(returns: Floats, benchmark: Floats) -> Figure:
    """Covariance by the product of both deviations, from -1 to 1."""
    if (cause := _unusable(returns, benchmark)) is not None:
        return unknown(cause)
    if _is_flat(returns) or _is_flat(benchmark):
        return unknown(Cause.NO_DEVIATION)
    return Figure(float(np.corrcoef(returns, benchmark)[0, 1]))


def _unusable(returns: Floats, benchmark: Floats) -> Cause | None:
    if np.isnan(returns).any() or np.isnan(benchmark).any():
        return Cause.MISSING_VALUE
    return Cause.TOO_FEW_RETURNS if len(returns) < 2 else None


def _is_flat(returns: Floats) -> bool:
    return bool(np.std(returns, ddof=1) <= NOISE * abs(returns.mean()))
