"""Django's cache as this package may use it: it can forget anything and fail at any time without harm."""

from typing import Any

from django.core.cache import cache


def recall(key: str) -> Any:
    """What is stored under `key`; None if nothing is, or if the cache cannot tell."""
    try:
        return cache.get(key)
    except Exception:  # noqa: BLE001 - a dead cache, or a value it cannot decode, is a miss
        return None


def remember(key: str, value: object, seconds: float) -> None:
    try:
        cache.set(key, value, max(1, round(seconds)))
    except Exception:  # noqa: BLE001, S110 - without a cache nothing is remembered
        pass


def forget(*keys: str) -> None:
    try:
        cache.delete_many(keys)
    except Exception:  # noqa: BLE001, S110 - what cannot be deleted runs out
        pass


def count(key: str, seconds: float) -> int:
    """Add one to the counter under `key`, which lives for `seconds` from its first use.

    Returns the new value, or 0 if the cache cannot count at present.
    """
    try:
        cache.add(key, 0, max(1, round(seconds)))
        return int(cache.incr(key) or 0)
    except Exception:  # noqa: BLE001 - lost between add and incr, or no cache at all
        return 0
