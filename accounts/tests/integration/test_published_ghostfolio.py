"""Ghostfolio's portfolios, posted and read through the API: values, positions, costs and gains on days.

Money here is whole cents, so an expected figure may differ by half of one. There, fees are no part of cost and
trades move no cash; so costs are read from lots, less their fees, and gains are the net worth of an account that was
never paid in (`published_ghostfolio.ghostfolio`).
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.published import Driven, drive, to_places
from accounts.tests.published_ghostfolio import GHOSTFOLIO, ghostfolio
from finances.valuation.returns import growth_per_year

PORTFOLIOS = [name for name, case in GHOSTFOLIO.items() if "activities" in case["inputs"]]
FORMULAS = [name for name in GHOSTFOLIO if name not in PORTFOLIOS]
ELSEWHERE = {
    # Fees of the account lower its worth here.
    ("gf-12-fee", "2021-12-18 net_performance"),
    ("gf-12-fee", "2021-12-18 net_performance_with_currency_effect"),
    # No later close ever counts for an earlier day.
    ("gf-19-novn-buy-and-sell", "2022-03-07 net_performance"),
    ("gf-19-novn-buy-and-sell", "2022-03-07 net_performance_with_currency_effect"),
    ("gf-19-novn-buy-and-sell", "2022-03-07 net_worth"),
    ("gf-19-novn-buy-and-sell", "2022-03-07 value"),
    ("gf-19-novn-buy-and-sell", "2022-03-07 value_with_currency_effect"),
}
"""Figures that follow from another convention: case and figure."""
LAST = "2025-12-31"
HALF_A_CENT = Decimal("0.005")
"""What rounding to whole cents may make of a figure; all else is exact."""
Figures = Iterator[tuple[str, Any, Decimal | None]]


def number(text: Any) -> Decimal | None:
    return None if text is None else Decimal(str(text))


class Portfolio:
    def __init__(self, client: APIClient, name: str, *, in_base: bool = False, until: str = "9999-12-31") -> None:
        given = GHOSTFOLIO[name]["inputs"]
        self.as_of = min(given.get("as_of") or LAST, until)
        self.done: Driven = drive(client, ghostfolio(name, in_base=in_base).up_to(until))
        self.net_worth = self.done.get("portfolio/net-worth", as_of=self.as_of, base=self.done.base)
        self.transactions = self.done.get("transactions", limit=1000)

    def on(self, day: str) -> Any:
        rows = self.done.get("portfolio/history", start_date=day, end_date=day, base=self.done.base)["rows"]
        return rows[0]

    def part(self, symbol: str, figure: str) -> Decimal | None:
        key = self.done.securities[symbol]
        own = [part for part in self.net_worth["parts"] if part["security_id"] == key]
        return number(own[0][figure]) if own else Decimal(0)

    def cash(self, code: str, figure: str) -> Decimal | None:
        [own] = [part for part in self.net_worth["parts"] if part["kind"] == "cash" and part["currency_code"] == code]
        return number(own[figure])

    def price(self, symbol: str) -> Decimal:
        key = self.done.securities[symbol]
        [bar] = self.done.get(f"securities/{key}/prices", end_date=self.as_of, limit=1, adjusted="none")
        return Decimal(str(bar["close"]))

    def in_base(self, amount: Decimal, code: str, day: str) -> Decimal:
        asked = {"from": code, "to": self.done.base, "amount": to_places(amount), "as_of": day}
        return Decimal(self.done.get("currencies/convert", **asked)["converted"])

    def lots(self, symbol: str | None = None) -> Iterator[tuple[str, Decimal, Decimal, str]]:
        """(acquired_on, quantity, cost without fees, currency)."""
        for holding in self.done.get("holdings"):
            if symbol is None or holding["security_id"] == self.done.securities[symbol]:
                for lot in self.done.get(f"holdings/{holding['id']}/lots"):
                    cost = Decimal(lot["cost"]) - Decimal(lot["fees"])
                    yield lot["acquired_on"], Decimal(lot["quantity"]), cost, holding["currency_code"]

    def investment(self, symbol: str | None = None, *, at_its_day: bool) -> Decimal:
        return sum(
            (self.in_base(cost, code, on if at_its_day else self.as_of) for on, _, cost, code in self.lots(symbol)),
            Decimal(0),
        )

    def cost(self) -> Decimal:
        return sum((cost for _, _, cost, _ in self.lots()), Decimal(0))

    def average_price(self, symbol: str) -> Decimal:
        lots = list(self.lots(symbol))
        quantity = sum((row[1] for row in lots), Decimal(0))
        return sum((row[2] for row in lots), Decimal(0)) / quantity if quantity else Decimal(0)

    def booked(self, field: str, symbol: str | None = None, *, in_base: bool, type_: str | None = None) -> Decimal:
        """The sum of a field of the transactions."""
        total = Decimal(0)
        for row in self.transactions:
            own = symbol is None or row["security_id"] == self.done.securities[symbol]
            if own and row[field] is not None and type_ in (None, row["type"]):
                amount = Decimal(row[field])
                total += self.in_base(amount, row["currency_code"], row["trade_date"]) if in_base else amount
        return total


def position_figures(plain: Portfolio, booked: Portfolio, expected: Any) -> Figures:
    """`booked` has its trades in the base currency, at the rates of their days."""
    symbol = expected.get("symbol") or next(iter(plain.done.securities))
    read: dict[str, Callable[[], Decimal | None]] = {
        "quantity": lambda: plain.part(symbol, "quantity"),
        "value_in_base_currency": lambda: plain.part(symbol, "value"),
        "market_price": lambda: plain.price(symbol),
        "market_price_in_base_currency": lambda: plain.in_base(plain.price(symbol), expected["currency"], plain.as_of),
        "average_price": lambda: plain.average_price(symbol),
        "investment": lambda: plain.investment(symbol, at_its_day=False),
        "investment_with_currency_effect": lambda: plain.investment(symbol, at_its_day=True),
        "fee": lambda: plain.booked("fees", symbol, in_base=False),
        "fee_in_base_currency": lambda: plain.booked("fees", symbol, in_base=True),
        "dividend": lambda: plain.booked("amount", symbol, in_base=False, type_="DIVIDEND"),
        "dividend_in_base_currency": lambda: plain.booked("amount", symbol, in_base=True, type_="DIVIDEND"),
        "net_performance": lambda: number(plain.net_worth["net_worth"]),
        "gross_performance": lambda: Decimal(plain.net_worth["net_worth"]) + fees_now(plain),
        "gross_performance_with_currency_effect": lambda: (
            Decimal(booked.net_worth["net_worth"]) + booked.booked("fees", symbol, in_base=True)
        ),
    }
    for figure, reader in read.items():
        if figure in expected:
            yield f"{symbol} {figure}", expected[figure], reader()
    gain = expected.get("net_performance_with_currency_effect_map", {}).get("max")
    if gain is not None:
        yield f"{symbol} net gain", gain, number(booked.net_worth["net_worth"])


def fees_now(plain: Portfolio) -> Decimal:
    """All fees, at the rate of the day of valuation: the cost of nothing that is part of it is known by its own."""
    rows = [row for row in plain.transactions if Decimal(row["fees"] or 0)]
    found = (plain.in_base(Decimal(row["fees"]), row["currency_code"], plain.as_of) for row in rows)
    return sum(found, Decimal(0))


def total_figures(plain: Portfolio, booked: Portfolio, expected: Any) -> Figures:
    fees = plain.booked("fees", in_base=True) + plain.booked("amount", in_base=True, type_="FEE")
    interest = plain.booked("amount", in_base=True, type_="INTEREST")
    read = {
        "current_value_in_base_currency": number(plain.net_worth["securities"]),
        "total_fees_with_currency_effect": fees,
        "total_interest_with_currency_effect": interest,
        "total_investment": plain.investment(at_its_day=False),
        "total_investment_with_currency_effect": plain.investment(at_its_day=True),
        "total_liabilities_with_currency_effect": number(plain.net_worth["liabilities"]),
    }
    for figure, found in read.items():
        if figure in expected:
            yield figure, expected[figure], found
    for day in expected.get("historical", []):
        row, booked_row = plain.on(day["date"]), booked.on(day["date"])
        for figure in ("value", "value_with_currency_effect", "net_worth"):
            if figure in day:
                yield f"{day['date']} {figure}", day[figure], number(row["securities"])
        for figure, there in (("net_performance", row), ("net_performance_with_currency_effect", booked_row)):
            if figure in day:
                yield f"{day['date']} {figure}", day[figure], number(there["net_worth"])


@pytest.mark.parametrize("name", [name for name in PORTFOLIOS if name != "gf-21-cash-foreign"])
def test_a_portfolio(alice_client: APIClient, charlie_client: APIClient, name: str) -> None:
    expected = GHOSTFOLIO[name]["expected"]
    plain, booked = Portfolio(alice_client, name), Portfolio(charlie_client, name, in_base=True)
    figures = [*total_figures(plain, booked, expected)]
    for position in expected.get("positions", []):
        figures += position_figures(plain, booked, position)

    wrong = {
        figure: (given, found)
        for figure, given, found in figures
        if (name, figure) not in ELSEWHERE and (found is None or abs(Decimal(given) - found) > HALF_A_CENT)
    }
    assert wrong == {}
    assert {figure for figure, _, _ in figures} or expected["positions"] == []
    if expected.get("has_errors") is False:
        assert plain.net_worth["missing"] == []


def test_what_is_left_out_is_known_to_differ(alice_client: APIClient, charlie_client: APIClient) -> None:
    """Each figure of ELSEWHERE is another one here, so that none is left out for nothing."""
    name = "gf-12-fee"
    plain, booked = Portfolio(alice_client, name), Portfolio(charlie_client, name, in_base=True)

    found = {figure: value for figure, _, value in total_figures(plain, booked, GHOSTFOLIO[name]["expected"])}
    assert [found[figure] for case, figure in sorted(ELSEWHERE) if case == name] == [Decimal(-49), Decimal(-49)]


def test_a_close_of_later_is_none(alice_client: APIClient) -> None:
    row = Portfolio(alice_client, "gf-19-novn-buy-and-sell").on("2022-03-07")

    assert (row["securities"], row["net_worth"], row["cash"]) == (None, None, "-151.60")


@pytest.mark.parametrize(
    ("name", "day", "cost"),
    [
        (name, each["date"], each["investment"])
        for name in PORTFOLIOS
        for each in GHOSTFOLIO[name]["expected"].get("cumulative_cost_by_date", [])
    ],
)
def test_cost_by_day(alice_client: APIClient, name: str, day: str, cost: str) -> None:
    """As posted up to that day; without fees, in the security's currency."""
    assert Portfolio(alice_client, name, until=day).cost() == Decimal(cost)


@pytest.mark.parametrize(
    ("name", "day", "figure"),
    [
        (name, each["date"], each["total_investment"])
        for name in PORTFOLIOS
        if name != "gf-21-cash-foreign"
        for each in GHOSTFOLIO[name]["expected"].get("historical", [])
        if "total_investment" in each
    ],
)
def test_investment_by_day(alice_client: APIClient, name: str, day: str, figure: str) -> None:
    found = Portfolio(alice_client, name, until=day).investment(at_its_day=False)

    assert abs(found - Decimal(figure)) <= HALF_A_CENT


def test_foreign_cash(alice_client: APIClient) -> None:
    """gf-21: the gain is what rates did to what was paid in."""
    name = "gf-21-cash-foreign"
    expected = GHOSTFOLIO[name]["expected"]
    [position] = expected["positions"]
    found = Portfolio(alice_client, name)

    assert found.cash("USD", "local_value") == Decimal(position["quantity"])
    assert found.cash("USD", "value") == Decimal(position["value_in_base_currency"])
    assert Decimal(found.net_worth["cash"]) == Decimal(expected["total_cash_in_base_currency"])
    paid_in = found.booked("amount", in_base=True, type_="DEPOSIT")
    assert paid_in == Decimal(position["investment_with_currency_effect"])
    gain = Decimal(found.net_worth["net_worth"]) - paid_in
    assert gain == Decimal(position["gross_performance_with_currency_effect"])
    assert Decimal(found.on("2025-01-01")["net_worth"]) == Decimal(expected["historical"][0]["net_worth"])


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula(name: str) -> None:
    given, tolerance = GHOSTFOLIO[name]["inputs"], float(GHOSTFOLIO[name]["tolerance"]["percent"])
    found = growth_per_year(float(given["total_return"]), float(given["days_in_market"]) / 365)

    assert found == pytest.approx(float(GHOSTFOLIO[name]["expected"]["annualized_return"]), abs=tolerance)
