"""Time- and money-weighted returns and Modified Dietz of hledger, textbooks and Bloomberg."""

from datetime import date, timedelta

import numpy as np
import pytest

from finances.valuation.adjustment import Floats
from finances.valuation.attribution import market_and_fx
from finances.valuation.positions import day_number
from finances.valuation.returns import growth_per_year, linked, modified_dietz, time_weighted_return
from finances.valuation.tests.cases import Case, is_near, load
from finances.valuation.xirr import xirr

CASES = load("returns")
HLEDGER = [name for name in CASES if name.startswith("ret-hl-")]
TEXTBOOK = [name for name in CASES if name.startswith("ret-cfa-")]
DIETZ = ["ret-md-bloomberg", "ret-md-jp-fund"]


def test_every_case_runs() -> None:
    assert {*HLEDGER, *TEXTBOOK, *DIETZ, "ret-md-wikipedia"} == set(CASES)


def yearly_xirr(amounts: list[str]) -> float | None:
    days = [date(2001, 1, 1) + timedelta(days=365 * year) for year in range(len(amounts))]
    return xirr(days, [float(amount) for amount in amounts]).rate


def floats(texts: list[str]) -> Floats:
    return np.array([float(text) for text in texts])


@pytest.mark.parametrize("name", HLEDGER)
def test_profit_is_what_flows_do_not_explain(name: str) -> None:
    case = CASES[name]
    expected = case["expected"]
    flows = floats([flow["amount"] for flow in case["inputs"]["flows_into_investment"]]).sum()
    values = floats([expected["value_begin"], expected["value_end"]])[:, None]
    market, fx = market_and_fx(values, np.ones((2, 1)), np.array([[flows]]), np.array([[flows]]))

    assert is_near(float(flows), expected["net_cash_flow"], case["tolerance"]["money"])
    assert is_near(float(market.sum()), expected["pnl"], case["tolerance"]["money"])
    assert fx.tolist() == [[0.0]]


def daily(case: Case, begin: float, changes: dict[str, float]) -> float:
    """The time-weighted return in percent of a value that moves by `changes` on some days and by the case's flows."""
    first, last = (date.fromisoformat(day) for day in case["inputs"]["period"])
    days = range(day_number(first), day_number(last) + 1)
    flows = {flow["date"]: float(flow["amount"]) for flow in case["inputs"]["flows_into_investment"]}
    moved = np.zeros((2, len(days)))
    for row, figures in enumerate((flows, changes)):
        for text, amount in figures.items():
            moved[row, day_number(date.fromisoformat(text)) - days[0]] = amount
    values = np.append(begin, begin + np.cumsum(moved.sum(axis=0)))
    value = time_weighted_return(values, np.maximum(moved[0], 0), np.maximum(-moved[0], 0)).value
    assert value is not None
    return value * 100


def test_returns_of_quarters_with_flows_link() -> None:
    case = CASES["ret-hl-06-total"]
    change = daily(case, 0.0, {"2017-06-30": 10.0, "2017-12-31": -5.0})

    assert is_near(change, case["expected"]["plain_twr_linked_percent"], case["tolerance"]["percent"])


def test_the_return_of_one_fund_is_that_of_its_price() -> None:
    case = CASES["ret-hl-16-total"]
    change = daily(case, 43.11, {"2019-06-30": 7.82, "2019-12-31": 62.26})

    assert is_near(change, case["expected"]["plain_twr_percent"], case["tolerance"]["percent"])


@pytest.mark.parametrize("name", TEXTBOOK)
def test_money_and_time_weighted(name: str) -> None:
    inputs, expected = CASES[name]["inputs"], CASES[name]["expected"]
    rate = yearly_xirr(inputs["yearly_cash_flows"])
    answers = {"money_weighted": rate}
    if "yearly_sub_period_returns" in inputs:
        total = float(linked(floats(inputs["yearly_sub_period_returns"]))[-1])
        answers["time_weighted_annual"] = growth_per_year(total, len(inputs["yearly_sub_period_returns"]))

    for figure, value in expected["exact"].items():
        answer = answers[figure]
        assert answer is not None
        assert is_near(answer, value, "0.00000001")
        assert is_near(answer, expected.get(figure, value), CASES[name]["tolerance"]["rate"])


@pytest.mark.parametrize("name", DIETZ)
def test_modified_dietz(name: str) -> None:
    case = CASES[name]
    inputs, expected = case["inputs"], case["expected"]
    flows = floats([flow["amount"] for flow in inputs["flows"]])
    days = np.array([int(flow["day"]) for flow in inputs["flows"]], dtype=np.int64)
    answer = modified_dietz(float(inputs["begin"]), float(inputs["end"]), flows, days, int(inputs["days"])).value

    assert answer is not None
    assert is_near(answer, expected["exact"], "0.000000000001")
    assert is_near(answer, expected["modified_dietz"], case["tolerance"]["rate"])


def test_modified_dietz_against_the_exact_rate() -> None:
    case = CASES["ret-md-wikipedia"]
    inputs, expected = case["inputs"], case["expected"]
    begin, end, flow = (float(figure) for figure in (inputs["begin"], inputs["end"], inputs["flow"]["amount"]))
    days = np.array([int(inputs["flow"]["at_year"])], dtype=np.int64)
    dietz = modified_dietz(begin, end, np.array([flow]), days, int(inputs["years"])).value
    rate = yearly_xirr([str(-begin), str(-flow), str(end)])

    assert dietz == float(expected["modified_dietz_two_years"])
    assert dietz == float(expected["gain"]) / float(expected["average_capital"])
    assert rate is not None
    assert is_near(rate, expected["irr_per_year"], case["tolerance"]["rate"])
    assert is_near((1 + rate) ** 2 - 1, expected["irr_two_years"], case["tolerance"]["rate"])
