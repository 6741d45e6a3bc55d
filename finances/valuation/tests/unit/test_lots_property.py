"""What holds for every book, whatever the method."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finances.valuation.adjustment import Floats, Ints
from finances.valuation.lots import Book, Buy, Entry, Method, Sell, Split, count_lots
from finances.valuation.positions import changes_of, day_number, position_steps
from finances.valuation.series import Holding, value_in_currency
from finances.valuation.tests.random_books import FIRST, RATIOS, books, halved, some

ZERO = Decimal(0)
NOISE = Decimal("1e-12")
METHODS = pytest.mark.parametrize("method", list(Method))


def splits_of(entries: Iterable[Entry]) -> list[Split]:
    return [entry for entry in entries if isinstance(entry, Split)]


def exact_position(entries: Sequence[Entry]) -> Fraction:
    """Bought less sold, in units of the end; less than 1e-12 is nothing."""
    held = Fraction(0)
    for entry in entries:
        if isinstance(entry, Split):
            held *= Fraction(entry.numerator, entry.denominator)
        held += sum(Fraction(quantity) for _, quantity in changes_of([entry]))
        if isinstance(entry, Sell) and held < Fraction(1, 10**12):
            held = Fraction(0)
    return held


def paid(entries: Iterable[Entry]) -> Decimal:
    return sum((entry.amount + entry.fees for entry in entries if isinstance(entry, Buy)), ZERO)


def received(entries: Iterable[Entry]) -> Decimal:
    return sum((entry.amount - entry.fees for entry in entries if isinstance(entry, Sell)), ZERO)


def gains_by_entry(book: Book) -> dict[object, Decimal]:
    gains: dict[object, Decimal] = defaultdict(lambda: ZERO)
    for part in book.realizations:
        origin = part.closed_by[0] if isinstance(part.closed_by, tuple) else part.closed_by
        gains[origin] += part.gain
    return gains


@METHODS
@some
@given(entries=books())
def test_lots_sum_to_the_position(method: Method, entries: list[Entry]) -> None:
    book, position = count_lots(entries, method=method), exact_position(entries)

    assert book.quantity == Decimal(round(position * 10**12)).scaleb(-12)
    assert all(lot.quantity > 0 for lot in book.lots)


@METHODS
@some
@given(entries=books())
def test_no_cost_and_no_proceeds_are_lost(method: Method, entries: list[Entry]) -> None:
    """So cost and gain together are the same under every method."""
    book = count_lots(entries, method=method)

    assert sum((part.cost for part in book.realizations), ZERO) + book.cost == paid(entries)
    assert sum((part.proceeds for part in book.realizations), ZERO) == received(entries)
    assert sum((part.gain for part in book.realizations), ZERO) - book.cost == received(entries) - paid(entries)


@METHODS
@some
@given(entries=books())
def test_fees_are_shared_without_rest(method: Method, entries: list[Entry]) -> None:
    book = count_lots(entries, method=method)
    lots, parts = book.lots, book.realizations

    buy_fees = sum((lot.fees for lot in lots), ZERO) + sum((part.opening_fees for part in parts), ZERO)
    assert buy_fees == sum((entry.fees for entry in entries if isinstance(entry, Buy)), ZERO)
    assert sum((part.fees for part in parts), ZERO) == sum(
        (entry.fees for entry in entries if isinstance(entry, Sell)), ZERO
    )


@METHODS
@some
@given(entries=books())
def test_two_halves_are_one_trade(method: Method, entries: list[Entry]) -> None:
    whole, halves = count_lots(entries, method=method), count_lots(halved(entries), method=method)

    # A remainder below 1e-12 units is zero, wherever it falls: so much of the dearest unit may be counted elsewhere.
    dearest = max((entry.amount / entry.quantity for entry in entries if isinstance(entry, Buy | Sell)), default=ZERO)
    noise = NOISE * (1 + len(entries) * dearest)
    assert abs(whole.quantity - halves.quantity) <= NOISE * len(entries)
    assert abs(whole.cost - halves.cost) <= noise
    one, two = gains_by_entry(whole), gains_by_entry(halves)
    assert all(abs(one[entry] - two[entry]) <= noise for entry in one.keys() | two.keys())


@some
@given(entries=books())
def test_two_halves_are_one_position_on_every_day(entries: list[Entry]) -> None:
    whole = position_steps(changes_of(entries), splits_of(entries))
    halves = position_steps(changes_of(halved(entries)), splits_of(entries))

    assert (whole.days.tolist(), whole.quantities.tolist()) == (halves.days.tolist(), halves.quantities.tolist())


@METHODS
@some
@given(entries=books(), data=st.data())
def test_order_of_entry_within_a_day_changes_no_position(
    method: Method, entries: list[Entry], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([replace(entry, sequence=0) for entry in entries]))
    sequences = data.draw(st.permutations(range(len(entries))))
    again = [replace(entry, sequence=sequence) for entry, sequence in zip(shuffled, sequences, strict=True)]
    one, two = count_lots(entries, method=method), count_lots(again, method=method)

    assert one.quantity == two.quantity
    assert two.cost + sum((part.cost for part in two.realizations), ZERO) == paid(entries)


@METHODS
@some
@given(entries=books())
def test_a_list_in_any_order_is_one_book(method: Method, entries: list[Entry]) -> None:
    assert count_lots(reversed(entries), method=method) == count_lots(entries, method=method)


@METHODS
@some
@given(entries=books(splits=False), ratio=st.sampled_from(RATIOS))
def test_a_split_and_its_undoing_change_nothing(method: Method, entries: list[Entry], ratio: tuple[int, int]) -> None:
    day = entries[-1].on if entries else FIRST
    there = Split(id="there", on=day + timedelta(days=1), numerator=ratio[0], denominator=ratio[1])
    back = Split(id="back", on=day + timedelta(days=2), numerator=ratio[1], denominator=ratio[0])

    assert count_lots([*entries, there, back], method=method) == count_lots(entries, method=method)


@some
@given(entries=books(), ratio=st.sampled_from(RATIOS), at=st.integers(0, 60))
def test_a_split_changes_no_value(entries: list[Entry], ratio: tuple[int, int], at: int) -> None:
    """Raw closes fall by the ratio and quantities booked from the ex-date on are in new units."""
    ex_date = FIRST + timedelta(days=at)
    factor = Fraction(*ratio)
    plain = [entry for entry in entries if not isinstance(entry, Split)]
    days = np.arange(day_number(FIRST), day_number(FIRST) + 80, dtype=np.int64)
    closes = 50 + 10 * np.sin(days)
    changed = [(on, Fraction(quantity) * (factor if on >= ex_date else 1)) for on, quantity in changes_of(plain)]
    split = Split(id="split", on=ex_date, numerator=ratio[0], denominator=ratio[1])
    new_closes = np.where(days >= day_number(ex_date), closes / float(factor), closes)
    # No bar on the ex-date itself: the last one from before must still fit.
    traded = days != day_number(ex_date)
    closes_around, days_around = new_closes[traded], days[traded]
    after = value_in_currency(
        days,
        Holding(
            steps=position_steps(changed, [split]),
            currency="EUR",
            close_days=days_around,
            closes=closes_around,
            split_days=np.array([day_number(ex_date)], dtype=np.int64),
            split_ratios=np.array([float(factor)]),
            max_age=7,
        ),
    )
    before = value_in_currency(days, holding(plain, [], closes[traded], days_around))

    assert after.tolist() == pytest.approx(before.tolist(), rel=1e-12, abs=1e-9, nan_ok=True)


def holding(entries: Sequence[Entry], splits: Sequence[Split], closes: Floats, days: Ints) -> Holding:
    return Holding(
        steps=position_steps(changes_of(entries), splits),
        currency="EUR",
        close_days=days,
        closes=closes,
        split_days=np.array([day_number(split.on) for split in splits], dtype=np.int64),
        split_ratios=np.array([split.numerator / split.denominator for split in splits]),
        max_age=7,
    )


@some
@given(entries=books())
def test_steps_end_at_the_position(entries: list[Entry]) -> None:
    steps = position_steps(changes_of(entries), splits_of(entries))
    last = np.array([day_number(date(2030, 1, 1))], dtype=np.int64)

    assert steps.on(last)[0] == pytest.approx(float(exact_position(entries)), rel=1e-12, abs=1e-9)
