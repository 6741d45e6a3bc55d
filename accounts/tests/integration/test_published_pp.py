"""Portfolio Performance's portfolios, posted and read through the API: values, positions, costs and gains on days."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.published import Driven, drive
from accounts.tests.published_pp import PORTFOLIO_PERFORMANCE, portfolio_performance
from currencies.tests.factories import store_rate

CENT = Decimal("0.01")


def days_of(name: str) -> tuple[str, str]:
    start, end = PORTFOLIO_PERFORMANCE[name]["inputs"].get("period", ["1900-01-01", "2025-01-31"])
    return start, end


class Portfolio:
    """As it was at the end of the case's period; `account`: only the one at that place."""

    def __init__(
        self, client: APIClient, name: str, *, method: str = "FIFO", account: int | None = None, until: str = ""
    ) -> None:
        self.start, self.end = days_of(name)
        self.done: Driven = drive(
            client, portfolio_performance(name).up_to(until or self.end), cost_basis_method=method
        )
        keys = list(self.done.accounts.values())
        self.keys = keys if account is None else [keys[account]]
        self.scope = {"accounts": ",".join(self.keys), "base": self.done.base}

    def net_worth(self, day: str = "") -> Any:
        return self.done.get("portfolio/net-worth", as_of=day or self.end, **self.scope)

    def worth(self, day: str = "", figure: str = "net_worth") -> Decimal:
        return Decimal(self.net_worth(day)[figure])

    def shares(self) -> Decimal:
        parts = self.net_worth()["parts"]
        return sum((Decimal(part["quantity"]) for part in parts if part["kind"] == "security"), Decimal(0))

    def holdings(self) -> Iterator[Any]:
        yield from (row for row in self.done.get("holdings") if row["account_id"] in self.keys)

    def cost(self) -> Decimal:
        return sum((Decimal(row["cost"]) for row in self.holdings()), Decimal(0))

    def lots(self) -> Iterator[Any]:
        for row in self.holdings():
            yield from self.done.get(f"holdings/{row['id']}/lots")

    def cost_without_charges(self) -> Decimal:
        return sum((Decimal(r["cost"]) - Decimal(r["fees"]) - Decimal(r["taxes"]) for r in self.lots()), Decimal(0))

    def gains(self) -> list[Any]:
        return [row for key in self.keys for row in self.done.get(f"accounts/{key}/gains", end_date=self.end)]

    def sum_of_gains(self, figure: str = "gain") -> Decimal:
        return sum((Decimal(row[figure]) for row in self.gains()), Decimal(0))

    def transactions(self) -> Iterator[Any]:
        for row in self.done.get("transactions", limit=1000):
            if self.start < row["trade_date"] <= self.end and row["account_id"] in self.keys:
                yield row

    def booked(self, field: str, *types: str) -> Decimal:
        rows = (row for row in self.transactions() if not types or row["type"] in types)
        return sum((Decimal(row[field] or 0) for row in rows), Decimal(0))

    def paid_in(self) -> Decimal:
        return self.booked("amount", "DEPOSIT") - self.booked("amount", "WITHDRAWAL")

    def fees(self) -> Decimal:
        return self.booked("fees") + self.booked("amount", "FEE")

    def taxes(self) -> Decimal:
        return self.booked("taxes") + self.booked("amount", "TAX")


READ: dict[str, Callable[[Portfolio], Decimal]] = {
    "shares_held": Portfolio.shares,
    "market_value": lambda own: own.worth(figure="securities"),
    "quote": lambda own: next(Decimal(str(part["price"])) for part in own.net_worth()["parts"] if part["price"]),
    "cost_held": Portfolio.cost,
    "cost_per_share": lambda own: own.cost() / own.shares() if own.shares() else Decimal(0),
    "cost_per_share_without_fees": lambda own: own.cost_without_charges() / own.shares(),
    "realized": Portfolio.sum_of_gains,
    "unrealized": lambda own: own.worth(figure="securities") - own.cost(),
    "gain_on_holdings": lambda own: own.worth(figure="securities") - own.cost(),
    "unrealized_without_fees": lambda own: own.worth(figure="securities") - own.cost_without_charges(),
    "delta": lambda own: own.worth() - own.worth(own.start) - own.paid_in(),
    "fees": Portfolio.fees,
    "fees_total": Portfolio.fees,
    "taxes": Portfolio.taxes,
    "dividend_fee": lambda own: own.booked("fees", "DIVIDEND"),
    "dividend_tax": lambda own: own.booked("taxes", "DIVIDEND"),
    "dividend_gross": lambda own: own.booked("amount", "DIVIDEND"),
    "dividend_net": lambda own: (
        own.booked("amount", "DIVIDEND") - own.booked("fees", "DIVIDEND") - own.booked("taxes", "DIVIDEND")
    ),
    "initial_value": lambda own: own.worth(own.start),
    "final_value": Portfolio.worth,
    "earnings": lambda own: own.booked("amount", "INTEREST", "DIVIDEND"),
}
METHODS = {"fifo": "FIFO", "moving_average": "AVERAGE"}
POOLED = {("pp-x1498", "moving_average"), ("pp-x1909", "moving_average")}
"""There one average over all accounts, here one for each account."""
NOT_TOLD = {("pp-cg-3-usd", "moving_average")}
PLAIN = [
    "pp-cg-2", "pp-cost-zero-twice", "pp-cost-big", "pp-shares-two-accounts", "pp-shares-temp-negative", "pp-x1498",
    "pp-x1909", "pp-x371", "pp-x1897", "pp-tax-refund", "pp-tax-refund-sold", "pp-snap-1", "pp-snap-3", "pp-x672",
    "pp-cg-3-usd",
]  # fmt: skip
NEITHER = {"filter", "realized_forex_part", "unrealized_forex_part"}
"""No figure of the API: in the security's own currency, which it is told in, rates have no part in a gain."""


def differing(own: Portfolio, expected: dict[str, str], tolerance: Decimal) -> dict[str, tuple[str, Decimal]]:
    found = {figure: (text, READ[figure](own)) for figure, text in expected.items() if figure not in NEITHER}
    assert found
    return {figure: pair for figure, pair in found.items() if abs(Decimal(pair[0]) - pair[1]) > tolerance}


@pytest.mark.parametrize(
    ("name", "method"),
    [(name, method) for name in PLAIN for method in METHODS if (name, method) not in POOLED | NOT_TOLD],
)
def test_a_portfolio(alice_client: APIClient, name: str, method: str) -> None:
    case = PORTFOLIO_PERFORMANCE[name]
    own = Portfolio(alice_client, name, method=METHODS[method], account=1 if name == "pp-x672" else None)
    expected = {figure: text for figure, text in case["expected"].items() if figure not in METHODS}
    if name == "pp-x672":
        # Seen from the receiving account alone the transfer is a delivery at what it cost.
        expected["delta"] = str(Decimal(expected["delta"]) + own.cost())

    wrong = differing(own, expected | case["expected"].get(method, {}), Decimal(case["tolerance"]["money"]))
    assert wrong == {}


@pytest.mark.parametrize("name", ["pp-trade-long", "pp-trade-multi-buys", "pp-trade-short-multi"])
def test_a_trade(alice_client: APIClient, name: str) -> None:
    own = Portfolio(alice_client, name)
    closed, *held = PORTFOLIO_PERFORMANCE[name]["expected"]["trades"]

    assert own.sum_of_gains("quantity") == Decimal(closed["shares"])
    assert own.sum_of_gains() == Decimal(closed["profit"])
    bought, sold = ("cost", "proceeds") if closed.get("long", True) else ("proceeds", "cost")
    assert (own.sum_of_gains(bought), own.sum_of_gains(sold)) == (Decimal(closed["entry"]), Decimal(closed["exit"]))
    share = own.sum_of_gains() / own.sum_of_gains(bought)
    assert abs(share - Decimal(closed["return"])) <= Decimal("0.0001")
    for still in held:
        assert abs(own.shares()) == Decimal(still["shares"])
    if name == "pp-trade-multi-buys":
        assert own.worth(figure="securities") - own.cost() == Decimal(held[0]["profit"])


def test_a_short_without_a_price_is_worth_nobody_knows_what(alice_client: APIClient) -> None:
    """There it is worth nothing."""
    own = Portfolio(alice_client, "pp-trade-short-multi").net_worth()

    assert (own["securities"], [gap["code"] for gap in own["missing"]]) == (None, ["missing_price"])


def test_gains_at_the_rates_that_were_booked(alice_client: APIClient) -> None:
    """pp-cg-3-eur: 50 of the first lot; proceeds and cost at the rates of their own trades."""
    case, own = PORTFOLIO_PERFORMANCE["pp-cg-3-eur"], Portfolio(alice_client, "pp-cg-3-eur")
    rates = {row["id"]: Decimal(row["fx_rate"]) for row in own.transactions() if row["fx_rate"]}

    realized = sum(
        Decimal(row["proceeds"]) * rates[row["closed_by"]] - Decimal(row["cost"]) * rates[row["opened_by"]]
        for row in own.gains()
    )
    assert realized == Decimal(case["expected"]["fifo"]["realized"])
    assert own.shares() == Decimal(case["expected"]["shares_held"])


def test_two_currencies_with_flows_on_first_and_last_day(alice_client: APIClient) -> None:
    case, own = PORTFOLIO_PERFORMANCE["pp-client-snapshot"], Portfolio(alice_client, "pp-client-snapshot")
    expected = {name: case["expected"][name] for name in ("initial_value", "final_value")}

    assert differing(own, expected, Decimal(case["tolerance"]["money"])) == {}


def test_two_currencies_and_the_cost_of_their_lots(alice_client: APIClient) -> None:
    """pp-currency-sample: lots at the rate that was booked with them, else at that of their own day."""
    expected = PORTFOLIO_PERFORMANCE["pp-currency-sample"]["expected"]
    own = Portfolio(alice_client, "pp-currency-sample")
    period = expected["from_2015-01-02_to_2015-01-14"]
    assert str(own.worth("2015-01-02")) == period["initial_value"]
    assert str(own.worth("2015-01-14")) == period["final_value"]
    cash = [part for part in own.net_worth("2015-01-16")["parts"] if part["kind"] == "cash"]
    assert [(part["currency_code"], part["local_value"], part["value"]) for part in cash] == [
        ("EUR", "1000.00", "1000.00"),
        ("USD", "1000.00", "862.96"),
    ]

    apple, key = expected["apple_at_2015-08-10"], own.done.securities["Apple"]
    parts = [part for part in own.net_worth()["parts"] if part["security_id"] == key]
    value = sum(Decimal(part["value"]) for part in parts)
    rates = {row["id"]: row["fx_rate"] for row in own.done.get("transactions", limit=1000)}
    costs, charges = [], Decimal(0)
    for holding in (row for row in own.holdings() if row["security_id"] == key):
        for lot in own.done.get(f"holdings/{holding['id']}/lots"):
            rate = Decimal(rates[lot["transaction_id"]] or in_euros(own, "1", lot["acquired_on"]))
            costs.append(Decimal(lot["cost"]) * rate)
            charges += (Decimal(lot["fees"]) + Decimal(lot["taxes"])) * rate
    assert sum(Decimal(part["quantity"]) for part in parts) == Decimal(apple["shares"])
    assert abs(value - Decimal(apple["market_value_eur"])) <= CENT
    assert {str(part["price"]) for part in parts} == {apple["quote_usd"]}
    assert [str(round(cost, 2)) for cost in sorted(costs)] == apple["cost_lots_eur"]
    assert str(round(sum(costs), 2)) == apple["cost_fifo_eur"]
    assert abs(value - sum(costs) - Decimal(apple["delta_eur"])) <= CENT
    assert abs(value - sum(costs) + charges - Decimal(apple["unrealized_eur"])) <= CENT
    assert abs(charges / 2 - Decimal(apple["fees_eur"])) <= CENT
    assert abs((sum(costs) - charges) / 15 - Decimal(apple["cost_per_share_without_fees_eur"])) <= CENT


def in_euros(own: Portfolio, amount: str, day: str) -> str:
    asked = {"from": "USD", "to": "EUR", "amount": amount, "as_of": day}
    return str(own.done.get("currencies/convert", **asked)["converted"])


def test_chained_rates(alice_client: APIClient) -> None:
    """pp-fx-chained, but for the day before the first rate, on which there is none here."""
    case = PORTFOLIO_PERFORMANCE["pp-fx-chained"]
    for pair, table in (("EUR/USD", case["inputs"]["eur_usd"]), ("USD/CHF", case["inputs"]["usd_chf"])):
        for day, rate in table.items():
            store_rate(pair, day, rate)
    done = drive(alice_client, portfolio_performance("pp-fx-chained"))

    found = [
        done.get("currencies/convert", **{"from": "EUR", "to": "CHF", "amount": "1", "as_of": day})["converted"]
        for day in case["inputs"]["lookups"]
    ]
    first, *rest = case["expected"]["values"]
    assert (found[0], [Decimal(text) for text in found[1:]]) == (None, [Decimal(text) for text in rest])
    assert first == "1"
