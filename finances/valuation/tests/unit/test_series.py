"""Values of positions on days, with what is missing left unknown."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from finances.valuation.adjustment import Floats, Ints
from finances.valuation.lots import Adjustment, Buy, Entry, Parcel, Sell, Split, TransferIn, TransferOut
from finances.valuation.positions import Steps, changes_of, day_number, position_steps
from finances.valuation.series import Holding, Rates, last_known, value_holdings

NAN = float("nan")
ON = date(2024, 1, 1)
NOTHING: Ints = np.empty(0, dtype=np.int64)


def days(*numbers: int) -> Ints:
    return np.array(numbers, dtype=np.int64)


def floats(*numbers: float) -> Floats:
    return np.array(numbers, dtype=np.float64)


def holding(
    *,
    held_from: int,
    quantity: float,
    closes: dict[int, float],
    currency: str = "USD",
    split: tuple[int, float] | None = None,
    max_age: int = 7,
) -> Holding:
    return Holding(
        steps=Steps(days(held_from), floats(quantity)),
        currency=currency,
        close_days=days(*closes),
        closes=floats(*closes.values()),
        split_days=days(split[0]) if split else NOTHING,
        split_ratios=floats(split[1]) if split else floats(),
        max_age=max_age,
    )


def test_day_number_is_numpy_s() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(date(2024, 2, 29)) == np.datetime64("2024-02-29").astype(np.int64)


def test_last_known_up_to_an_age() -> None:
    found = last_known(days(1, 2, 3, 4, 5), days(2), floats(7.0), max_age=2)

    np.testing.assert_array_equal(found, [NAN, 7.0, 7.0, 7.0, NAN])


def test_last_known_of_nothing() -> None:
    np.testing.assert_array_equal(last_known(days(1, 2), NOTHING, floats(), max_age=7), [NAN, NAN])


def test_every_kind_of_change() -> None:
    parcels = (Parcel(origin="x", acquired_on=ON, quantity=Decimal("1.5"), cost=Decimal(1)),)
    entries: list[Entry] = [
        Buy(id=1, on=ON, quantity=Decimal(10), amount=Decimal(1)),
        Sell(id=2, on=date(2024, 1, 2), quantity=Decimal(4), amount=Decimal(1)),
        TransferOut(id=3, on=date(2024, 1, 3), quantity=Decimal(1)),
        TransferIn(id=4, on=date(2024, 1, 4), parcels=parcels),
        Adjustment(id=5, on=date(2024, 1, 5), quantity=Decimal("-0.5")),
    ]
    steps = position_steps(changes_of(entries), [])

    first = day_number(ON)
    assert steps.days.tolist() == [first + index for index in range(5)]
    assert steps.quantities.tolist() == [10.0, 6.0, 5.0, 6.5, 6.0]
    assert steps.on(days(first - 1, first, first + 9)).tolist() == [0.0, 10.0, 6.0]


def test_steps_are_in_units_of_today_and_close_at_zero() -> None:
    split = Split(id="s", on=date(2024, 1, 2), numerator=1, denominator=3)
    changes = [(ON, Decimal(10)), (date(2024, 1, 3), -Decimal("3.333333333333"))]

    assert position_steps(changes, [split]).quantities.tolist() == [pytest.approx(10 / 3), 0.0]


def test_values_in_two_currencies() -> None:
    values = value_holdings(
        days(1, 2, 3),
        [
            holding(held_from=1, quantity=2, closes={1: 10.0, 2: 11.0, 3: 12.0}),
            holding(held_from=2, quantity=1, closes={1: 100.0, 3: 90.0}, currency="EUR"),
        ],
        {"USD": Rates(days(1, 3), floats(0.5, 1.0))},
        base="EUR",
    )

    assert values.local.tolist() == [[20.0, 0.0], [22.0, 100.0], [24.0, 90.0]]
    assert values.total.tolist() == [10.0, 111.0, 114.0]
    assert {code: total.tolist() for code, total in values.by_currency().items()} == {
        "USD": [20.0, 22.0, 24.0],
        "EUR": [0.0, 100.0, 90.0],
    }
    assert not values.missing.any()


def test_what_is_held_and_not_known() -> None:
    """Before it is held nothing is missing; a stale close is no close; what is known stays."""
    values = value_holdings(
        days(1, 2, 9),
        [
            holding(held_from=2, quantity=2, closes={2: 10.0}, max_age=5),
            holding(held_from=1, quantity=1, closes={1: 1.0, 2: 1.0, 9: 1.0}),
        ],
        {},
        base="USD",
    )

    assert values.missing.tolist() == [[False, False], [False, False], [True, False]]
    np.testing.assert_array_equal(values.total, [1.0, 21.0, NAN])
    assert values.known.tolist() == [1.0, 21.0, 1.0]


@pytest.mark.parametrize("rates", [{}, {"USD": Rates(days(1), floats(0.9))}])
def test_no_rate_or_one_too_old(rates: dict[str, Rates]) -> None:
    own = holding(held_from=1, quantity=1, closes={9: 5.0}, max_age=0)
    values = value_holdings(days(9), [own], rates, base="EUR")

    assert values.local.tolist() == [[5.0]]
    np.testing.assert_array_equal(values.reporting, [[NAN]])


def test_a_close_from_before_a_split_fits_the_day_after() -> None:
    own = holding(held_from=1, quantity=40, closes={1: 400.0, 3: 101.0}, split=(2, 4.0))
    values = value_holdings(days(1, 2, 3), [own], {}, base="USD")

    assert values.total.tolist() == [4000.0, 4000.0, 4040.0]


def test_a_short_is_worth_less_than_nothing() -> None:
    own = holding(held_from=1, quantity=-3, closes={1: 10.0})

    assert value_holdings(days(1), [own], {}, base="USD").total.tolist() == [-30.0]
