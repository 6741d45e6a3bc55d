"""Yahoo itself, asked through the unmodified yfinance."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import structlog
from django.conf import settings
from tenacity import RetryCallState, Retrying, wait_random_exponential

from finances.yahoo import faults, pace
from finances.yahoo.budget import seconds_left, time_budget
from finances.yahoo.faults import CredentialsRefused, EmptyAnswer, Fault, TooManyRequests, UnknownSymbol
from finances.yahoo.lanes import Lanes
from finances.yahoo.profiles import profile_from_info, search_hits
from finances.yahoo.questions import check_symbol, search_words, window_for
from finances.yahoo.types import History, Interval, Profile, SearchHit

if TYPE_CHECKING:
    from finances.yahoo.library import Library

log = structlog.get_logger(__name__)
T = TypeVar("T")

BACKOFF_SECONDS = 0.25
"""Upper bound of the first wait between attempts; doubled for each further one."""


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
        words = search_words(query)
        if not words:
            return []
        hits = self._call(
            "the search", settings.YAHOO_SEARCH_BUDGET, lambda library: search_hits(library.search(words, limit))
        )
        return hits[:limit]

    def _call(self, subject: str, budget: float, fetch: Callable[["Library"], T]) -> T:
        started = monotonic()
        try:
            # The first call loads the library, which takes seconds of its own: before the clock starts, yet in a
            # lane, so that not all of the server's threads wait for it.
            library = self._library or self._lanes.run(self._loaded)
            with time_budget(budget):
                pace.refuse_during_pause()
                answer = self._lanes.run(lambda: self._attempt(library, fetch))
        except Fault as fault:
            _log(fault, subject, monotonic() - started)
            raise faults.error_for(fault, subject) from fault
        pace.clear_strikes()
        return answer

    def _attempt(self, library: "Library", fetch: Callable[["Library"], T]) -> T:
        """`fetch`, repeated with full jitter while that is worth it. Raises Fault."""
        answer: T = Retrying(
            retry=_worth_another,
            wait=wait_random_exponential(multiplier=BACKOFF_SECONDS, max=3),
            stop=lambda state: seconds_left() <= (state.upcoming_sleep or 0.0),
            reraise=True,
        )(self._fetch_once, library, fetch)
        return answer

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


def _log(fault: Fault, subject: str, seconds: float) -> None:
    expected = isinstance(fault, UnknownSymbol | EmptyAnswer)
    write = log.info if expected else log.warning
    write(
        "yahoo_call_failed", subject=subject, fault=type(fault).__name__, reason=str(fault), seconds=round(seconds, 3)
    )


def _worth_another(state: RetryCallState) -> bool:
    fault = state.outcome.exception() if state.outcome else None
    return isinstance(fault, Fault) and state.attempt_number < fault.attempts


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
        return faults.fault_for_reason(error.yahoo_reason) if error.yahoo_reason else EmptyAnswer(str(error))
    # Every error of curl is an OSError; JSON that is cut short is not.
    if isinstance(error, OSError) and not isinstance(error, json.JSONDecodeError):
        return faults.NoAnswer(f"{type(error).__name__}: {error}")
    return faults.Garbage(f"{type(error).__name__}: {error}")
