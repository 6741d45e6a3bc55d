"""Several callers at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from django.db import connections

Result = TypeVar("Result")


def at_once(calls: Sequence[Callable[[], Any]]) -> list[tuple[int, str | None]]:
    """Status and error code of each answer, sorted."""
    answered = together(calls)
    found = [(response.status_code, response.json().get("code") if response.content else None) for response in answered]
    return sorted(found, key=str)


def together(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each returns, in their order."""
    barrier = Barrier(len(calls))

    def race(call: Callable[[], Result]) -> Result:
        barrier.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(race, calls))
