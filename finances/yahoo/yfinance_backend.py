"""Yahoo itself, asked through the unmodified yfinance."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import structlog
from django.conf import settings
from tenacity import RetryCallState, Retrying, wait_random_exponential

from finances.yahoo import faults, pace
from finances.yahoo.budget import seconds_left, time_budget
from finances.yahoo.faults import CredentialsRefused, Fault, TooManyRequests, UnknownSymbol
from finances.yahoo.lanes import Lanes
from finances.yahoo.profiles import profile_from_info, search_hits
from finances.yahoo.types import History, Interval, Profile, SearchHit

if TYPE_CHECKING:
    from finances.yahoo.library import Library

log = structlog.get_logger(__name__)
T = TypeVar("T")

SYMBOL = re.compile(r"(?=.*[A-Z0-9])[A-Z0-9.^=&_$-]{1,40}")
"""What may stand in a chart's address. The library puts the symbol there as it is."""
ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
"""The library answers an ISIN with the data of some symbol it finds for it."""

FARTHEST_BACK = {"1m": timedelta(days=7), "1h": timedelta(days=729)}
"""How far back Yahoo serves intraday bars in one request, less a margin."""


class YFinanceYahoo:
    """Raises what `finances.yahoo.types.Yahoo` lists, within YAHOO_CALL_BUDGET or YAHOO_SEARCH_BUDGET seconds."""

    def __init__(self) -> None:
        self._lanes = Lanes(settings.YAHOO_MAX_CONCURRENCY)
        self._loading = Lock()
        self._library: Library | None = None

    def profile(self, symbol: str) -> Profile:
        def fetch(library: "Library") -> Profile:
            ticker = library.ticker(symbol)
            try:
                info = ticker.info
            except TooManyRequests:
                raise
            except Exception:
                # The last of three requests fetches a ratio that is not used here; what came before it is kept.
                info = ticker.info
                if not info:
                    raise
            return profile_from_info(symbol, info)

        return self._call(check_symbol(symbol), settings.YAHOO_CALL_BUDGET, fetch)

    def history(self, symbol: str, *, interval: Interval, start: date | None) -> History:
        def fetch(library: "Library") -> History:
            from finances.yahoo.frames import read_history

            fetched_at = datetime.now(UTC)
            window = window_for(interval, start, fetched_at)
            return read_history(library.ticker(symbol), interval=interval, window=window, fetched_at=fetched_at)

        return self._call(check_symbol(symbol), settings.YAHOO_CALL_BUDGET, fetch)

    def search(self, query: str, *, limit: int) -> list[SearchHit]:
        words = " ".join("".join(char if char.isprintable() else " " for char in query).split())[:100]
        if not words:
            return []
        hits = self._call(
            "the search", settings.YAHOO_SEARCH_BUDGET, lambda library: search_hits(library.search(words, limit))
        )
        return hits[:limit]

    def _call(self, subject: str, budget: float, fetch: Callable[["Library"], T]) -> T:
        # The first call loads the library, which takes seconds of its own: before the clock starts.
        library = self._loaded()
        started = monotonic()
        try:
            with time_budget(budget):
                pace.refuse_during_pause()
                answer = self._lanes.run(lambda: self._attempt(library, fetch))
        except Fault as fault:
            seconds = round(monotonic() - started, 3)
            log.warning("yahoo_call_failed", subject=subject, fault=type(fault).__name__, reason=str(fault),
                        seconds=seconds)  # fmt: skip
            raise faults.error_for(fault, subject) from fault
        pace.clear_strikes()
        return answer

    def _attempt(self, library: "Library", fetch: Callable[["Library"], T]) -> T:
        """`fetch`, repeated with full jitter while that is worth it. Raises Fault."""
        attempts = Retrying(
            retry=_worth_another,
            wait=wait_random_exponential(multiplier=0.25, max=3),
            stop=lambda state: seconds_left() <= (state.upcoming_sleep or 0.0),
            reraise=True,
        )
        return attempts(self._fetch_once, library, fetch)

    def _fetch_once(self, library: "Library", fetch: Callable[["Library"], T]) -> T:
        seen_resets = library.resets
        try:
            return fetch(library)
        except Exception as error:
            fault = fault_of(error)
            if isinstance(fault, TooManyRequests):
                fault.retry_after = pace.strike(fault.retry_after)
            if isinstance(fault, CredentialsRefused):
                library.drop_credentials(seen_resets)
            raise fault from error

    def _loaded(self) -> "Library":
        with self._loading:
            if self._library is None:
                from finances.yahoo.library import Library

                self._library = Library()
            return self._library


def _worth_another(state: RetryCallState) -> bool:
    fault = state.outcome.exception() if state.outcome else None
    return isinstance(fault, Fault) and state.attempt_number < fault.attempts


def check_symbol(symbol: str) -> str:
    """Raises YahooNotFound for what cannot be a symbol of Yahoo's."""
    if not SYMBOL.fullmatch(symbol) or ISIN.fullmatch(symbol):
        raise faults.error_for(UnknownSymbol("not a symbol"), "this symbol")
    return symbol


def window_for(interval: Interval, start: date | None, now: datetime) -> dict[str, date | str]:
    """The library's arguments for a window from `start` to now, clamped to what Yahoo serves."""
    if interval not in FARTHEST_BACK:
        return {"start": start} if start else {"period": "max"}
    earliest = now - FARTHEST_BACK[interval]
    # A day starts up to 14 hours earlier on an exchange than in UTC.
    if start and datetime.combine(start, time(), UTC) - timedelta(hours=14) >= earliest:
        return {"start": start}
    return {"start": earliest}


def fault_of(error: Exception) -> Fault:
    """What an error out of the library means."""
    if isinstance(error, Fault):
        return error
    from yfinance.exceptions import YFPricesMissingError, YFRateLimitError, YFTzMissingError

    if isinstance(error, YFRateLimitError):
        return TooManyRequests(str(error))
    if isinstance(error, YFTzMissingError):
        return UnknownSymbol(str(error))
    if isinstance(error, YFPricesMissingError):
        return faults.fault_for_reason(error.yahoo_reason) if error.yahoo_reason else faults.EmptyAnswer(str(error))
    # Every error of curl is an OSError; JSON that is cut short is not.
    if isinstance(error, OSError) and not isinstance(error, json.JSONDecodeError):
        return faults.NoAnswer(f"{type(error).__name__}: {error}")
    return faults.Garbage(f"{type(error).__name__}: {error}")
