"""Lots of beancount, rotki, ledger and textbooks: what each sale took and what is left."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finances.valuation.lots import (
    Book,
    Buy,
    Entry,
    Method,
    Oversold,
    Parcel,
    Sell,
    TransferIn,
    count_lots,
)
from finances.valuation.tests.cases import Case, is_near, load

CASES = load("lots")
SALES = [name for name, case in CASES.items() if "sales" in case["inputs"] and "error" not in case["expected"]]
OVERSOLD = [name for name, case in CASES.items() if "error" in case["expected"]]
STEPS = [name for name, case in CASES.items() if "steps" in case["inputs"]]
TRADES = ["lot-fee-acb-cfb", "lot-fee-acb-csc", "lot-fee-csc-sale", "lot-lg-gain", "lot-wash-sale-irs"]
LAST = date(2030, 1, 1)


def test_every_case_runs() -> None:
    assert {*SALES, *OVERSOLD, *STEPS, *TRADES, "lot-bc-crossover"} == set(CASES)


def decimal(facts: dict[str, Any], name: str) -> Decimal:
    return Decimal(facts.get(name, "0"))


def opening(index: int, lot: dict[str, Any]) -> Buy:
    quantity = decimal(lot, "quantity")
    on = date.fromisoformat(lot["acquired"])
    return Buy(id=f"lot-{index}", on=on, sequence=index, quantity=quantity, amount=quantity * decimal(lot, "unit_cost"))


def sale(index: int, facts: dict[str, Any]) -> Sell:
    quantity = decimal(facts, "quantity")
    on = date.fromisoformat(facts["date"]) if "date" in facts else LAST
    amount = quantity * decimal(facts, "price")
    return Sell(id=f"sale-{index}", on=on, sequence=100 + index, quantity=quantity, amount=amount)


def trade(index: int, facts: dict[str, Any]) -> Entry:
    kind = Buy if facts["type"] == "BUY" else Sell
    quantity = decimal(facts, "quantity")
    return kind(
        id=f"trade-{index}",
        on=LAST + timedelta(days=index),
        quantity=quantity,
        amount=quantity * decimal(facts, "price"),
        fees=decimal(facts, "fee"),
    )


def book_of_sales(case: Case) -> Book:
    inputs = case["inputs"]
    entries: list[Entry] = [opening(index, lot) for index, lot in enumerate(inputs["lots_before"])]
    entries += [sale(index, facts) for index, facts in enumerate(inputs["sales"])]
    return count_lots(entries, method=Method(inputs["method"]))


def left(book: Book) -> list[tuple[Decimal, Decimal]]:
    return sorted((lot.quantity, lot.cost_per_unit) for lot in book.lots)


def costs(book: Book) -> Decimal:
    return sum((realized.cost for realized in book.realizations), Decimal(0))


def gains(book: Book) -> Decimal:
    return sum((realized.gain for realized in book.realizations), Decimal(0))


@pytest.mark.parametrize("name", OVERSOLD)
def test_more_than_is_held(name: str) -> None:
    with pytest.raises(Oversold):
        book_of_sales(CASES[name])


@pytest.mark.parametrize("name", SALES)
def test_lots_left(name: str) -> None:
    expected = CASES[name]["expected"]
    book = book_of_sales(CASES[name])

    assert left(book) == sorted((decimal(lot, "quantity"), decimal(lot, "unit_cost")) for lot in expected["lots_after"])
    dated = {lot["acquired"] for lot in expected["lots_after"] if "acquired" in lot}
    assert not dated or {lot.acquired_on.isoformat() for lot in book.lots} == dated
    if "cost_after" in expected:
        assert book.cost == decimal(expected, "cost_after")


@pytest.mark.parametrize("name", SALES)
def test_cost_of_sold(name: str) -> None:
    expected = CASES[name]["expected"]
    book = book_of_sales(CASES[name])

    assert costs(book) == decimal(expected, "cost_of_sold")
    if "lots_sold" in expected:
        sold = [(realized.quantity, realized.cost / realized.quantity) for realized in book.realizations]
        assert sold == [(decimal(lot, "quantity"), decimal(lot, "unit_cost")) for lot in expected["lots_sold"]]
    if "cost_of_each_sale" in expected:
        each = [realized.cost for realized in book.realizations]
        assert each == [Decimal(cost) for cost in expected["cost_of_each_sale"]]
    if "realized" in expected:
        assert gains(book) == decimal(expected, "realized")


def test_long_and_short_term() -> None:
    case = CASES["lot-rk-fifo-year"]
    days = int(case["inputs"]["long_term_after_days"])
    realized = book_of_sales(case).realizations

    for is_long, name in ((True, "long_term"), (False, "short_term")):
        own = [part for part in realized if part.is_long_term(days) is is_long]
        expected = case["expected"][name]
        assert [(part.quantity, part.cost) for part in own] == [
            (decimal(expected, "quantity"), decimal(expected, "cost"))
        ]


@pytest.mark.parametrize("name", STEPS)
def test_steps_with_a_lot_that_arrives_late(name: str) -> None:
    """Times of day stand for days here: books know days, and the order of entry within them."""
    inputs, expected = CASES[name]["inputs"], CASES[name]["expected"]
    stamps = sorted({lot["acquired"] for lot in inputs["lots_before"]})
    day = {stamp: date(2021, 3, 1) + timedelta(days=index) for index, stamp in enumerate(stamps)}
    entries: list[Entry] = [
        opening(index, lot | {"acquired": day[lot["acquired"]].isoformat()})
        for index, lot in enumerate(inputs["lots_before"])
    ]
    left_after = []
    for index, step in enumerate(inputs["steps"]):
        on = date(2021, 4, 1) + timedelta(days=index)
        if "sell" in step:
            entries.append(Sell(id=f"step-{index}", on=on, quantity=Decimal(step["sell"]), amount=Decimal(0)))
        else:
            cost = Decimal(step["buy"]) * Decimal(step.get("unit_cost", "1"))
            parcel = Parcel(origin="late", acquired_on=day[step["at"]], quantity=Decimal(step["buy"]), cost=cost)
            entries.append(TransferIn(id=f"step-{index}", on=on, parcels=(parcel,)))
        book = count_lots(entries, method=Method(inputs["method"]))
        left_after.append([lot.quantity for lot in book.lots])

    wanted = [[Decimal(text.split()[0]) for text in step["lots"]] for step in expected["remaining_after_steps"]]
    assert [sorted(quantities) for quantities in left_after] == [sorted(quantities) for quantities in wanted]
    assert book.quantity == Decimal(expected["total_remaining"])
    if "cost_of_each_sale" in expected:
        each = [sum(part.cost for part in book.realizations if part.closed_by == f"step-{index}") for index in (0, 2)]
        assert each == [Decimal(cost) for cost in expected["cost_of_each_sale"]]


def test_a_purchase_through_zero() -> None:
    case = CASES["lot-bc-crossover"]
    [short], [bought] = case["inputs"]["lots_before"], case["inputs"]["trades"]
    on = date.fromisoformat(bought["date"])
    quantity = decimal(short, "quantity")
    parcel = Parcel(
        origin="short",
        acquired_on=date.fromisoformat(short["acquired"]),
        quantity=quantity,
        cost=quantity * decimal(short, "unit_cost"),
    )
    amount = decimal(bought, "quantity") * decimal(bought, "price")
    book = count_lots(
        [
            TransferIn(id="short", on=on - timedelta(days=1), parcels=(parcel,)),
            Buy(id="cover", on=on, quantity=decimal(bought, "quantity"), amount=amount),
        ],
        allow_short=True,
    )

    [expected], [closed] = case["expected"]["lots_after"], case["expected"]["closed"]
    assert left(book) == [(decimal(expected, "quantity"), decimal(expected, "unit_cost"))]
    assert [(part.quantity, part.proceeds, part.cost) for part in book.realizations] == [
        (decimal(closed, "quantity"), decimal(closed, "entry"), decimal(closed, "exit"))
    ]
    assert gains(book) == decimal(case["expected"], "realized")


@pytest.mark.parametrize("name", TRADES)
def test_trades_with_fees(name: str) -> None:
    case = CASES[name]
    inputs, expected = case["inputs"], case["expected"]
    # What a tax authority makes of a loss is no part of the books.
    expected = expected.get("plain_accounting", expected)
    trades = [trade(index, facts) for index, facts in enumerate(inputs["trades"])]
    method = Method(inputs.get("method", "FIFO"))
    bought = count_lots([entry for entry in trades if isinstance(entry, Buy)], method=method)
    book = count_lots(trades, method=method)

    figures = {
        "total_cost": bought.cost,
        "average_cost": bought.average_cost,
        "realized": gains(book),
        "gain": gains(book),
        "net_cash_basis": -gains(book),
        "cost_after": book.cost,
        "basis_of_new_lot": book.cost,
    }
    for figure, value in expected.items():
        actual = figures[figure]
        assert actual is not None
        assert is_near(actual, value, case["tolerance"]["money"]), figure
