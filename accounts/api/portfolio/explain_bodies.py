"""A tree of terms as it is answered: numbers as strings, of the topmost terms one page."""

from decimal import Decimal
from typing import Any, NamedTuple

from accounts.portfolio.explain.terms import Term
from finances.api.fields import decimal_text


class Page(NamedTuple):
    skip: int
    limit: int


def explanation_body(term: Term, page: Page) -> dict[str, Any]:
    shown = list(term.terms)[page.skip : page.skip + page.limit]
    return _own(term) | {"term_count": len(term.terms), "terms": [_body(below) for below in shown]}


def _body(term: Term) -> dict[str, Any]:
    """Of a sum that has a name of its own the terms are told when it is asked for."""
    below = [] if term.figure is not None and len(term.terms) > MOST_BELOW else [_body(each) for each in term.terms]
    return _own(term) | {"term_count": len(term.terms), "terms": below}


MOST_BELOW = 20
"""Terms told of a term that can be asked for by itself."""


def _own(term: Term) -> dict[str, Any]:
    return {
        "name": term.name,
        "figure": term.figure,
        "value": _text(term.value),
        "unit": term.unit,
        "operation": term.operation,
        "places": term.places,
        "rule": term.rule,
        "row": _row(term.row) or None,
    }


def _row(facts: Any) -> Any:
    if isinstance(facts, Decimal):
        return decimal_text(facts)
    if isinstance(facts, dict):
        return {name: _row(fact) for name, fact in facts.items()}
    return [_row(fact) for fact in facts] if isinstance(facts, list) else facts


def _text(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)
