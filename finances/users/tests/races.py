"""Several callers at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections


def at_once(calls: Sequence[Callable[[], Any]]) -> list[tuple[int, str | None]]:
    """Status and error code of each answer, sorted."""
    barrier = Barrier(len(calls))

    def race(call: Callable[[], Any]) -> tuple[int, str | None]:
        barrier.wait()
        try:
            response = call()
            return response.status_code, response.json().get("code") if response.content else None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(race, calls), key=str)
