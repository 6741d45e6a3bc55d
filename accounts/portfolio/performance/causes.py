"""Why a figure of a performance is not known, in words."""

from typing import TYPE_CHECKING, Any

from finances.valuation.figures import Cause

if TYPE_CHECKING:
    from accounts.portfolio.performance.figures import Stage

Missing = dict[str, Any]

DETAILS: dict[Cause, str] = {
    Cause.MISSING_VALUE: "A value that it needs is not known: at its start, its end, or on the day of a flow.",
    Cause.NO_CAPITAL: "Nothing was invested.",
    Cause.NEGATIVE_CAPITAL: "On some day more was owed than owned, and a return has no meaning on that.",
    Cause.TOO_FEW_RETURNS: "There are fewer than two days with a return.",
    Cause.NO_DEVIATION: "All returns are alike.",
    Cause.NO_DRAWDOWN: "It never fell below an earlier value.",
    Cause.PERIOD_TOO_SHORT: "Less than 365 days are no year to go by.",
    Cause.NO_TIME: "Everything happened on a single day.",
    Cause.NO_RATE: "No rate makes these flows come to nothing.",
    Cause.SEVERAL_RATES: "Several rates make these flows come to nothing.",
    Cause.TOTAL_LOSS: "Everything that was put in is lost.",
}


def missing_of(figure: str, cause: Cause | None) -> list[Missing]:
    return [] if cause is None else [{"figure": figure, "code": cause.value, "detail": DETAILS[cause]}]


def unknown_parts(stage: "Stage") -> list[Missing]:
    """Of the value at both ends, and of the parts of the change between them."""
    names = {"opening_value": stage.opening_value, "closing_value": stage.closing_value, "change": stage.change}
    names |= {"gain": stage.gain, **stage.parts}
    return [each for name, figure in names.items() if figure is None for each in missing_of(name, Cause.MISSING_VALUE)]
