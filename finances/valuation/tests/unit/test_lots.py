"""What entries other than plain trades do to a book, and what it refuses."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from finances.valuation.lots import (
    Adjustment,
    Book,
    Buy,
    Entry,
    LotUnavailable,
    Method,
    Named,
    NothingHeld,
    Oversold,
    Parcel,
    ReturnOfCapital,
    Rules,
    Sell,
    SpinOff,
    Split,
    TransferIn,
    TransferOut,
    count_books,
    count_lots,
    order_of_entry,
)


def day(number: int) -> date:
    return date(2024, 1, number)


def buy(name: str, on: int, quantity: str, amount: str, *, fees: str = "0", taxes: str = "0") -> Buy:
    return Buy(
        id=name,
        on=day(on),
        quantity=Decimal(quantity),
        amount=Decimal(amount),
        fees=Decimal(fees),
        taxes=Decimal(taxes),
    )


def sell(
    name: str,
    on: int,
    quantity: str,
    amount: str = "0",
    *,
    fees: str = "0",
    taxes: str = "0",
    named: tuple[Named, ...] = (),
) -> Sell:
    return Sell(
        id=name,
        on=day(on),
        quantity=Decimal(quantity),
        amount=Decimal(amount),
        fees=Decimal(fees),
        taxes=Decimal(taxes),
        named=named,
    )


def split(on: int, numerator: int, denominator: int) -> Split:
    return Split(id=f"split-{on}", on=day(on), numerator=numerator, denominator=denominator)


def lots(book: Book) -> list[tuple[str, date, Decimal, Decimal]]:
    return [(lot.id, lot.acquired_on, lot.quantity, lot.cost) for lot in book.lots]


TWO = [buy("a", 1, "10", "100"), buy("b", 2, "10", "200")]


def test_fees_and_taxes_of_both_sides() -> None:
    book = count_lots([buy("a", 1, "4", "100", fees="2", taxes="1"), sell("s", 9, "1", "50", fees="3", taxes="4")])

    [part] = book.realizations
    assert (part.proceeds, part.cost, part.gain) == (Decimal(47), Decimal("25.75"), Decimal("21.25"))
    assert (part.fees, part.taxes, part.opening_fees, part.opening_taxes) == (
        Decimal(3),
        Decimal(4),
        Decimal("0.5"),
        Decimal("0.25"),
    )
    assert (part.opened_on, part.closed_on, part.holding_days, part.is_long_term()) == (day(1), day(9), 8, False)
    assert (book.quantity, book.cost, book.average_cost) == (Decimal(3), Decimal("77.25"), Decimal("25.75"))


def test_an_empty_book() -> None:
    book = count_lots([])

    assert (book.lots, book.realizations, book.quantity, book.cost, book.average_cost) == (
        (),
        (),
        Decimal(0),
        Decimal(0),
        None,
    )


def test_splits_there_and_back_leave_no_trace() -> None:
    book = count_lots([buy("a", 1, "10", "100"), split(2, 1, 3), split(3, 3, 1)])

    assert lots(book) == [("a", day(1), Decimal(10), Decimal(100))]


def test_a_sale_between_splits_is_in_units_of_its_day() -> None:
    book = count_lots([buy("a", 1, "10", "100"), split(2, 1, 3), sell("s", 3, "1", "40"), split(4, 3, 1)])

    assert [(part.quantity, part.cost) for part in book.realizations] == [(Decimal(1), Decimal(30))]
    assert lots(book) == [("a", day(1), Decimal(7), Decimal(70))]


def test_shown_quantities_of_thirds_add_up() -> None:
    book = count_lots([buy("a", 1, "1", "1"), buy("b", 2, "1", "1"), buy("c", 3, "1", "1"), split(4, 1, 3)])

    assert [lot.quantity for lot in book.lots] == [
        Decimal("0.333333333333"),
        Decimal("0.333333333334"),
        Decimal("0.333333333333"),
    ]
    assert book.quantity == Decimal(1)


def test_what_is_shown_can_be_sold() -> None:
    entries: list[Entry] = [buy("a", 1, "10", "100"), split(2, 1, 3)]
    shown = count_lots(entries).quantity
    book = count_lots([*entries, sell("s", 3, str(shown), "100")])

    assert (book.lots, [part.cost for part in book.realizations]) == ((), [Decimal(100)])


def test_a_remainder_below_the_smallest_quantity_is_nothing() -> None:
    bought = [buy("a", 1, "0.3333333333333333", "136"), buy("b", 2, "0.6666666666666666", "266.67")]
    book = count_lots([*bought, sell("s", 3, "1", "411")])

    assert book.lots == ()
    assert sum(part.cost for part in book.realizations) == Decimal("402.67")


def test_order_within_a_day() -> None:
    """A split counts first, then what adds, then what takes away, whatever was entered first."""
    entries = [
        replace(sell("s", 1, "20"), sequence=0),
        replace(buy("a", 1, "20", "10"), sequence=1),
        replace(TransferOut(id="t", on=day(1), quantity=Decimal(1)), sequence=2),
        replace(ReturnOfCapital(id="r", on=day(1), amount=Decimal(1)), sequence=3),
        replace(split(1, 2, 1), sequence=4),
    ]

    assert [entry.id for entry in sorted(entries, key=order_of_entry)] == ["split-1", "r", "a", "t", "s"]


def test_selling_more_than_is_held() -> None:
    with pytest.raises(Oversold) as caught:
        count_lots([*TWO, split(3, 2, 1), sell("s", 4, "40.5")])

    error = caught.value
    assert (error.entry, error.on, error.wanted, error.held) == ("s", day(4), Decimal("40.5"), Decimal(40))
    assert (str(error), error.code) == ("40.5 taken away on 2024-01-04, when 40 were held.", "oversold")


def test_a_purchase_too_late_does_not_help() -> None:
    with pytest.raises(Oversold):
        count_lots([sell("s", 1, "1"), buy("a", 2, "1", "1")])


def test_named_lots_before_the_method() -> None:
    book = count_lots([*TWO, sell("s", 3, "7", "0", named=(Named(lot="b", quantity=Decimal(4)),))])

    assert [(part.lot, part.quantity, part.cost) for part in book.realizations] == [
        ("b", Decimal(4), Decimal(80)),
        ("a", Decimal(3), Decimal(30)),
    ]


@pytest.mark.parametrize(("lot", "quantity"), [("c", "1"), ("b", "11"), ("a", "9")])
def test_a_named_lot_that_is_not_there(lot: str, quantity: str) -> None:
    with pytest.raises(LotUnavailable):
        count_lots(
            [*TWO, sell("s", 3, "8" if lot == "a" else "15", named=(Named(lot=lot, quantity=Decimal(quantity)),))]
        )


def test_highest_cost_first() -> None:
    book = count_lots([*TWO, buy("c", 3, "10", "150"), sell("s", 4, "15")], method=Method.HIFO)

    assert [(part.lot, part.quantity) for part in book.realizations] == [("b", Decimal(10)), ("c", Decimal(5))]


def test_an_average_pool_starts_anew_after_zero() -> None:
    book = count_lots([*TWO, sell("s", 3, "20"), buy("c", 4, "1", "7")], method=Method.AVERAGE)

    assert [(part.lot, part.cost) for part in book.realizations] == [("a", Decimal(300))]
    assert lots(book) == [("c", day(4), Decimal(1), Decimal(7))]


def test_a_short_is_covered() -> None:
    book = count_lots(
        [sell("s", 1, "10", "100", fees="1"), buy("c", 5, "4", "30", fees="2", taxes="1")], allow_short=True
    )

    [part] = book.realizations
    assert (part.is_short, part.lot, part.opened_on, part.closed_on) == (True, "s", day(1), day(5))
    assert (part.quantity, part.proceeds, part.cost, part.gain) == (
        Decimal(4),
        Decimal("39.6"),
        Decimal(33),
        Decimal("6.6"),
    )
    assert (part.fees, part.taxes, part.opening_fees) == (Decimal(2), Decimal(1), Decimal("0.4"))
    assert lots(book) == [("s", day(1), Decimal(-6), Decimal("-59.4"))]
    assert book.lots[0].cost_per_unit == Decimal("9.9")


def test_a_sale_through_zero_opens_a_short() -> None:
    book = count_lots([buy("a", 1, "2", "20"), sell("s", 2, "5", "100")], allow_short=True)

    assert [(part.quantity, part.proceeds, part.cost) for part in book.realizations] == [
        (Decimal(2), Decimal(40), Decimal(20))
    ]
    assert lots(book) == [("s", day(2), Decimal(-3), Decimal(-60))]


def test_a_transfer_carries_lots() -> None:
    here = [*TWO, TransferOut(id="t", on=day(5), quantity=Decimal(15), to="there")]
    there = [sell("s", 6, "12", "240")]
    books = count_books({"here": here, "there": there}, {"here": Rules(), "there": Rules(method=Method.LIFO)})

    assert lots(books["here"]) == [("b", day(2), Decimal(5), Decimal(100))]
    assert books["here"].realizations == ()
    assert lots(books["there"]) == [("t", day(1), Decimal(3), Decimal(30))]
    assert [(part.lot, part.origin, part.opened_on, part.cost) for part in books["there"].realizations] == [
        ("t.1", "b", day(2), Decimal(100)),
        ("t", "a", day(1), Decimal(70)),
    ]


def test_lots_travel_there_and_back() -> None:
    here = [*TWO, TransferOut(id="t", on=day(5), quantity=Decimal(15), to="there"), sell("s", 8, "20")]
    there = [TransferOut(id="u", on=day(7), quantity=Decimal(15), to="here")]
    books = count_books({"here": here, "there": there}, {"here": Rules(), "there": Rules()})

    assert (books["there"].lots, books["here"].lots) == ((), ())
    assert sum(part.cost for part in books["here"].realizations) == Decimal(300)


def test_a_transfer_of_thirds_keeps_them() -> None:
    ratio = [split(2, 1, 3), split(9, 3, 1)]
    here = [
        buy("a", 1, "10", "100"),
        *ratio,
        TransferOut(id="t", on=day(3), quantity=Decimal("3.333333333333"), to="there"),
    ]
    books = count_books({"here": here, "there": ratio}, {"here": Rules(), "there": Rules()})

    assert books["here"].moved["t"][0].quantity == Fraction(10, 3)
    assert lots(books["there"]) == [("t", day(1), Decimal(10), Decimal(100))]


def test_a_transfer_never_opens_a_short() -> None:
    with pytest.raises(Oversold):
        count_lots([TransferOut(id="t", on=day(1), quantity=Decimal(1))], allow_short=True)


def test_lots_that_arrive_from_elsewhere() -> None:
    parcels = (
        Parcel(origin="x", acquired_on=date(2019, 5, 5), quantity=Decimal(1), cost=Decimal(10), fees=Decimal(1)),
        Parcel(origin="y", acquired_on=date(2018, 5, 5), quantity=Decimal(2), cost=Decimal(30)),
    )
    book = count_lots([TransferIn(id="t", on=day(1), parcels=parcels), sell("s", 2, "1")])

    assert [(part.lot, part.origin) for part in book.realizations] == [("t.1", "y")]
    assert lots(book) == [
        ("t.1", date(2018, 5, 5), Decimal(1), Decimal(15)),
        ("t", date(2019, 5, 5), Decimal(1), Decimal(10)),
    ]


def test_a_spin_off_takes_cost_along() -> None:
    spin = SpinOff(id="spin", on=day(5), numerator=1, denominator=4, cost_fraction=Decimal("0.2"), to="child")
    books = count_books({"parent": [*TWO, spin], "child": []}, {"parent": Rules(), "child": Rules()})

    assert lots(books["parent"]) == [("a", day(1), Decimal(10), Decimal(80)), ("b", day(2), Decimal(10), Decimal(160))]
    assert lots(books["child"]) == [
        ("spin", day(1), Decimal("2.5"), Decimal(20)),
        ("spin.1", day(2), Decimal("2.5"), Decimal(40)),
    ]


def test_a_return_of_capital_beyond_cost_is_gain() -> None:
    book = count_lots([*TWO, ReturnOfCapital(id="r", on=day(5), amount=Decimal(240))])

    assert lots(book) == [("a", day(1), Decimal(10), Decimal(0)), ("b", day(2), Decimal(10), Decimal(80))]
    assert [(part.lot, part.quantity, part.gain) for part in book.realizations] == [("a", Decimal(0), Decimal(20))]


def test_a_payment_on_a_short_is_a_return_of_capital_paid() -> None:
    book = count_lots(
        [sell("s", 1, "10", "100"), ReturnOfCapital(id="r", on=day(2), amount=Decimal(-30))], allow_short=True
    )

    assert lots(book) == [("s", day(1), Decimal(-10), Decimal(-70))]


@pytest.mark.parametrize(
    ("quantity", "cost", "expected"),
    [
        (
            "5",
            "40",
            [("a", Decimal(10), Decimal(100)), ("b", Decimal(10), Decimal(200)), ("x", Decimal(5), Decimal(40))],
        ),
        ("-15", None, [("b", Decimal(5), Decimal(100))]),
        ("-15", "-210", [("b", Decimal(5), Decimal(90))]),
        ("0", "20", [("a", Decimal(10), Decimal(110)), ("b", Decimal(10), Decimal(210))]),
    ],
)
def test_an_adjustment(quantity: str, cost: str | None, expected: list[tuple[str, Decimal, Decimal]]) -> None:
    change = Adjustment(id="x", on=day(5), quantity=Decimal(quantity), cost=None if cost is None else Decimal(cost))
    book = count_lots([*TWO, change])

    assert [(lot.id, lot.quantity, lot.cost) for lot in book.lots] == expected
    assert book.realizations == ()
    assert cost is None or book.cost == 300 + Decimal(cost)


@pytest.mark.parametrize(
    "entry",
    [
        ReturnOfCapital(id="x", on=day(1), amount=Decimal(1)),
        SpinOff(id="x", on=day(1), numerator=1, denominator=1, cost_fraction=Decimal("0.5")),
        Adjustment(id="x", on=day(1), cost=Decimal(1)),
    ],
)
def test_nothing_to_belong_to(entry: Entry) -> None:
    with pytest.raises(NothingHeld) as caught:
        count_lots([entry])

    assert (caught.value.entry, caught.value.on, caught.value.code) == ("x", day(1), "nothing_held")


def test_dust_of_a_named_lot_goes_to_the_next() -> None:
    """Thirds: what is shown of one lot is a little less than what it holds."""
    thirds: list[Entry] = [buy("a", 1, "1", "1"), buy("b", 1, "1", "1"), split(2, 1, 3)]
    named = (Named(lot="b", quantity=Decimal("0.333333333333")),)
    book = count_lots([*thirds, sell("s", 3, "0.333333333333", named=named), split(4, 3, 1)])

    assert lots(book) == [("a", day(1), Decimal("1.000000000001"), Decimal(1))]
