"""Days without a value: bridged where no flow needs them, unknown where one does."""

import numpy as np
import pytest

from finances.valuation.attribution import market_and_fx
from finances.valuation.figures import Cause
from finances.valuation.stretches import bridged, bridged_market_and_fx
from finances.valuation.track import Passage, Track

NAN = float("nan")
DAYS = np.arange(5, dtype=np.int64)


def passage(values: list[float], deposits: list[float], withdrawals: list[float]) -> Passage:
    return Passage(DAYS, np.array(values), np.array(deposits), np.array(withdrawals))


def test_a_return_needs_no_value_between_flows() -> None:
    found = passage([100.0, NAN, NAN, 121.0, 110.0], [0.0] * 4, [0.0] * 4)

    assert found.time_weighted.value == pytest.approx(0.1)
    assert found.stretches.ends.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("deposits", "withdrawals"),
    [([0.0, 0.0, 5.0, 0.0], [0.0] * 4), ([0.0] * 4, [0.0, 7.0, 0.0, 0.0])],
)
def test_a_flow_needs_the_value_of_its_moment(deposits: list[float], withdrawals: list[float]) -> None:
    found = passage([100.0, 100.0, NAN, 121.0, 110.0], deposits, withdrawals)

    assert found.time_weighted.cause is Cause.MISSING_VALUE


def test_flows_at_the_edges_of_a_stretch_need_none() -> None:
    """A deposit before it and a withdrawal after it: (110 + 22) / (100 + 20) - 1."""
    found = passage([100.0, NAN, NAN, 110.0, 110.0], [20.0, 0.0, 0.0, 0.0], [0.0, 0.0, 22.0, 0.0])

    assert found.time_weighted.value == pytest.approx(0.1)


def test_an_unknown_flow_leaves_no_return() -> None:
    assert passage([100.0] * 5, [0.0, NAN, 0.0, 0.0], [0.0] * 4).time_weighted.cause is Cause.MISSING_VALUE


def test_without_gaps_nothing_is_bridged() -> None:
    values, flows = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.zeros(4)

    assert bridged(values, flows, flows).values.tolist() == values.tolist()


def test_a_stretch_counts_on_the_day_it_ends() -> None:
    """Value 10, two days unknown with 4 moved in, then 20 at a rate of 3 after 2."""
    values, rates = np.array([[10.0], [NAN], [NAN], [20.0]]), np.array([[2.0], [2.0], [NAN], [3.0]])
    flows, booked = np.array([[0.0], [4.0], [0.0]]), np.array([[0.0], [9.0], [0.0]])

    market, fx = bridged_market_and_fx(values, rates, flows, booked)

    assert market.tolist() == [[0.0], [0.0], [(20 - 10 - 4) * 3.0]]
    assert fx.tolist() == [[0.0], [0.0], [10 * 1.0 + 4 * 3 - 9]]
    assert market.sum() + fx.sum() == 20 * 3 - 10 * 2 - 9


def test_known_lines_are_counted_as_ever() -> None:
    values, rates = np.array([[1.0, 2.0], [3.0, 5.0]]), np.ones((2, 2))
    flows = np.array([[1.0, 0.0]])

    expected = market_and_fx(values, rates, flows, flows)
    found = bridged_market_and_fx(values, rates, flows, flows)

    assert [part.tolist() for part in found] == [part.tolist() for part in expected]


def test_a_line_that_is_not_known_at_an_end_has_no_parts() -> None:
    nothing = np.zeros((2, 1))
    track = Track(
        days=DAYS[:3], values=np.array([[1.0], [2.0], [NAN]]), rates=np.ones((3, 1)), flows=nothing, booked=nothing,
        deposits=np.zeros(2), withdrawals=np.zeros(2),
    )  # fmt: skip

    assert track.market(0, 1).tolist() == [1.0]
    assert np.isnan(track.market(0, 2)).tolist() == [True]


def test_days_before_capital_are_not_measured() -> None:
    found = passage([0.0, 0.0, 100.0, 110.0, 0.0], [0.0, 100.0, 0.0, 0.0], [0.0, 0.0, 0.0, 110.0])

    assert (found.measured, found.measured_days) == ((1, 3), 3)
    assert found.returns.tolist() == pytest.approx([0.0, 0.1, 0.0])
    assert found.annualized.cause is Cause.PERIOD_TOO_SHORT


def test_a_drawdown_begins_with_the_first_capital() -> None:
    figure, found = passage([0.0, 0.0, 100.0, 80.0, 100.0], [0.0, 100.0, 0.0, 0.0], [0.0] * 4).drawdown

    assert found is not None
    assert figure.value == pytest.approx(-0.2)
    assert (found.trough, found.recovery) == (3, 4)
