"""Django's cache as this package may use it: it can forget anything and fail at any time without harm."""

from contextlib import suppress
from typing import Any

from django.core.cache import cache


def recall(key: str) -> Any:
    """What is stored under `key`; None if nothing is, or if the cache cannot tell."""
    try:
        return cache.get(key)
    except Exception:  # noqa: BLE001 - a dead cache, or a value it cannot decode, is a miss
        return None


def remember(key: str, value: object, seconds: float) -> None:
    with suppress(Exception):  # without a cache nothing is remembered
        cache.set(key, value, max(1, round(seconds)))


def forget(*keys: str) -> None:
    with suppress(Exception):  # what cannot be deleted runs out
        cache.delete_many(keys)


def count(key: str, seconds: float) -> int:
    """Add one to the counter under `key`, which lives for `seconds` from its first use.

    Returns the new value, or 0 if the cache cannot count at present.
    """
    try:
        cache.add(key, 0, max(1, round(seconds)))
        return int(cache.incr(key) or 0)
    except Exception:  # noqa: BLE001 - lost between add and incr, or no cache at all
        return 0
