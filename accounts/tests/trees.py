"""Follows an explanation by hand: every figure that a term names is asked for, and every operation done again."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from rest_framework.test import APIClient

Node = dict[str, Any]
ONE = Decimal(1)


class Follower:
    """parameters: those of the answer whose figures are explained."""

    def __init__(self, client: APIClient, **parameters: Any) -> None:
        self.client, self.parameters = client, parameters
        self.known: dict[str, Decimal | None] = {}

    def ask(self, figure: str, *, skip: int = 0, limit: int = 1000) -> Node:
        body = {"figure": figure, "skip": skip, "limit": limit, **self.parameters}
        response = self.client.post("/api/v1/portfolio/explain", body)
        assert response.status_code == 200, (figure, response.json())
        answer: Node = response.json()
        return answer

    def value_of(self, figure: str) -> Decimal | None:
        """What its tree comes to, all the way down."""
        if figure not in self.known:
            node = self.ask(figure)
            found = self.follow(node | {"figure": None})
            assert_agrees(node, found)
            self.known[figure] = found
        return self.known[figure]

    def follow(self, node: Node) -> Decimal | None:
        if node["figure"] is not None and len(node["terms"]) < node["term_count"] or _is_brief(node):
            return self.value_of(node["figure"])
        if node["operation"] is None:
            return None if node["value"] is None else Decimal(node["value"])
        values = [self.follow(term) for term in node["terms"]]
        with localcontext(prec=60):
            return _rounded(_operate(node, values), node["places"])


def assert_agrees(node: Node, found: Decimal | None) -> None:
    """Rounded figures to the last digit, others as far as float64 goes."""
    if node["value"] is None or found is None:
        assert (node["value"] is None) == (found is None), node["figure"]
        return
    stated = Decimal(node["value"])
    if node["places"] is not None:
        assert found == stated, (node["figure"], found, stated)
    assert abs(found - stated) <= Decimal("1e-9") * max(ONE, abs(stated)), (node["figure"], found, stated)


def _is_brief(node: Node) -> bool:
    return node["figure"] is not None and node["operation"] is None and node["value"] is not None


def _rounded(value: Decimal | None, places: int | None) -> Decimal | None:
    if value is None or places is None:
        return value
    return value.quantize(ONE.scaleb(-places), ROUND_HALF_UP)


def _operate(node: Node, values: Sequence[Decimal | None]) -> Decimal | None:
    if node["operation"] == "product" and 0 in values:
        return Decimal(0)
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if node["operation"] == "root_of_flows":
        return _root(node)
    return OPERATIONS[node["operation"]](known)


def _root(node: Node) -> Decimal | None:
    """By halving: the flows change sign once."""
    if node["value"] is None:
        return None
    days = [date.fromisoformat(term["row"]["date"]) for term in node["terms"]]
    amounts = [Decimal(term["value"]) for term in node["terms"]]

    def worth(rate: Decimal) -> Decimal:
        years = [Decimal((day - min(days)).days) / 365 for day in days]
        return sum((amount / (1 + rate) ** year for amount, year in zip(amounts, years, strict=True)), Decimal(0))

    with localcontext(prec=30):
        low, high = Decimal("-0.999"), Decimal(1000)
        assert worth(low) * worth(high) < 0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if worth(low) * worth(middle) <= 0 else (middle, high)
        return low


def _product(values: Sequence[Decimal]) -> Decimal:
    found = ONE
    for value in values:
        found *= value
    return found


def _deviation(values: Sequence[Decimal]) -> Decimal:
    count, total, squares = values
    return ((squares - total**2 / count) / (count - 1)).sqrt()


def _beta(values: Sequence[Decimal]) -> Decimal:
    count, own, other, both, squares = values
    return (count * both - own * other) / (count * squares - other**2)


def _correlation(values: Sequence[Decimal]) -> Decimal:
    count, own, other, both, squares, own_squares = values
    deviations = (count * own_squares - own**2) * (count * squares - other**2)
    return (count * both - own * other) / deviations.sqrt()


OPERATIONS: dict[str, Callable[[Sequence[Decimal]], Decimal]] = {
    "sum": lambda values: sum(values, Decimal(0)),
    "difference": lambda values: values[0] - sum(values[1:], Decimal(0)),
    "product": _product,
    "quotient": lambda values: values[0] / values[1],
    "link": lambda values: _product([1 + value for value in values]) - 1,
    "compound": lambda values: (1 + values[0]) ** (values[1] / values[2]) - 1,
    "deviation": _deviation,
    "square_root": lambda values: values[0].sqrt(),
    "beta": _beta,
    "correlation": _correlation,
}
