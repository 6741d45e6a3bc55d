"""The one door to Yahoo Finance: `get_yahoo()` answers profiles, histories and searches.

Which backend stands behind the door is settings.YAHOO_BACKEND; the cache in front of it is the same for all.
"""

from functools import lru_cache
from threading import Lock

from django.conf import settings
from django.utils.module_loading import import_string

from finances.yahoo.cached import CachedYahoo

_making = Lock()


@lru_cache(maxsize=8)
def _door(backend: str) -> CachedYahoo:
    return CachedYahoo(import_string(backend)())


def get_yahoo() -> CachedYahoo:
    """The process's door, made on first use; another YAHOO_BACKEND in the settings means another door."""
    with _making:
        return _door(settings.YAHOO_BACKEND)
