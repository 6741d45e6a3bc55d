"""Money-weighted returns of pyxirr, Excel, MathWorks, Java, Portfolio Performance and LibreOffice."""

from datetime import date

import pytest

from finances.valuation.figures import Cause
from finances.valuation.tests.cases import Case, is_near, load
from finances.valuation.xirr import MoneyWeighted, xirr

CASES = load("xirr")
TOTAL_LOSS = [name for name in CASES if name.startswith("xirr-jx-total-loss")]
SEVERAL = [
    name for name, case in CASES.items() if "acceptable_roots" in case["expected"] or "roots" in case["expected"]
]
NONE = ["xirr-px-30-29", "xirr-px-30-31", "xirr-jx-same-day", "xirr-jx-all-negative", "xirr-jx-all-nonnegative"]
ONE = [name for name in CASES if name not in {*TOTAL_LOSS, *SEVERAL, *NONE}]
DAY_COUNTS = {
    "30/360 SIA": "30u/360",
    "30/360 ISDA": "30/360 isda",
    "30E/360": "30e/360",
    "act/act ISDA": "act/act isda",
}


def solve(case: Case) -> MoneyWeighted:
    flows = case["inputs"]["flows"]
    day_count = case["inputs"].get("day_count", "act/365f")
    return xirr(
        [date.fromisoformat(flow["date"]) for flow in flows],
        [float(flow["amount"]) for flow in flows],
        day_count=DAY_COUNTS.get(day_count, day_count),
    )


@pytest.mark.parametrize("name", ONE)
def test_one_rate(name: str) -> None:
    case = CASES[name]
    # One source gives up where there is a rate, and accepts it.
    expected = case["expected"]["xirr"] or case["expected"]["acceptable"][1]
    answer = solve(case)

    assert answer.cause is None
    assert answer.rate is not None
    assert is_near(answer.rate, expected, case["tolerance"]["rate"])


@pytest.mark.parametrize("name", SEVERAL)
def test_several_rates(name: str) -> None:
    case = CASES[name]
    expected = case["expected"].get("roots") or case["expected"]["acceptable_roots"]
    answer = solve(case)

    assert (answer.rate, answer.cause) == (None, Cause.SEVERAL_RATES)
    pairs = zip(answer.rates, expected, strict=True)
    assert all(is_near(rate, wanted, case["tolerance"]["rate"]) for rate, wanted in pairs)


@pytest.mark.parametrize("name", NONE)
def test_no_rate(name: str) -> None:
    cause = Cause.NO_TIME if name == "xirr-jx-same-day" else Cause.NO_RATE

    assert solve(CASES[name]) == MoneyWeighted(None, cause)


@pytest.mark.parametrize("name", TOTAL_LOSS)
def test_a_total_loss_has_no_rate(name: str) -> None:
    """The source answers -100 %, which is a limit and solves nothing."""
    assert solve(CASES[name]) == MoneyWeighted(None, Cause.TOTAL_LOSS)


def test_flows_that_net_to_nothing() -> None:
    days = [date(2020, 1, 1), date(2020, 1, 1), date(2021, 1, 1)]

    assert xirr(days, [-100.0, 100.0, 0.0]) == MoneyWeighted(None, Cause.NO_RATE)


def test_two_rates_close_together() -> None:
    """Roots at 10 % and 10.02 %, both within one step of the search."""
    days = [date(2019, 1, 1), date(2020, 1, 1), date(2020, 12, 31)]
    answer = xirr(days, [100.0, -100 * (1.1 + 1.1002), 100 * 1.1 * 1.1002])

    assert answer.cause == Cause.SEVERAL_RATES
    assert answer.rates == pytest.approx((0.1, 0.1002), abs=1e-9)


def test_a_missing_amount() -> None:
    days = [date(2020, 1, 1), date(2021, 1, 1)]

    assert xirr(days, [-100.0, float("nan")]) == MoneyWeighted(None, Cause.MISSING_VALUE)
