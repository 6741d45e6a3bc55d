"""Counts that all processes keep together, in the cache: they begin anew with it, which is what Prometheus expects.

Without a shared cache each process keeps its own; one that is away costs a count, never an error.
"""

from collections.abc import Iterable
from contextlib import suppress

from django.core.cache import cache


def add(name: str, by: int = 1) -> None:
    with suppress(ValueError):  # lost between add and incr; a Redis that is away or full raises nothing
        cache.add(_key(name), 0, timeout=None)
        cache.incr(_key(name), by)


def read(names: Iterable[str]) -> dict[str, int]:
    """0 for what has not been counted; nothing where none has, which is also what a cache that is away tells: zeros
    would look like a restart, and then like a leap."""
    keys = {name: _key(name) for name in names}
    found = cache.get_many(keys.values())
    return {name: int(found.get(key, 0)) for name, key in keys.items()} if found else {}


def _key(name: str) -> str:
    return f"tally:{name}"
