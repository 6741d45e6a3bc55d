"""Figures that cannot be known, and edges of those that can."""

from decimal import Decimal

import numpy as np
import pytest

from finances.valuation.attribution import attribute, market_and_fx
from finances.valuation.figures import Cause, Figure, unknown
from finances.valuation.returns import (
    annualized,
    daily_returns,
    modified_dietz,
    return_since,
    time_weighted_return,
)
from finances.valuation.risk import calmar, downside_risk, longest_below_high, max_drawdown, sortino, volatility

NAN = float("nan")
DAYS = np.array([1], dtype=np.int64)
NONE = np.zeros(1)


def test_deposits_work_from_the_morning_and_withdrawals_until_the_evening() -> None:
    values = np.array([100.0, 220.0, 121.0])

    returns = daily_returns(values, np.array([100.0, 0.0]), np.array([0.0, 121.0]))

    assert returns == pytest.approx([0.1, 0.1])


@pytest.mark.parametrize(
    ("values", "deposit", "expected"),
    [
        ([100.0, NAN], 0.0, unknown(Cause.MISSING_VALUE)),
        ([-100.0, 50.0], 0.0, unknown(Cause.NEGATIVE_CAPITAL)),
        ([0.0, 0.0], 0.0, unknown(Cause.NO_CAPITAL)),
        ([0.0, 5.0], 0.0, unknown(Cause.NO_CAPITAL)),
        ([100.0, 0.0], 0.0, Figure(-1.0)),
        ([0.0, 50.0], 100.0, Figure(-0.5)),
    ],
)
def test_time_weighted_return(values: list[float], deposit: float, expected: Figure) -> None:
    assert time_weighted_return(np.array(values), np.array([deposit]), NONE) == expected


@pytest.mark.parametrize(
    ("days", "expected"), [(364, unknown(Cause.PERIOD_TOO_SHORT)), (365, Figure(0.21)), (730, Figure(0.1))]
)
def test_annualized(days: int, expected: Figure) -> None:
    answer = annualized(0.21, days)

    assert answer.cause == expected.cause
    assert answer.value == (None if expected.value is None else pytest.approx(expected.value))


@pytest.mark.parametrize(
    ("begin", "flow", "cause"),
    [(NAN, 1.0, Cause.MISSING_VALUE), (0.0, 0.0, Cause.NO_CAPITAL), (0.0, -10.0, Cause.NEGATIVE_CAPITAL)],
)
def test_modified_dietz_without_capital(begin: float, flow: float, cause: Cause) -> None:
    assert modified_dietz(begin, 5.0, np.array([flow]), DAYS, 10) == unknown(cause)


@pytest.mark.parametrize(
    ("values", "cause"), [([], Cause.MISSING_VALUE), ([NAN], Cause.MISSING_VALUE), ([0.0], Cause.NO_CAPITAL)]
)
def test_return_since_nothing(values: list[float], cause: Cause) -> None:
    assert return_since(DAYS[: len(values)], np.array(values), 1) == unknown(cause)


def test_recovery_of_a_drawdown() -> None:
    found = max_drawdown(np.array([10.0, 8.0, 10.0, 12.0, 6.0, 9.0, 12.0, 13.0]))

    assert found is not None
    assert (found.depth, found.peak, found.trough, found.recovery) == (-0.5, 3, 4, 6)


def test_a_drawdown_without_recovery() -> None:
    found = max_drawdown(np.array([10.0, 12.0, 6.0, 9.0]))

    assert found is not None
    assert found.recovery is None
    assert longest_below_high(np.array([10.0, 12.0, 6.0, 9.0])) == (1, 3)


def test_no_stretch_below_a_high_of_nothing() -> None:
    assert longest_below_high(np.array([])) is None


def test_ratios_of_unknown_returns() -> None:
    unusable = np.array([0.1, NAN])

    assert {volatility(unusable, 252), downside_risk(unusable, 252), sortino(unusable, 252), calmar(unusable, 252)} == {
        unknown(Cause.MISSING_VALUE)
    }


def test_ratios_without_a_loss() -> None:
    gains = np.array([0.1, 0.2])

    assert sortino(gains, 252) == unknown(Cause.NO_DEVIATION)
    assert calmar(gains, 252) == unknown(Cause.NO_DRAWDOWN)


def test_an_empty_line_needs_no_rate() -> None:
    nothing = np.zeros((1, 1))
    market, fx = market_and_fx(np.zeros((2, 1)), np.full((2, 1), NAN), nothing, nothing)

    assert (market.tolist(), fx.tolist()) == ([[0.0]], [[0.0]])


def test_a_line_that_opens_needs_no_rate_of_the_day_before() -> None:
    values, rates = np.array([[0.0], [110.0]]), np.array([[NAN], [0.5]])
    market, fx = market_and_fx(values, rates, np.array([[100.0]]), np.array([[49.0]]))

    assert (market.tolist(), fx.tolist()) == ([[5.0]], [[1.0]])


def parts(closing: str, market: float, fx: float) -> tuple[Decimal, Decimal]:
    zero = Decimal(0)
    found = attribute(
        opening=zero, closing=Decimal(closing), market=market, fx=fx, income=zero, fees=zero, taxes=zero, flows=zero
    )
    return found.market, found.fx


@pytest.mark.parametrize(
    ("market", "fx", "expected"),
    [
        (0.333, 0.667, (Decimal("0.33"), Decimal("0.67"))),
        (0.334, 0.664, (Decimal("0.33"), Decimal("0.67"))),
        (0.664, 0.334, (Decimal("0.67"), Decimal("0.33"))),
        (0.504, 0.504, (Decimal("0.50"), Decimal("0.50"))),
    ],
)
def test_the_rest_goes_to_the_larger_part(market: float, fx: float, expected: tuple[Decimal, Decimal]) -> None:
    assert parts("1.00", market, fx) == expected


def test_parts_of_another_change() -> None:
    with pytest.raises(ValueError, match="miss the change by 0.95"):
        parts("1.00", 0.05, 0.0)
