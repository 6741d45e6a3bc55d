"""Caches that let the package down in every way a cache can."""

from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.dummy import DummyCache


class RaisingCache(BaseCache):
    """As a dead server whose client raises."""

    def __init__(self, *_: Any) -> None:
        super().__init__({})

    def _fail(self, *_: Any, **__: Any) -> Any:
        raise ConnectionError("no cache")

    add = get = set = touch = delete = delete_many = incr = get_many = clear = _fail


class SilentCache(DummyCache):
    """As a dead server whose client swallows its errors: everything answers None."""

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return None

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> Any:
        return None


SILENT = [f"{__name__}.SilentCache", "django.core.cache.backends.dummy.DummyCache"]
BROKEN = [f"{__name__}.RaisingCache", *SILENT]
