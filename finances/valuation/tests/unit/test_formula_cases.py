"""Formulas of Portfolio Performance: gains under two methods, two currencies, trades, linked returns, rates."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from finances.valuation.attribution import market_and_fx
from finances.valuation.lots import Book, Buy, Entry, Method, Rules, Sell, count_books, count_lots
from finances.valuation.positions import day_number
from finances.valuation.returns import linked, time_weighted_return, without_capital
from finances.valuation.series import last_known
from finances.valuation.tests.cases import is_near, load

CASES = load("portfolio_formulas")
METHODS = {"fifo": Method.FIFO, "moving_average": Method.AVERAGE}
GAINS = ["pp-cg-2", "pp-cost-zero-twice", "pp-cost-big", "pp-shares-temp-negative"]
TRADES = ["pp-trade-long", "pp-trade-multi-buys", "pp-trade-short-multi"]
BY_METHOD = [(name, method) for name in GAINS for method in METHODS if method in CASES[name]["expected"]]
CENT = "0.005"


def test_every_case_runs() -> None:
    others = {
        "pp-cg-3-eur",
        "pp-cg-3-usd",
        "pp-shares-two-accounts",
        "pp-ttwror-first-day",
        "pp-ttwror-interest-no-capital",
        "pp-ttwror-transfers-neutral",
        "pp-fx-chained",
    }
    assert {*GAINS, *TRADES, *others} == set(CASES)


def entries_of(transactions: list[dict[str, Any]], amount: str = "amount") -> list[Entry]:
    kinds = {"BUY": Buy, "DELIVERY_INBOUND": Buy, "SELL": Sell, "DELIVERY_OUTBOUND": Sell}
    return [
        kinds[facts["type"]](
            id=index,
            on=date.fromisoformat(facts["date"]),
            quantity=Decimal(facts["shares"]),
            amount=Decimal(facts[amount]) if amount in facts else Decimal(facts["shares"]) * Decimal(facts["price"]),
        )
        for index, facts in enumerate(transactions)
    ]


def realized(book: Book) -> Decimal:
    return sum((part.gain for part in book.realizations), Decimal(0))


@pytest.mark.parametrize(("name", "method"), BY_METHOD)
def test_gains_and_cost(name: str, method: str) -> None:
    inputs, expected = CASES[name]["inputs"], CASES[name]["expected"][method]
    book = count_lots(entries_of(inputs["transactions"]), method=METHODS[method])
    value = book.quantity * Decimal(inputs.get("price_at_end", "0"))
    figures = {
        "realized": realized(book),
        "unrealized": value - book.cost,
        "cost_held": book.cost,
        "cost_per_share": book.average_cost,
    }

    for figure, wanted in expected.items():
        actual = figures[figure]
        assert actual is not None
        assert is_near(actual, wanted, CENT), figure


@pytest.mark.parametrize("name", GAINS)
def test_shares_held(name: str) -> None:
    case = CASES[name]
    book = count_lots(entries_of(case["inputs"]["transactions"]), allow_short=True)

    assert book.quantity == Decimal(case["expected"]["shares_held"])


def test_shares_held_in_two_accounts() -> None:
    case = CASES["pp-shares-two-accounts"]
    accounts = {own["name"]: entries_of(own["transactions"]) for own in case["inputs"]["custody_accounts"]}
    books = count_books(accounts, dict.fromkeys(accounts, Rules()))

    assert sum(book.quantity for book in books.values()) == Decimal(case["expected"]["shares_held"])


@pytest.mark.parametrize("method", ["fifo", "moving_average"])
def test_gains_in_the_reporting_currency(method: str) -> None:
    """Both currencies have books of their own; what the rate did to the cost is the currency's part."""
    case = CASES["pp-cg-3-eur"]
    inputs, expected = case["inputs"], case["expected"][method]
    eur, usd = (
        count_lots(entries_of(inputs["transactions"], amount), method=METHODS[method])
        for amount in ("amount", "forex_amount")
    )
    rate = 1 / Decimal(inputs["eur_usd_at_end"])
    value_usd = eur.quantity * Decimal(inputs["price_at_end_usd"])
    market, fx = market_and_fx(
        np.array([[0.0], [float(value_usd)]]),
        np.array([[0.0], [float(rate)]]),
        np.array([[float(usd.cost)]]),
        np.array([[float(eur.cost)]]),
    )
    sold_rate = Decimal(inputs["transactions"][-1]["rate_eur_per_usd"])
    figures: dict[str, Decimal | float] = {
        "realized": realized(eur),
        "realized_forex_part": usd.realizations[0].cost * sold_rate - eur.realizations[0].cost,
        "unrealized": float((market + fx).sum()),
        "unrealized_forex_part": float(fx.sum()),
    }

    assert eur.quantity == Decimal(case["expected"]["shares_held"])
    for figure, wanted in expected.items():
        assert is_near(figures[figure], wanted, CENT), figure


def test_gains_at_booked_amounts_in_the_security_currency() -> None:
    case = CASES["pp-cg-3-usd"]
    inputs, expected = case["inputs"], case["expected"]["fifo"]
    book = count_lots(entries_of(inputs["transactions"], "forex_amount"))

    assert realized(book) == Decimal(expected["realized"])
    assert book.quantity * Decimal(inputs["price_at_end_usd"]) - book.cost == Decimal(expected["unrealized"])


@pytest.mark.parametrize("name", TRADES)
def test_closed_trades(name: str) -> None:
    case = CASES[name]
    closed = case["expected"]["trades"][0]
    book = count_lots(entries_of(case["inputs"]["transactions"]), allow_short=True)
    parts = book.realizations
    cost, proceeds = sum(part.cost for part in parts), sum(part.proceeds for part in parts)
    entry, out = (cost, proceeds) if closed.get("long", True) else (proceeds, cost)

    assert sum(part.quantity for part in parts) == Decimal(closed["shares"])
    assert [part.is_short for part in parts] == [not closed.get("long", True)] * len(parts)
    assert (entry, out, proceeds - cost) == tuple(Decimal(closed[figure]) for figure in ("entry", "exit", "profit"))
    assert is_near(realized(book) / entry, closed["return"], "0.0000000001")


def test_the_open_part_of_a_trade() -> None:
    case = CASES["pp-trade-multi-buys"]
    opened = case["expected"]["trades"][1]
    book = count_lots(entries_of(case["inputs"]["transactions"]))

    assert book.quantity == Decimal(opened["shares"])
    assert book.quantity * 2 - book.cost == Decimal(opened["profit"])


def test_the_open_part_of_a_short() -> None:
    """Worth nothing in the source, which has no quote; what the short brought is the same."""
    case = CASES["pp-trade-short-multi"]
    opened = case["expected"]["trades"][1]
    book = count_lots(entries_of(case["inputs"]["transactions"]), allow_short=True)

    assert (-book.quantity, -book.cost) == (Decimal(opened["shares"]), Decimal(opened["entry_minus_exit"]))


def test_interest_from_the_second_day() -> None:
    case = CASES["pp-ttwror-first-day"]
    values = np.array([0.0, 100, *[110] * 9])
    deposits = np.array([100.0] + [0] * 9)

    answer = time_weighted_return(values, deposits, np.zeros(10)).value
    assert answer is not None
    assert is_near(answer, case["expected"]["accumulated_return_last"], case["tolerance"]["rate"])


def test_interest_without_capital() -> None:
    case = CASES["pp-ttwror-interest-no-capital"]
    values, nothing = np.array([0.0, 0.0, *[1.0] * 8]), np.zeros(9)

    assert time_weighted_return(values, nothing, nothing).value == float(case["expected"]["accumulated_return_all"])
    assert without_capital(values, nothing, nothing).sum() == int(case["expected"]["warnings"])


@pytest.mark.parametrize("flows", ["flows_a", "flows_b"])
def test_flows_do_not_change_the_return(flows: str) -> None:
    case = CASES["pp-ttwror-transfers-neutral"]
    target = np.array([float(value) for value in case["inputs"]["target_accumulated"]])
    amounts = np.array([float(amount) for amount in case["inputs"][flows]])
    deposits, withdrawals = np.maximum(amounts, 0), np.maximum(-amounts, 0)
    growth = (1 + target) / (1 + np.append(0, target[:-1]))
    values = [0.0]
    for day in range(len(target)):
        values.append((values[-1] + deposits[day]) * growth[day] - withdrawals[day])

    for day, expected in enumerate(case["expected"]["accumulated_return"], start=1):
        answer = time_weighted_return(np.array(values[: day + 1]), deposits[:day], withdrawals[:day]).value
        assert answer == pytest.approx(float(expected), abs=1e-12)
    assert linked(growth - 1).tolist() == pytest.approx(target.tolist())


def test_chained_rates_without_later_ones() -> None:
    """Before its first fixing there is no rate here, where the source takes the first one."""
    case = CASES["pp-fx-chained"]
    days = np.array([day_number(date.fromisoformat(day)) for day in case["inputs"]["lookups"]], dtype=np.int64)
    chained = np.ones(len(days))
    for pair in ("eur_usd", "usd_chf"):
        known_days = np.array([day_number(date.fromisoformat(day)) for day in case["inputs"][pair]], dtype=np.int64)
        chained *= last_known(days, known_days, np.array([float(rate) for rate in case["inputs"][pair].values()]), 7)

    assert np.isnan(chained[0])
    assert chained[1:].tolist() == [float(value) for value in case["expected"]["values"][1:]]
