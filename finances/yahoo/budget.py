"""How long Yahoo may take, shared by everything that is asked within one `time_budget`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from time import monotonic

_deadline: ContextVar[float] = ContextVar("yahoo_deadline", default=inf)


@contextmanager
def time_budget(seconds: float) -> Iterator[None]:
    """All calls to Yahoo inside share `seconds` of wall clock; an enclosing budget that ends earlier still holds.

    The budget belongs to the context: a thread started inside has none unless it runs in a copy of the context.
    """
    token = _deadline.set(min(_deadline.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float:
    """Seconds until the earliest enclosing deadline: infinite without a budget, never below 0."""
    return max(0.0, _deadline.get() - monotonic())
