"""A figure, or why there is none."""

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why a figure cannot be known; the codes that clients see."""

    MISSING_VALUE = "missing_value"
    NO_CAPITAL = "no_capital"
    NEGATIVE_CAPITAL = "negative_capital"
    TOO_FEW_RETURNS = "too_few_returns"
    NO_DEVIATION = "no_deviation"
    NO_DRAWDOWN = "no_drawdown"
    PERIOD_TOO_SHORT = "period_too_short"
    NO_TIME = "no_time"
    NO_RATE = "no_rate"
    SEVERAL_RATES = "several_rates"
    TOTAL_LOSS = "total_loss"


@dataclass(frozen=True, slots=True)
class Figure:
    """Either a value or a cause."""

    value: float | None
    cause: Cause | None = None


def unknown(cause: Cause) -> Figure:
    return Figure(None, cause)
