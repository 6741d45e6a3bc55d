"""Risk figures of empyrical, ffn and Portfolio Performance.

A series that starts with a missing return is given without it: a first close has none.
"""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from finances.valuation.adjustment import Floats
from finances.valuation.figures import Cause, Figure
from finances.valuation.positions import day_number
from finances.valuation.returns import by_period, growth_per_year, linked, periods_of, return_since, returns_of
from finances.valuation.risk import (
    calmar,
    downside_risk,
    longest_below_high,
    max_drawdown,
    semi_volatility,
    sharpe,
    sortino,
    volatility,
    wealth,
)
from finances.valuation.tests.cases import Case, is_near, load

CASES = load("risk")
LEFT_OUT = {"risk-em-annret-mixed", "risk-em-calmar-mixed", "risk-ffn-yearfrac"}
NOTHING = "risk-em-mdd-empty"
UNKNOWN = {
    "risk-em-sharpe-one": Cause.TOO_FEW_RETURNS,
    "risk-em-sharpe-flat": Cause.NO_DEVIATION,
}


def of_statistic(*statistics: str) -> list[str]:
    return [
        name
        for name, case in CASES.items()
        if case["inputs"].get("statistic") in statistics and name not in {*LEFT_OUT, *UNKNOWN, NOTHING}
    ]


RATIOS = of_statistic("annual_volatility", "calmar", "sharpe", "downside_risk", "sortino")
DRAWDOWNS = of_statistic("max_drawdown")
PERIOD = [*of_statistic("volatility_of_period"), "risk-pp-vol-basf"]
GROWTH = of_statistic("cagr", "total_return")
OTHERS = {"risk-em-cum-mixed", "risk-em-agg", "risk-ffn-mtd-1"}


def test_every_case_runs() -> None:
    assert {*RATIOS, *DRAWDOWNS, *PERIOD, *GROWTH, *OTHERS, *UNKNOWN, *LEFT_OUT, NOTHING} == set(CASES)


def known(texts: list[str | None]) -> Floats:
    return np.array([float(text) for text in texts if text is not None])


def returns_in(case: Case) -> Floats:
    return known(case["inputs"]["returns"])


def ratio(case: Case) -> Figure:
    inputs = case["inputs"]
    returns, periods = returns_in(case), float(inputs.get("periods_per_year", "1"))
    required = float(inputs.get("required_return", "0"))
    risk_free: Floats | float = float(inputs.get("risk_free_per_period", "0"))
    if "risk_free_series" in inputs:
        risk_free = known(inputs["risk_free_series"])[-len(returns) :]
    figures: dict[str, Callable[[], Figure]] = {
        "annual_volatility": lambda: volatility(returns, periods),
        "calmar": lambda: calmar(returns, periods),
        "sharpe": lambda: sharpe(returns, periods, risk_free),
        "downside_risk": lambda: downside_risk(returns, periods, required),
        "sortino": lambda: sortino(returns, periods, required),
    }
    return figures[inputs["statistic"]]()


@pytest.mark.parametrize("name", RATIOS)
def test_ratio(name: str) -> None:
    case = CASES[name]
    answer = ratio(case).value

    assert answer is not None
    assert is_near(answer, case["expected"]["value"], case["tolerance"]["value"])


@pytest.mark.parametrize("name", UNKNOWN)
def test_undefined_ratio(name: str) -> None:
    assert ratio(CASES[name]) == Figure(None, UNKNOWN[name])


def test_sortino_ignores_order() -> None:
    inputs = CASES["risk-ffn-sortino"]["inputs"]

    assert sortino(known(inputs["returns"]), 1).value == pytest.approx(sortino(known(inputs["same_as"]), 1).value)


@pytest.mark.parametrize("name", DRAWDOWNS)
def test_max_drawdown(name: str) -> None:
    case = CASES[name]
    inputs = case["inputs"]
    if "returns" in inputs:
        index = wealth(returns_in(case))
    elif "closes" in inputs:
        index = known(list(inputs["closes"].values()))
    else:
        index = 1 + known(inputs["accumulated_returns"])
    drawdown = max_drawdown(index)

    assert drawdown is not None
    # One source gives the depth as a positive figure.
    sign = 1 if "accumulated_returns" not in inputs else -1
    assert is_near(sign * drawdown.depth, case["expected"]["value"], case["tolerance"]["value"])


def test_duration_to_the_next_high() -> None:
    case = CASES["risk-pp-dd-multi"]
    index = 1 + known(case["inputs"]["accumulated_returns"])

    assert longest_below_high(index) == (0, int(case["expected"]["duration_days"]))


def test_no_drawdown_of_nothing() -> None:
    assert max_drawdown(returns_in(CASES[NOTHING])) is None


@pytest.mark.parametrize("name", PERIOD)
def test_volatility_of_a_period(name: str) -> None:
    """Of log returns, times the root of their number: the same function with other inputs."""
    case = CASES[name]
    inputs, expected = case["inputs"], case["expected"]
    if "closes" in inputs:
        skipped = inputs["non_trading_days_to_skip"]
        returns = returns_of(known([close for day, close in inputs["closes"].items() if day not in skipped]))
    else:
        returns = returns_in(case)[1 if inputs.get("skip_first") else 0 :]
    logs = np.log1p(returns)
    figures = {"standard_deviation": volatility(logs, len(logs)), "semi_deviation": semi_volatility(logs, len(logs))}

    for figure, value in expected.items():
        answer = figures[figure].value
        assert answer is not None
        assert is_near(answer, value, case["tolerance"]["value"])


@pytest.mark.parametrize("name", GROWTH)
def test_growth(name: str) -> None:
    case = CASES[name]
    inputs = case["inputs"]
    closes = inputs.get("closes") or {**inputs["first"], **inputs["last"]}
    values, days = known(list(closes.values())), [day_number(date.fromisoformat(day)) for day in closes]
    answer = float(linked(returns_of(values))[-1])
    if inputs["statistic"] == "cagr":
        answer = growth_per_year(answer, (days[-1] - days[0]) / float(inputs["year_days"]))

    assert is_near(answer, case["expected"]["value"], case["tolerance"]["value"])


def test_cumulative_returns() -> None:
    case = CASES["risk-em-cum-mixed"]
    answers = [0.0, *linked(returns_in(case)).tolist()]

    pairs = zip(answers, case["expected"]["values"], strict=True)
    assert all(is_near(answer, value, case["tolerance"]["value"]) for answer, value in pairs)


@pytest.mark.parametrize("unit", ["week", "month", "quarter", "year"])
def test_returns_by_period(unit: str) -> None:
    case = CASES["risk-em-agg"]
    days = np.array([day_number(date.fromisoformat(day)) for day in case["inputs"]["dates"]], dtype=np.int64)
    names, answers = by_period(periods_of(days, unit), returns_in(case))  # type: ignore[arg-type]

    expected = case["expected"][f"{unit}ly"]
    assert len(names) == len(expected)
    assert all(is_near(answer, value, "0.00000001") for answer, value in zip(answers.tolist(), expected, strict=True))


@pytest.mark.parametrize(("figure", "first_day"), [("mtd", date(2004, 12, 1)), ("ytd", date(2004, 1, 1))])
def test_to_date(figure: str, first_day: date) -> None:
    case = CASES["risk-ffn-mtd-1"]
    closes = case["inputs"]["closes"]
    days = np.array([day_number(date.fromisoformat(day)) for day in closes], dtype=np.int64)
    answer = return_since(days, known(list(closes.values())), day_number(first_day)).value

    assert answer is not None
    assert is_near(answer, case["expected"][figure], case["tolerance"]["value"])
