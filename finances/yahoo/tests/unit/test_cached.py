from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from math import nan
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from finances.errors import FinancesError, YahooBadResponse, YahooNoData, YahooNotFound, YahooRateLimited
from finances.yahoo import store
from finances.yahoo.cached import CachedYahoo, _generation_key
from finances.yahoo.tests.broken_caches import BROKEN
from finances.yahoo.types import Bars, DividendEvent, History, Interval, Profile, SearchHit, SplitEvent

PROFILE = Profile("ACME", "Acme", "STOCK", "NYSE", "USD", "America/New_York", market_cap=Decimal("12.5"))
HISTORY = History(
    "ACME", "1d", "USD", "America/New_York", datetime(2024, 1, 3, 7, tzinfo=UTC),
    Bars((0, 86400), (1.0, nan), (1.0, 2.0), (1.0, 2.0), (1.0, 2.0), (5, -1)),
    (SplitEvent(date(1970, 1, 2), 2, 1),),
    (DividendEvent(date(1970, 1, 2), Decimal("0.25"), "capital_gain", "GBp"),),
)  # fmt: skip
HITS = [SearchHit("ACME", "Acme", "STOCK", "NYSE")]


class Backend:
    """Answers the constants above, or raises `error`."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.error: FinancesError | None = None

    def _answer(self, answer: Any, *call: Any) -> Any:
        self.calls.append(call)
        if self.error:
            raise self.error
        return answer

    def profile(self, symbol: str) -> Profile:
        return self._answer(PROFILE, "profile", symbol)  # type: ignore[no-any-return]

    def history(self, symbol: str, *, interval: Interval, start: date | None) -> History:
        return self._answer(HISTORY, "history", symbol, interval, start)  # type: ignore[no-any-return]

    def search(self, query: str, *, limit: int) -> list[SearchHit]:
        return self._answer(HITS, "search", query, limit)  # type: ignore[no-any-return]


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
def yahoo(backend: Backend) -> CachedYahoo:
    return CachedYahoo(backend)


ASK: list[Callable[[CachedYahoo], object]] = [
    lambda yahoo: yahoo.profile("ACME"),
    lambda yahoo: yahoo.history("ACME", interval="1d", start=date(2024, 1, 1)),
    lambda yahoo: yahoo.search("acme", limit=5),
]


@pytest.mark.parametrize("ask", ASK)
def test_an_answer_is_asked_for_once(yahoo: CachedYahoo, backend: Backend, ask: Callable[[CachedYahoo], Any]) -> None:
    first, second = ask(yahoo), ask(yahoo)
    # NaN differs from itself; everything else must come back as it went in.
    assert repr(first) == repr(second)
    assert len(backend.calls) == 1


def test_spellings_of_one_question_are_one(yahoo: CachedYahoo, backend: Backend) -> None:
    yahoo.profile("ACME")
    yahoo.profile(" acme ")
    yahoo.search(" Acme  Corp", limit=5)
    yahoo.search("acme corp", limit=5)
    assert backend.calls == [("profile", "ACME"), ("search", "Acme Corp", 5)]


def test_other_questions_are_asked(yahoo: CachedYahoo, backend: Backend) -> None:
    yahoo.history("ACME", interval="1d", start=None)
    yahoo.history("ACME", interval="1d", start=date(2024, 1, 1))
    yahoo.history("ACME", interval="1h", start=None)
    yahoo.history("ACM", interval="1d", start=None)
    yahoo.search("acme", limit=5)
    yahoo.search("acme", limit=6)
    assert len(backend.calls) == 6


def test_forget_drops_everything_of_one_symbol(yahoo: CachedYahoo, backend: Backend) -> None:
    for symbol in ("ACME", "OTHER"):
        yahoo.profile(symbol)
        yahoo.history(symbol, interval="1d", start=None)
    yahoo.forget("acme")
    backend.calls.clear()
    for symbol in ("ACME", "OTHER"):
        yahoo.profile(symbol)
        yahoo.history(symbol, interval="1d", start=None)
    assert backend.calls == [("profile", "ACME"), ("history", "ACME", "1d", None)]


@pytest.mark.parametrize("error", [YahooNotFound("Unknown ACME."), YahooNoData("No ACME.")])
@pytest.mark.parametrize("ask", ASK)
def test_a_refusal_is_remembered(
    yahoo: CachedYahoo, backend: Backend, ask: Callable[[CachedYahoo], Any], error: FinancesError
) -> None:
    backend.error = error
    for _ in range(2):
        with pytest.raises(type(error), match=str(error)):
            ask(yahoo)
    assert len(backend.calls) == 1


def test_a_refusal_is_forgotten_on_request(yahoo: CachedYahoo, backend: Backend) -> None:
    backend.error = YahooNotFound()
    with pytest.raises(YahooNotFound):
        yahoo.profile("ACME")
    yahoo.forget("ACME")
    backend.error = None
    assert yahoo.profile("ACME") == PROFILE


@pytest.mark.parametrize("error", [YahooRateLimited(), YahooBadResponse()])
@pytest.mark.parametrize("ask", ASK)
def test_a_failure_is_not_remembered(
    yahoo: CachedYahoo, backend: Backend, ask: Callable[[CachedYahoo], Any], error: FinancesError
) -> None:
    backend.error = error
    for _ in range(2):
        with pytest.raises(type(error)):
            ask(yahoo)
    assert len(backend.calls) == 2


def test_how_long_things_are_kept(
    yahoo: CachedYahoo, backend: Backend, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.YAHOO_CACHE_SECONDS, settings.YAHOO_NEGATIVE_CACHE_SECONDS = 1000, 100
    kept: list[float] = []
    monkeypatch.setattr(store, "remember", lambda key, value, seconds: kept.append(seconds))
    yahoo.search("acme", limit=5)
    backend.error = YahooNotFound()
    with pytest.raises(YahooNotFound):
        yahoo.search("acme", limit=5)
    assert kept == [1000, 100]


@pytest.mark.parametrize("text", ["A B", "\0", "é" * 300, "\ud800", "a:b%c\n", ""])
def test_any_text_makes_a_legal_key(yahoo: CachedYahoo, text: str) -> None:
    yahoo.search(text, limit=5)
    yahoo.profile(text)
    yahoo.forget(text)


@pytest.mark.parametrize(
    "junk",
    [7, "x", (), ("answer",), ("answer", None), ("answer", ()), ("answer", (1, 2, 3)), ("other", "x"), [1, 2, 3],
     ("answer", (("ACME", "1d"), "x", (), (), ())), ("answer", ((1,) * 10,)), {"answer": 1}, ("answer", "text"),
     ("answer", (("A", "1y", "USD", "UTC"), "2024-01-01T00:00:00+00:00", ((),) * 6, (), ())),
     ("answer", (("A", "1d", "USD", "UTC"), "2024-01-01T00:00:00+00:00", ((), (1,), (), (), (), ()), (), ()))],
)  # fmt: skip
@pytest.mark.parametrize("ask", ASK[:2])
def test_a_stored_value_of_another_shape_is_a_miss(
    yahoo: CachedYahoo,
    backend: Backend,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[CachedYahoo], Any],
    junk: object,
) -> None:
    monkeypatch.setattr(store, "recall", lambda key: "generation" if ":generation:" in key else junk)
    ask(yahoo)
    assert len(backend.calls) == 1


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("ask", ASK)
def test_without_a_cache_everything_is_asked(
    yahoo: CachedYahoo,
    backend: Backend,
    settings: Settings,
    ask: Callable[[CachedYahoo], Any],
    broken: str,
) -> None:
    settings.CACHES = {"default": {"BACKEND": broken}}
    ask(yahoo)
    yahoo.forget("ACME")
    ask(yahoo)
    assert len(backend.calls) == 2


def test_a_lost_generation_revives_nothing(yahoo: CachedYahoo, backend: Backend) -> None:
    yahoo.profile("ACME")
    yahoo.forget("ACME")
    cache.delete(_generation_key("ACME"))
    yahoo.profile("ACME")
    assert len(backend.calls) == 2
