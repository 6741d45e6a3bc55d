"""What holds for every series of values: returns link, parts add up."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from finances.valuation.adjustment import Floats
from finances.valuation.attribution import attribute, market_and_fx
from finances.valuation.returns import daily_returns, linked, time_weighted_return
from finances.valuation.tests.random_books import some

DAYS, LINES = 12, 3
CENT = Decimal("0.01")

amounts = st.floats(1, 1e6)
flows = st.one_of(st.just(0.0), st.floats(0.01, 1e5))
signed = st.one_of(st.just(0.0), st.floats(-1e5, 1e5))


def table(rows: int, elements: st.SearchStrategy[float]) -> st.SearchStrategy[Floats]:
    return arrays(np.float64, (rows, LINES), elements=elements)


def row(length: int, elements: st.SearchStrategy[float]) -> st.SearchStrategy[Floats]:
    return arrays(np.float64, length, elements=elements)


def cents(amount: float) -> Decimal:
    return Decimal(amount).quantize(CENT)


def padded(*figures: float, length: int, by: float) -> Floats:
    return np.array([*figures, *[by] * (length - len(figures))])


@some
@given(row(DAYS + 1, amounts), row(DAYS, flows), row(DAYS, flows), st.integers(1, DAYS - 1))
@example(
    padded(1500, 1.875, length=DAYS + 1, by=1),
    padded(0, 29015.3125, length=DAYS, by=0),
    padded(0, 0, 1, 52, 186, length=DAYS, by=0),
    2,
)
def test_returns_of_two_periods_link(values: Floats, deposits: Floats, withdrawals: Floats, middle: int) -> None:
    whole = time_weighted_return(values, deposits, withdrawals).value
    first = time_weighted_return(values[: middle + 1], deposits[:middle], withdrawals[:middle]).value
    second = time_weighted_return(values[middle:], deposits[middle:], withdrawals[middle:]).value

    assert whole is not None
    assert first is not None
    assert second is not None
    # A return of nearly -1 has lost the digits of what is left of the capital, which a gain after it makes more of.
    lost = 4 * np.finfo(float).eps * (1 + (1 + first) + (1 + second))
    assert (1 + first) * (1 + second) == pytest.approx(1 + whole, rel=1e-12, abs=lost)


@some
@given(row(DAYS + 1, amounts), row(DAYS, flows), row(DAYS, flows))
def test_the_total_is_the_daily_returns_linked(values: Floats, deposits: Floats, withdrawals: Floats) -> None:
    total = time_weighted_return(values, deposits, withdrawals).value

    assert total == pytest.approx(linked(daily_returns(values, deposits, withdrawals))[-1], rel=1e-12, abs=1e-12)


@some
@given(table(DAYS + 1, amounts), table(DAYS + 1, st.floats(0.01, 100)), table(DAYS, signed), table(DAYS, signed))
def test_market_and_fx_explain_what_flows_do_not(values: Floats, rates: Floats, moved: Floats, booked: Floats) -> None:
    market, fx = market_and_fx(values, rates, moved, booked)
    change = (values[-1] * rates[-1] - values[0] * rates[0] - booked.sum(axis=0)).sum()

    scale = float(np.abs(values * rates).max() + np.abs(booked).max() + np.abs(moved).max() * rates.max())
    assert abs(float((market + fx).sum() - change)) <= 1e-10 * scale


@some
@given(
    table(DAYS + 1, st.one_of(st.just(0.0), amounts)),
    table(DAYS + 1, st.floats(0.01, 100)),
    row(DAYS, signed),
    row(3, flows),
)
def test_parts_add_up_to_the_cent(values: Floats, rates: Floats, paid_in: Floats, costs: Floats) -> None:
    """One line receives all that moves: flows and income in, fees and taxes out."""
    moved = np.zeros((DAYS, LINES))
    rates[:, 0] = 1.0
    moved[:, 0] = [float(cents(amount)) for amount in paid_in]
    income, fees, taxes = (cents(cost) for cost in costs)
    moved[0, 0] += float(income - fees - taxes)
    market, fx = market_and_fx(values, rates, moved, moved * rates[1:])
    opening, closing = (cents(float((values[day] * rates[day]).sum())) for day in (0, -1))
    parts = attribute(
        opening=opening,
        closing=closing,
        market=float(market.sum()),
        fx=float(fx.sum()),
        income=income,
        fees=-fees,
        taxes=-taxes,
        flows=sum((cents(amount) for amount in paid_in), Decimal(0)),
    )

    assert parts.change == closing - opening
    assert (parts.income, parts.fees, parts.taxes) == (income, -fees, -taxes)
    assert abs(parts.market - cents(float(market.sum()))) + abs(parts.fx - cents(float(fx.sum()))) <= 4 * CENT


@some
@given(table(DAYS + 1, amounts), table(DAYS + 1, st.floats(0.01, 100)), table(DAYS, signed), st.integers(1, DAYS - 1))
def test_parts_of_two_periods_are_those_of_the_whole(values: Floats, rates: Floats, moved: Floats, middle: int) -> None:
    booked = moved * rates[:-1]
    whole = market_and_fx(values, rates, moved, booked)
    first = market_and_fx(values[: middle + 1], rates[: middle + 1], moved[:middle], booked[:middle])
    second = market_and_fx(values[middle:], rates[middle:], moved[middle:], booked[middle:])

    for part in (0, 1):
        assert np.vstack([first[part], second[part]]).tolist() == whole[part].tolist()
