"""A figure as a tree: rows at the leaves, and how they come to it. Whoever follows the tree gets the figure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from finances.errors import NotFound


class UnknownFigure(NotFound):
    code = "unknown_figure"
    message = "There is no such figure."


class Operation(StrEnum):
    """How `terms` make a value, in their order."""

    SUM = "sum"
    DIFFERENCE = "difference"
    """The first less all others."""
    PRODUCT = "product"
    QUOTIENT = "quotient"
    """The first by the second."""
    LINK = "link"
    """Returns one after the other: the product of each 1 + r, less 1."""
    COMPOUND = "compound"
    """(1 + first) ** (second / third) - 1."""
    ROOT_OF_FLOWS = "root_of_flows"
    """The rate r at which the sum of amount / (1 + r) ** (days since the first / 365) is 0."""
    DEVIATION = "deviation"
    """Of n, sum and sum of squares: sqrt((squares - sum ** 2 / n) / (n - 1))."""
    SQUARE_ROOT = "square_root"
    BETA = "beta"
    """Of n, sum x, sum y, sum xy, sum yy: (n xy - x y) / (n yy - y y)."""
    CORRELATION = "correlation"
    """Of n, sum x, sum y, sum xy, sum yy, sum xx: (n xy - x y) / sqrt((n xx - x x) (n yy - y y))."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """value: None where it is not known. places: decimals it is rounded to, half away from zero; None: not at all.

    figure: a name that portfolio/explain takes, which shows what is below. row: the stored row that it is.
    """

    name: str
    value: Decimal | None
    unit: str = ""
    operation: Operation | None = None
    terms: Sequence["Term"] = ()
    figure: str | None = None
    places: int | None = None
    rule: str = ""
    row: dict[str, Any] = field(default_factory=dict)


def number(value: float) -> Decimal | None:
    """A float as its shortest decimal; None for NaN."""
    return None if value != value else Decimal(repr(float(value)))


def constant(name: str, value: Decimal | int, unit: str = "") -> Term:
    return Term(name=name, value=Decimal(value), unit=unit)
