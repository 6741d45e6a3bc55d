"""Performance of published portfolios, driven through the API.

Money here is whole cents, so a figure may differ by half of one from its source.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.published import Body, Book, Driven, drive
from accounts.tests.published_ghostfolio import GHOSTFOLIO, ghostfolio
from accounts.tests.published_pp import PORTFOLIO_PERFORMANCE, portfolio_performance
from finances.valuation.tests.cases import load

CENT, HALF_A_CENT = Decimal("0.01"), Decimal("0.005")
RETURNS = load("returns")
LEDGERS = [name for name in RETURNS if name.startswith("ret-hl-")]
NOT_GAINED = {"gf-12-fee", "gf-19-novn-buy-and-sell"}
"""Fees of the account lower its worth here; no later close counts for an earlier day."""


def performance(done: Driven, first: str, last: str, **parameters: Any) -> Any:
    return done.get("portfolio/performance", start_date=first, end_date=last, base=done.base, **parameters)


def after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def near(text: str | None, expected: Any, tolerance: Any) -> bool:
    return text is not None and abs(Decimal(text) - Decimal(str(expected))) <= Decimal(str(tolerance))


def gains(name: str) -> Iterator[tuple[str, str, str]]:
    """(day, figure, gain) of a case."""
    case = GHOSTFOLIO[name]
    for row in case["expected"].get("historical", []):
        for figure in ("net_performance", "net_performance_with_currency_effect"):
            if figure in row and not (name in NOT_GAINED and row[figure] != "19.86"):
                yield row["date"], figure, row[figure]
    for position in case["expected"].get("positions", []):
        gain = position.get("net_performance_with_currency_effect_map", {}).get("max")
        if gain is not None:
            yield case["inputs"]["as_of"], "net_performance_with_currency_effect", gain


GAINS = sorted(
    {(name, *row) for name in GHOSTFOLIO if "activities" in GHOSTFOLIO[name]["inputs"] for row in gains(name)}
)


@pytest.mark.parametrize(("name", "day", "figure", "gain"), GAINS)
def test_gains_of_ghostfolio(alice_client: APIClient, name: str, day: str, figure: str, gain: str) -> None:
    """With currency effect: booked in the base currency; without: what is owed for a purchase stays in its currency."""
    in_base = figure.endswith("effect")
    body = performance(drive(alice_client, ghostfolio(name, in_base=in_base)), "2000-01-01", day)

    # Cash that was paid in gains by rates alone.
    without_rates = name == "gf-21-cash-foreign" and not in_base
    assert near(body["market" if without_rates else "gain"], gain, HALF_A_CENT)


@pytest.mark.parametrize(
    "name", ["gf-02-baln-buy-and-sell-in-two-activities", "gf-08-btceur", "gf-12-fee", "gf-13-googl-buy"]
)
def test_fees_of_ghostfolio(alice_client: APIClient, name: str) -> None:
    case = GHOSTFOLIO[name]
    body = performance(drive(alice_client, ghostfolio(name, in_base=True)), "2000-01-01", case["inputs"]["as_of"])

    fees = Decimal(case["expected"]["total_fees_with_currency_effect"])
    assert near(body["fees"], -fees, HALF_A_CENT)


def test_a_dividend_is_income(alice_client: APIClient) -> None:
    case = GHOSTFOLIO["gf-x03-googl-dividend-in-performance"]
    body = performance(drive(alice_client, ghostfolio("gf-x03-googl-dividend-in-performance", in_base=True)),
                       "2000-01-01", case["inputs"]["as_of"])  # fmt: skip

    [position] = case["expected"]["positions"]
    assert near(body["income"], position["dividend_in_base_currency"], HALF_A_CENT)


PERIODS = [
    "pp-x1498",
    "pp-x1909",
    "pp-x371",
    "pp-tax-refund",
    "pp-tax-refund-sold",
    "pp-snap-1",
    "pp-snap-3",
    "pp-x1897",
]
OF_PERIODS = {
    "delta": ("gain", 1), "initial_value": ("opening_value", 1), "final_value": ("closing_value", 1),
    "earnings": ("income", 1), "fees": ("fees", -1), "taxes": ("taxes", -1), "fees_total": ("fees", -1),
    "dividend_gross": ("income", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", PERIODS)
def test_changes_of_portfolio_performance(alice_client: APIClient, name: str) -> None:
    """There a period begins with the end of its first day."""
    case = PORTFOLIO_PERFORMANCE[name]
    start, end = case["inputs"]["period"]
    body = performance(drive(alice_client, portfolio_performance(name)), after(start), end)

    expected = {figure: text for figure, text in case["expected"].items() if figure in OF_PERIODS}
    for figure, text in expected.items():
        ours, sign = OF_PERIODS[figure]
        assert near(body[ours], sign * Decimal(text), case["tolerance"]["money"]), figure
    assert expected


def test_one_account_alone_sees_a_transfer_as_a_flow(alice_client: APIClient) -> None:
    case = PORTFOLIO_PERFORMANCE["pp-x672"]
    done = drive(alice_client, portfolio_performance("pp-x672"))
    body = performance(done, "2016-01-02", "2017-01-01", accounts=done.accounts["Account 2"])

    assert (body["flows"], body["gain"]) == ("883.10", case["expected"]["delta"])
    assert near(body["twr"], case["method"]["ttwror"], "0.00000001")


def test_the_parts_of_a_change_in_two_currencies(alice_client: APIClient) -> None:
    """There, what rates do to securities is a gain of theirs, and a gain of the currency is that of cash alone."""
    case = PORTFOLIO_PERFORMANCE["pp-client-snapshot"]
    start, end = case["inputs"]["period"]
    expected, tolerance = case["expected"], case["tolerance"]["money"]
    done = drive(alice_client, portfolio_performance("pp-client-snapshot"))
    body = performance(done, after(start), end)

    signs = {"initial_value": 1, "final_value": 1, "earnings": 1, "fees": -1, "taxes": -1, "transfers": 1}
    names = {
        "initial_value": "opening_value",
        "final_value": "closing_value",
        "earnings": "income",
        "transfers": "flows",
    }
    for figure, sign in signs.items():
        assert near(body[names.get(figure, figure)], sign * Decimal(expected[figure]), tolerance), figure

    terms = [term for part in ("market", "fx") for term in lines_of(done, part, after(start), end)]
    of_cash = sum((Decimal(term["value"]) for term in terms if ":cash:" in term["figure"]), Decimal(0))
    of_securities = sum((Decimal(term["value"]) for term in terms if ":position:" in term["figure"]), Decimal(0))
    assert near(str(of_cash), expected["currency_gains"], tolerance)
    capital_gains = Decimal(expected["capital_gains"]) + Decimal(expected["realized_capital_gains"])
    assert near(str(of_securities), capital_gains, tolerance)


def lines_of(done: Driven, part: str, first: str, last: str) -> list[Body]:
    question = {"figure": f"performance:{part}", "start_date": first, "end_date": last, "base": done.base}
    terms: list[Body] = done.post("portfolio/explain", question)["terms"]
    return [term for term in terms if term["figure"]]


def test_the_first_day_belongs_to_the_return(alice_client: APIClient) -> None:
    case = PORTFOLIO_PERFORMANCE["pp-ttwror-first-day"]
    body = performance(drive(alice_client, portfolio_performance("pp-ttwror-first-day")), *case["inputs"]["period"])

    assert near(body["twr"], case["expected"]["accumulated_return_last"], case["tolerance"]["rate"])


def test_interest_without_capital_is_told_and_left_out(alice_client: APIClient) -> None:
    """There the return is 0 with a warning; without any capital there is none here until the day after."""
    case = PORTFOLIO_PERFORMANCE["pp-ttwror-interest-no-capital"]
    done = drive(alice_client, portfolio_performance("pp-ttwror-interest-no-capital"))
    body = performance(done, *case["inputs"]["period"])

    assert body["twr"] == case["expected"]["accumulated_return_all"]
    assert len(body["excluded_days"]) == int(case["expected"]["warnings"])


@pytest.mark.parametrize("flows", ["flows_a", "flows_b"])
def test_flows_do_not_change_the_return(alice_client: APIClient, flows: str) -> None:
    case = PORTFOLIO_PERFORMANCE["pp-ttwror-transfers-neutral"]
    target = [Decimal(text) for text in case["inputs"]["target_accumulated"]]
    first, book, worth = date.fromisoformat(case["inputs"]["dates_from"]), Book("EUR"), Decimal(0)
    book.accounts["Depot"] = {"currency_code": "EUR"}
    for at, text in enumerate(case["inputs"][flows]):
        day, flow = (first + timedelta(days=at)).isoformat(), Decimal(text)
        growth = (1 + target[at]) / (1 + target[at - 1]) - 1 if at else Decimal(0)
        gain = ((worth + max(flow, Decimal(0))) * growth).quantize(Decimal("1e-8"))
        worth += flow + gain
        move(book, day, flow)
        if gain:
            book.add("Depot", "INTEREST", day, amount=str(gain))
    done = drive(alice_client, book)
    last = (first + timedelta(days=len(target) - 1)).isoformat()

    assert near(performance(done, str(first), last)["twr"], target[-1], case["tolerance"]["rate"])


def move(book: Book, day: str, flow: Decimal) -> None:
    if flow:
        book.add("Depot", "DEPOSIT" if flow > 0 else "WITHDRAWAL", day, amount=str(abs(flow)))


def cash_book(case: Any) -> Book:
    """What is there at the start, flows, and what was gained as interest of the days that are valued, or the last."""
    first, last = case["inputs"]["period"]
    book, expected = Book("EUR"), case["expected"]
    book.accounts["Depot"] = {"currency_code": "EUR"}
    worth = Decimal(expected["value_begin"])
    move(book, (date.fromisoformat(first) - timedelta(days=1)).isoformat(), worth)
    flows = {flow["date"]: Decimal(flow["amount"]) for flow in case["inputs"]["flows_into_investment"]}
    values = {day: Decimal(text) for day, text in case["inputs"].get("valuations", {}).items()}
    values[last] = Decimal(expected["value_end"])
    for day in sorted(flows.keys() | values.keys()):
        flow = flows.get(day, Decimal(0))
        move(book, day, flow)
        worth += flow
        if (gain := values.get(day, worth) - worth) != 0:
            book.add("Depot", "INTEREST", day, amount=str(gain))
            worth += gain
    return book


@pytest.mark.parametrize("name", LEDGERS)
def test_ledgers_of_hledger(alice_client: APIClient, name: str) -> None:
    case = RETURNS[name]
    body = performance(drive(alice_client, cash_book(case)), *case["inputs"]["period"])

    expected = case["expected"]
    names = {"value_begin": "opening_value", "net_cash_flow": "flows", "value_end": "closing_value", "pnl": "gain"}
    for theirs, ours in names.items():
        assert near(body[ours], expected[theirs], case["tolerance"]["money"]), theirs
    if "plain_twr_linked_percent" in expected:
        assert near(body["twr"], Decimal(expected["plain_twr_linked_percent"]) / 100, "0.0001")


def test_the_return_of_one_fund_is_that_of_its_price(alice_client: APIClient) -> None:
    case, book = RETURNS["ret-hl-16-total"], Book("EUR", accounts={"Depot": {"currency_code": "EUR"}})
    book.securities["Fund"] = "EUR"
    book.prices["Fund"] = {"2018-12-31": "43.11", "2019-06-30": "50.93", "2019-12-31": "56.59"}
    for day, quantity, price, amount in (
        ("2018-12-31", "1", "43.11", "43.11"),
        ("2019-07-01", "10", "50.93", "509.30"),
    ):
        book.add("Depot", "DEPOSIT", day, amount=amount)
        book.add("Depot", "BUY", day, security="Fund", quantity=quantity, unit_price=price)
    body = performance(drive(alice_client, book), *case["inputs"]["period"])

    assert near(body["twr"], Decimal(case["expected"]["plain_twr_percent"]) / 100, "0.0001")
    assert (body["opening_value"], body["closing_value"], body["gain"]) == ("43.11", "622.49", "70.08")


UNITS: dict[str, tuple[list[str], list[str], list[str]]] = {
    "ret-cfa-200-225": (["200", "225", "235"], ["1", "2", "0"], ["0", "5", "5"]),
    "ret-cfa-4-shares": (["50", "50", "80"], ["4", "2", "0"], ["0", "0", "5"]),
    "ret-cfa-twr-3y": (["20", "22", "25", "24"], ["100", "120", "120", "0"], ["0", "2.00", "2.50", "0"]),
}
"""Prices at the start and after each year of 365 days, shares held from then on, dividends paid per share."""


def yearly_book(name: str) -> Book:
    """Dividends and proceeds are taken out at the end of their day; what is bought is bought the day after."""
    prices, held, dividends = UNITS[name]
    book = Book("EUR", accounts={"Depot": {"currency_code": "EUR"}}, securities={"Share": "EUR"})
    before = Decimal(0)
    for year, (price, shares, dividend) in enumerate(zip(prices, held, dividends, strict=True)):
        on = date(2001, 1, 1) + timedelta(days=365 * year)
        book.prices.setdefault("Share", {})[on.isoformat()] = price
        change, paid = Decimal(shares) - before, before * Decimal(dividend)
        if paid:
            book.add("Depot", "DIVIDEND", on.isoformat(), security="Share", amount=str(paid))
        if change < 0:
            book.add("Depot", "SELL", on.isoformat(), security="Share", quantity=str(-change), unit_price=price)
            paid -= change * Decimal(price)
        if paid:
            book.add("Depot", "WITHDRAWAL", on.isoformat(), amount=str(paid))
        if change > 0:
            day = (on + timedelta(days=1 if year else 0)).isoformat()
            book.add("Depot", "DEPOSIT", day, amount=str(change * Decimal(price)))
            book.add("Depot", "BUY", day, security="Share", quantity=str(change), unit_price=price)
        before = Decimal(shares)
    return book


@pytest.mark.parametrize("name", list(UNITS))
def test_portfolios_of_textbooks(alice_client: APIClient, name: str) -> None:
    case = RETURNS[name]
    last = date(2001, 1, 1) + timedelta(days=365 * (len(UNITS[name][0]) - 1))
    body = performance(drive(alice_client, yearly_book(name)), "2001-01-01", last.isoformat())

    exact, tolerance = case["expected"]["exact"], case["tolerance"]["rate"]
    assert near(body["xirr"], exact["money_weighted"], tolerance)
    assert near(body["twr_annualized"], exact["time_weighted_annual"], tolerance)


def test_the_rate_of_four_flows(alice_client: APIClient) -> None:
    case, book = RETURNS["ret-cfa-irr-44"], Book("EUR", accounts={"Depot": {"currency_code": "EUR"}})
    book.add("Depot", "DEPOSIT", "2001-01-01", amount="44")
    for year, (amount, gain) in enumerate((("4", "4"), ("5", "5"), ("49.5", "5.5")), start=1):
        day = (date(2001, 1, 1) + timedelta(days=365 * year)).isoformat()
        book.add("Depot", "INTEREST", day, amount=gain)
        book.add("Depot", "WITHDRAWAL", day, amount=amount)
    body = performance(drive(alice_client, book), "2001-01-01", "2004-01-01")

    assert body["xirr"] == case["expected"]["exact"]["money_weighted"]
