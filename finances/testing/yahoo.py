"""A Yahoo scripted by the test: FakeYahoo is the backend in config.settings_test, `fake_yahoo` is its script.

def test_a_split(fake_yahoo):
    fake_yahoo.add("ACME", closes={date(2024, 1, 2): 100.0, date(2024, 1, 3): 51.0},
                   splits=[SplitEvent(date(2024, 1, 3), 2, 1)], now=datetime(2024, 1, 4, tzinfo=UTC))
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from threading import Event, Lock
from typing import Any

import pytest

from finances.errors import YahooNoData, YahooNotFound
from finances.yahoo.raw import RawBar, RawSeries, daily_history
from finances.yahoo.types import Bars, DividendEvent, History, Interval, Profile, SearchHit, SecurityType, SplitEvent

GATE_SECONDS = 10
"""How long a call waits at the gate before it goes on, so that a failing test ends."""


@dataclass(slots=True)
class Listing:
    profile: Profile
    raw: RawSeries
    intraday: Mapping[Interval, Bars]
    """Served as they are, from `start` on."""


@dataclass(slots=True)
class Failure:
    symbol: str
    method: str
    error: Exception | type[Exception]
    times: int | None


@dataclass(slots=True)
class Script:
    """What the fake answers. Listings hold raw figures; answers are divided by the splits up to `now`."""

    now: datetime | None = None
    """The moment that answers are given at; None is the real now."""
    gate: Event | None = None
    """If set, every history waits until the event is set, after it was noted in `calls`."""
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    """("profile", symbol), ("history", symbol, interval, start) and ("search", query, limit), in order."""
    _listings: dict[str, Listing] = field(default_factory=dict)
    _answers: dict[tuple[str, Interval], History] = field(default_factory=dict)
    _failures: list[Failure] = field(default_factory=list)
    _lock: Any = field(default_factory=Lock)

    def reset(self) -> None:
        self.now = self.gate = None
        self.calls.clear()
        self._listings.clear()
        self._answers.clear()
        self._failures.clear()

    def add(
        self,
        symbol: str,
        *,
        closes: Mapping[date, float] | None = None,
        bars: Sequence[RawBar] | None = None,
        splits: Sequence[SplitEvent] = (),
        dividends: Sequence[DividendEvent] = (),
        intraday: Mapping[Interval, Bars] | None = None,
        now: datetime | None = None,
        name: str = "",
        security_type: SecurityType = "STOCK",
        exchange: str = "TestX",
        quote_unit: str = "USD",
        time_zone: str = "America/New_York",
        **profile: Any,
    ) -> None:
        """List `symbol`, or replace it, with raw closes (open, high and low alike, volume 1000) or raw bars."""
        rows = bars if bars is not None else [(day, c, c, c, c, 1000) for day, c in sorted((closes or {}).items())]
        described = Profile(symbol, name or f"{symbol} Inc.", security_type, exchange, quote_unit, time_zone, **profile)
        series = RawSeries(
            sorted(rows),
            sorted(splits, key=lambda split: split.ex_date),
            sorted(dividends, key=lambda event: event.ex_date),
        )
        self._listings[symbol] = Listing(described, series, dict(intraday or {}))
        self.now = now or self.now

    def answer(self, history: History | None, symbol: str = "", interval: Interval = "1d") -> None:
        """Serve this history as it is from now on, cut to the window asked for; None: the listing's again."""
        key = (history.symbol, history.interval) if history else (symbol, interval)
        self._answers.pop(key, None)
        if history is not None:
            self._answers[key] = history

    def answered(self, symbol: str, interval: Interval) -> History | None:
        return self._answers.get((symbol, interval))

    def fail(
        self,
        symbol: str,
        error: Exception | type[Exception],
        *,
        method: str = "*",
        times: int | None = None,
    ) -> None:
        """Raise `error` for `symbol` ("*": all, and searches) in `method` ("*": all), `times` times or for good."""
        self._failures.append(Failure(symbol, method, error, times))

    def recover(self) -> None:
        """End every failure."""
        self._failures.clear()

    def note(self, method: str, symbol: str, *arguments: object) -> None:
        """Record a call and raise what it is to fail with."""
        with self._lock:
            self.calls.append((method, symbol, *arguments))
            failure = self._next_failure(method, symbol)
        if failure is not None:
            raise failure.error if isinstance(failure.error, Exception) else failure.error()

    def _next_failure(self, method: str, symbol: str) -> Failure | None:
        for failure in self._failures:
            fits = failure.symbol in ("*", symbol) and failure.method in ("*", method)
            if fits and failure.times != 0:
                failure.times = None if failure.times is None else failure.times - 1
                return failure
        return None

    def listing(self, symbol: str) -> Listing:
        try:
            return self._listings[symbol]
        except KeyError as error:
            raise YahooNotFound(f"Yahoo Finance does not know {symbol}.") from error

    def profiles(self) -> list[Profile]:
        return [listing.profile for listing in self._listings.values()]


fake_yahoo = Script()


class FakeYahoo:
    """The backend that answers by `fake_yahoo`."""

    def profile(self, symbol: str) -> Profile:
        fake_yahoo.note("profile", symbol)
        return fake_yahoo.listing(symbol).profile

    def history(self, symbol: str, *, interval: Interval, start: date | None) -> History:
        fake_yahoo.note("history", symbol, interval, start)
        if fake_yahoo.gate is not None:
            fake_yahoo.gate.wait(GATE_SECONDS)
        prepared = fake_yahoo.answered(symbol, interval)
        if prepared is not None:
            return _from(prepared, start)
        listing, now = fake_yahoo.listing(symbol), fake_yahoo.now or datetime.now(UTC)
        if interval == "1d":
            return daily_history(listing.profile, listing.raw, start=start, now=now)
        return _intraday_history(listing, interval, start, now)

    def search(self, query: str, *, limit: int) -> list[SearchHit]:
        fake_yahoo.note("search", query, limit)
        words = query.casefold()
        found = [
            SearchHit(profile.symbol, profile.name, profile.security_type, profile.exchange)
            for profile in fake_yahoo.profiles()
            if words in profile.name.casefold() or profile.symbol.casefold().startswith(words)
        ]
        return found[:limit]


def _from(history: History, start: date | None) -> History:
    first = datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp() if start else float("-inf")
    kept = [i for i, timestamp in enumerate(history.bars.timestamps) if timestamp >= first]
    if not kept:
        raise YahooNoData(f"Yahoo Finance gives no prices for {history.symbol} at present.")
    columns = [getattr(history.bars, column.name) for column in fields(Bars)]
    cut = Bars(*(tuple(column[i] for i in kept) if column else () for column in columns))
    return replace(
        history,
        bars=cut,
        splits=tuple(split for split in history.splits if start is None or split.ex_date >= start),
        dividends=tuple(event for event in history.dividends if start is None or event.ex_date >= start),
    )


def _intraday_history(listing: Listing, interval: Interval, start: date | None, now: datetime) -> History:
    bars, profile = listing.intraday.get(interval, Bars()), listing.profile
    first = datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp() if start else 0.0
    kept = [i for i, timestamp in enumerate(bars.timestamps) if first <= timestamp <= now.timestamp()]
    if not kept:
        raise YahooNoData(f"Yahoo Finance gives no prices for {profile.symbol} at present.")
    columns = (bars.timestamps, bars.opens, bars.highs, bars.lows, bars.closes, bars.volumes)
    cut: list[Any] = [tuple(column[i] for i in kept) for column in columns]
    return History(profile.symbol, interval, profile.quote_unit, profile.time_zone, now.astimezone(UTC), Bars(*cut))


@pytest.fixture(autouse=True)
def _fresh_fake_yahoo() -> Iterator[None]:
    fake_yahoo.reset()
    yield
    fake_yahoo.reset()


@pytest.fixture(name="fake_yahoo")
def _fake_yahoo(_fresh_fake_yahoo: None) -> Script:
    """The script of the backend, empty at the start of each test."""
    return fake_yahoo
