"""A backend without a network: bundled real series that end years ago, and two synthetic ones that go on.

data/PROVENANCE.md says what is real, what is derived and under which licence.
"""

import csv
import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from finances.errors import YahooNoData, YahooNotFound
from finances.yahoo.raw import RawBar, RawSeries, daily_history
from finances.yahoo.synthetic import RECIPES, synthetic_rates, synthetic_series
from finances.yahoo.types import DividendEvent, History, Interval, Profile, SearchHit, SplitEvent

DATA = Path(__file__).parent / "data"
PAIR = re.compile(r"(EUR|USD|GBP)(EUR|USD|GBP)=X")
CLOSED_AFTER = timedelta(hours=17)
"""Since midnight on the exchange; a synthetic day is shown once it is over."""


class OfflineYahoo:
    """Answers for the symbols of data/symbols.json and the pairs among EUR, USD and GBP; daily bars only."""

    def profile(self, symbol: str) -> Profile:
        pair = PAIR.fullmatch(symbol)
        if pair and pair[1] != pair[2]:
            return Profile(symbol, f"{pair[1]}/{pair[2]}", "CURRENCY", "ECB reference rates", pair[2], "Europe/London")
        try:
            return _profiles()[symbol]
        except KeyError as error:
            raise YahooNotFound(f"The offline data do not hold {symbol}.") from error

    def history(self, symbol: str, *, interval: Interval, start: date | None) -> History:
        profile, now = self.profile(symbol), datetime.now(UTC)
        if interval != "1d":
            raise YahooNoData(f"The offline data hold daily prices only, for {symbol} too.")
        return daily_history(profile, self._series(profile, now), start=start, now=now)

    def _series(self, profile: Profile, now: datetime) -> RawSeries:
        if profile.symbol in RECIPES:
            return synthetic_series(profile.symbol, _closed(profile, now))
        return _bundled(profile.symbol)

    def search(self, query: str, *, limit: int) -> list[SearchHit]:
        words = query.casefold().split()
        pairs = (self.profile(symbol) for symbol in ("EURUSD=X", "EURGBP=X", "GBPUSD=X"))
        found = [profile for profile in (*_profiles().values(), *pairs) if words and _matches(profile, words)]
        return [
            SearchHit(profile.symbol, profile.name, profile.security_type, profile.exchange)
            for profile in found[:limit]
        ]


class SyntheticRates(OfflineYahoo):
    """Invented rates of the pairs, which begin where the bundled fixings end."""

    def _series(self, profile: Profile, now: datetime) -> RawSeries:
        last_day, *_, last_rate, _volume = _bundled(profile.symbol).bars[-1]
        return synthetic_rates(profile.symbol, last_day, last_rate, _closed(profile, now))


def _matches(profile: Profile, words: list[str]) -> bool:
    names = profile.name.casefold().replace("/", " ").split()
    if profile.symbol.casefold().startswith(words[0]) and len(words) == 1:
        return True
    return all(any(name.lstrip("(").startswith(word) for name in names) for word in words)


@lru_cache(maxsize=1)
def _profiles() -> dict[str, Profile]:
    rows = json.loads((DATA / "symbols.json").read_text())
    return {row["symbol"]: Profile(**row) for row in rows}


def _closed(profile: Profile, now: datetime) -> date:
    """The last day that is over."""
    return (now.astimezone(ZoneInfo(profile.time_zone)) - CLOSED_AFTER).date()


@lru_cache(maxsize=16)
def _bundled(symbol: str) -> RawSeries:
    pair = PAIR.fullmatch(symbol)
    if pair:
        return RawSeries(tuple(_fixings(pair[1], pair[2])))
    splits, dividends = _actions(symbol)
    return RawSeries(tuple(_bars(symbol)), splits, dividends)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as lines:
        yield from csv.DictReader(lines)


def _bars(symbol: str) -> Iterator[RawBar]:
    for row in _rows(DATA / "daily" / f"{symbol}.csv.gz"):
        if row["close"]:
            open_, high, low, close = (float(row[name] or "nan") for name in ("open", "high", "low", "close"))
            yield date.fromisoformat(row["date"]), open_, high, low, close, int(row["volume"] or -1)


def _fixings(base: str, quote: str) -> Iterator[RawBar]:
    """One figure a day: units of `quote` for one of `base`."""
    for row in _rows(DATA / "fixings.csv.gz"):
        per_euro = {"EUR": 1.0, "USD": float(row["USD"]), "GBP": float(row["GBP"])}
        fixing = float(f"{per_euro[quote] / per_euro[base]:.9g}")
        yield (date.fromisoformat(row["date"]), fixing, fixing, fixing, fixing, 0)


def _actions(symbol: str) -> tuple[tuple[SplitEvent, ...], tuple[DividendEvent, ...]]:
    splits, dividends = [], []
    with (DATA / "actions.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            day, value = date.fromisoformat(row["date"]), row["value"]
            if row["symbol"] != symbol:
                continue
            if row["type"] == "split":
                new, _, old = value.partition(":")
                splits.append(SplitEvent(day, int(new), int(old)))
            else:
                dividends.append(DividendEvent(day, Decimal(value)))
    return tuple(splits), tuple(dividends)
