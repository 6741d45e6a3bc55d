"""The cache in front of every backend: what Yahoo answered within the hour is not asked for again."""

from collections.abc import Callable, Iterable
from datetime import date
from hashlib import sha256
from typing import TypeVar
from uuid import uuid4

from django.conf import settings

from finances.errors import YahooNoData, YahooNotFound
from finances.yahoo import store
from finances.yahoo.plain import (
    Plain,
    history_from_plain,
    hits_from_plain,
    plain_history,
    plain_hits,
    plain_profile,
    profile_from_plain,
)
from finances.yahoo.types import History, Interval, Profile, SearchHit, Yahoo

T = TypeVar("T")

PREFIX = "yahoo:2"
"""Goes up when the shape of what is stored changes."""
NEGATIVE: dict[str, Callable[[str], Exception]] = {
    "not_found": YahooNotFound,
    "no_data": lambda message: YahooNoData(message, retry_after=settings.YAHOO_NEGATIVE_CACHE_SECONDS),
}


class CachedYahoo:
    """Answers of `backend`, kept as plain values: data for YAHOO_CACHE_SECONDS, "unknown symbol" and "no prices"
    for YAHOO_NEGATIVE_CACHE_SECONDS, failures not at all."""

    def __init__(self, backend: Yahoo) -> None:
        self.backend = backend

    def profile(self, symbol: str) -> Profile:
        symbol = symbol.strip().upper()
        key = self._symbol_key(symbol, "profile")
        return _through(key, lambda: self.backend.profile(symbol), plain_profile, profile_from_plain)

    def history(self, symbol: str, *, interval: Interval, start: date | None) -> History:
        symbol = symbol.strip().upper()
        key = self._symbol_key(symbol, f"history:{interval}:{start}")
        fetch: Callable[[], History] = lambda: self.backend.history(symbol, interval=interval, start=start)  # noqa: E731
        return _through(key, fetch, plain_history, history_from_plain)

    def search(self, query: str, *, limit: int) -> list[SearchHit]:
        words = " ".join(query.split())
        key = f"{PREFIX}:search:{limit}:{_digest(words.casefold())}"
        return _through(key, lambda: self.backend.search(words, limit=limit), plain_hits, hits_from_plain)

    def forget(self, symbol: str) -> None:
        """The next profile and histories of `symbol` are asked of Yahoo anew."""
        store.remember(_generation_key(symbol.strip().upper()), uuid4().hex, _generation_seconds())

    def release(self, symbol: str, intervals: Iterable[Interval]) -> None:
        """Drop whole histories: they are large, and once they are stored the next sync asks for their end alone."""
        symbol = symbol.strip().upper()
        store.forget(*(self._symbol_key(symbol, f"history:{interval}:None") for interval in intervals))

    def _symbol_key(self, symbol: str, what: str) -> str:
        """Holds the symbol's generation. A lost generation is replaced by a new one, never by an earlier one."""
        generation_key = _generation_key(symbol)
        generation = store.recall(generation_key)
        if not isinstance(generation, str):
            generation = uuid4().hex
            store.remember(generation_key, generation, _generation_seconds())
        return f"{PREFIX}:{what}:{_digest(symbol)}:{generation}"


def _through(key: str, fetch: Callable[[], T], to_plain: Callable[[T], Plain], from_plain: Callable[[Plain], T]) -> T:
    """The stored answer under `key`, else `fetch()`, stored. Raises what `fetch` raises, and stored refusals."""
    stored = _revived(store.recall(key), from_plain)
    if isinstance(stored, Exception):
        raise stored
    return _fetch_and_store(key, fetch, to_plain) if stored is None else stored


def _revived(stored: Plain, from_plain: Callable[[Plain], T]) -> T | Exception | None:
    """The answer or the refusal; None where nothing is stored, or something of another shape."""
    try:
        kind, body = stored
        return from_plain(body) if kind == "answer" else NEGATIVE[kind](str(body))
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError):
        return None


def _fetch_and_store(key: str, fetch: Callable[[], T], to_plain: Callable[[T], Plain]) -> T:
    try:
        answer = fetch()
    except (YahooNotFound, YahooNoData) as error:
        kind = "not_found" if isinstance(error, YahooNotFound) else "no_data"
        store.remember(key, (kind, str(error)), settings.YAHOO_NEGATIVE_CACHE_SECONDS)
        raise
    store.remember(key, ("answer", to_plain(answer)), settings.YAHOO_CACHE_SECONDS)
    return answer


def _generation_key(symbol: str) -> str:
    return f"{PREFIX}:generation:{_digest(symbol)}"


def _generation_seconds() -> int:
    return 2 * max(settings.YAHOO_CACHE_SECONDS, settings.YAHOO_NEGATIVE_CACHE_SECONDS)


def _digest(text: str) -> str:
    """Letters and digits for any text, lone surrogates included: a legal part of a cache key."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
