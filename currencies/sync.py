"""One pair's rates from Yahoo into the database.

As with prices, the lease is taken before the first network call, every call is made before the transaction, and
everything is written in one. Rates of other sources are never touched. What looks wrong is held back for staff.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.query import QuerySet

from currencies.answers import settled_closes
from currencies.models import Currency, ExchangeRate
from currencies.quarantine import hold, lease_name, screen_against_stored
from currencies.screening import DayClose, Screened, Suspect, differs
from currencies.storage import contradicts, store_rates
from finances.errors import NotFound, YahooBadResponse
from finances.sync.batch import Line, run_many
from finances.sync.leases import confirm, held_lease, spend
from finances.sync.models import Lease, SyncBatch, SyncRun
from finances.sync.record import recorded_batch, unfinished_symbols
from finances.sync.runs import leased_run, stamp, succeed
from finances.users.models import User
from finances.yahoo import get_yahoo
from finances.yahoo.budget import time_budget
from finances.yahoo.cached import CachedYahoo

BASE = "EUR"
"""What is quoted where nothing else is asked for."""
SYNC_SECONDS = 24.0
OVERLAP = timedelta(days=10)
# The euro's reference rates: https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates
REFERENCE_CURRENCIES = (
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY",
    "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "USD", "ZAR",
)  # fmt: skip


class UnknownCurrency(NotFound):
    code = "unknown_currency"


class Contradiction(YahooBadResponse):
    """Yahoo answers another series than the one stored."""

    def __init__(self, message: str, closes: list[DayClose]) -> None:
        super().__init__(message)
        self.closes = closes


@dataclass(frozen=True)
class Pair:
    base: Currency
    quote: Currency
    source: str

    def __str__(self) -> str:
        return f"{self.base.pk}{self.quote.pk}"

    @property
    def last_day(self) -> date | None:
        """The last day on which both are in force; None while they are."""
        return min((day for day in (self.base.last_valid_on, self.quote.last_valid_on) if day), default=None)

    def own_rates(self) -> "QuerySet[ExchangeRate]":
        """What earlier syncs from the same source have stored."""
        return ExchangeRate.objects.of_pair(self.base.pk, self.quote.pk).filter(source=self.source)


@dataclass(frozen=True)
class PairResult:
    pair: str
    added: int
    changed: int
    held: int = 0
    """Rates that staff are to decide about."""


def sync_pair(
    base: str,
    quote: str,
    *,
    since: date | None = None,
    refresh: bool = False,
    trigger: SyncRun.Trigger,
    started_by: User | None = None,
    batch: SyncBatch | None = None,
    yahoo: CachedYahoo | None = None,
    source: str = "yahoo",
) -> PairResult:
    """Fetch and store what is new of the units of `quote` for one of `base`; the first time, everything, or all from
    `since`. Safe to repeat.

    Days that are over only: today's rate still moves. `refresh` goes round the cache. Raises UnknownCurrency,
    SyncInProgress while another sync of the pair runs, and YahooNotFound or another YahooError when Yahoo has no usable
    answer; then nothing is written but the run.
    """
    pair = Pair(*_currencies(base, quote), source)
    yahoo, symbol = yahoo or get_yahoo(), f"{pair}=X"
    origin: Any = {"source": source, "trigger": trigger, "started_by": started_by, "kind": SyncBatch.Kind.RATES}
    with leased_run(lease_name(base, quote, source), symbol=symbol, batch=batch, **origin) as (lease, run):
        if refresh:
            yahoo.forget(symbol)
        try:
            with time_budget(SYNC_SECONDS):
                screened = _fetch(yahoo, pair, since)
        except Contradiction as error:
            _hold_contradiction(pair, error.closes, lease, run)
            raise
        return _write(pair, screened, lease, run)


def sync_base(
    base: str,
    quotes: list[str],
    *,
    workers: int = 4,
    since: date | None = None,
    refresh: bool = False,
    trigger: SyncRun.Trigger,
    started_by: User | None = None,
    scope: SyncBatch.Scope = SyncBatch.Scope.SYMBOLS,
    resumes: SyncBatch | None = None,
) -> Iterator[Line]:
    """Sync `base` against each of `quotes` and yield each pair's line as it ends.

    Raises SyncInProgress while another sync of the same base runs, or if another resumes the same batch.
    """
    origin: Any = {"trigger": trigger, "started_by": started_by}
    symbols = {f"{base}{quote}=X": quote for quote in quotes}
    with (
        held_lease(f"rates:{base}"),
        recorded_batch(SyncBatch.Kind.RATES, list(symbols), scope=scope, resumes=resumes, **origin) as batch,
    ):

        def sync_one(symbol: str) -> tuple[int, int, int]:
            result = sync_pair(base, symbols[symbol], since=since, refresh=refresh, batch=batch, **origin)
            return result.added, result.changed, result.held

        for line in run_many(symbols, sync_one, workers=workers, batch=batch):
            yield replace(line, symbol=line.symbol.removesuffix("=X"))


def sync_symbol(batch: SyncBatch, symbol: str) -> tuple[int, int, int]:
    """A pair of the batch ("EURUSD=X"): days added, changed and held. Raises what sync_pair does."""
    origin: Any = {"trigger": SyncRun.Trigger(batch.trigger), "started_by": batch.started_by}
    result = sync_pair(symbol[:3], symbol[3:6], refresh=batch.refresh, batch=batch, **origin)
    return result.added, result.changed, result.held


def pairs_left(batch: SyncBatch) -> tuple[str, list[str]]:
    """The base of a batch of sync_base, and the quotes that it had not done."""
    symbols = unfinished_symbols(batch)
    return symbols[0][:3], [symbol[3:6] for symbol in symbols]


def default_quotes(base: str, *, today: date) -> list[str]:
    """The reference currencies and those with rates already, as far as they are known here and in force."""
    stored = ExchangeRate.objects.filter(Q(base=OuterRef("pk")) | Q(quote=OuterRef("pk")))
    wanted = Currency.objects.current_on(today).filter(Q(pk__in=REFERENCE_CURRENCIES) | Exists(stored))
    return list(wanted.exclude(pk=base).order_by("pk").values_list("pk", flat=True))


def _currencies(base: str, quote: str) -> tuple[Currency, Currency]:
    found = Currency.objects.in_bulk([base, quote])
    for code in (base, quote):
        if code not in found:
            raise UnknownCurrency(f"{code} is not a known currency.")
    return found[base], found[quote]


def _fetch(yahoo: CachedYahoo, pair: Pair, since: date | None) -> Screened:
    """What is new, or everything where the new does not continue the stored. Raises Contradiction."""
    start = _start(pair, since)
    screened = _fetch_from(yahoo, pair, start)
    if contradicts(pair.own_rates(), screened.closes, start=start):
        yahoo.forget(f"{pair}=X")
        screened = _fetch_from(yahoo, pair, None)
        if contradicts(pair.own_rates(), screened.closes, start=None):
            raise Contradiction(f"Yahoo's rates of {pair} contradict the stored ones.", screened.closes)
    return screened


def _fetch_from(yahoo: CachedYahoo, pair: Pair, start: date | None) -> Screened:
    history = yahoo.history(f"{pair}=X", interval="1d", start=start)
    screened = settled_closes(history, quote=pair.quote.pk)
    closes = [close for close in screened.closes if pair.last_day is None or close.day <= pair.last_day]
    return screened._replace(closes=closes)


def _start(pair: Pair, since: date | None) -> date | None:
    """The last stored day less an overlap that shows whether the new rates continue it, or `since` if earlier."""
    last = pair.own_rates().order_by("-day").values_list("day", flat=True).first()
    if last is None:
        return since
    return min(last - OVERLAP, since) if since else last - OVERLAP


@transaction.atomic
def _write(pair: Pair, fetched: Screened, lease: Lease, run: SyncRun) -> PairResult:
    # Until the end nobody else takes the lease, and so writes this pair.
    spend(lease)
    stamp(run)
    screened = screen_against_stored(pair.base, pair.quote, fetched.closes, run.source)
    added, changed = store_rates(pair.base, pair.quote, screened.closes, run)
    held = hold(pair.base, pair.quote, [*fetched.suspects, *screened.suspects], run)
    succeed(run, bars_added=added, bars_changed=changed, bars_quarantined=held, splits_used=[])
    return PairResult(str(pair), added, changed, held)


@transaction.atomic
def _hold_contradiction(pair: Pair, closes: list[DayClose], lease: Lease, run: SyncRun) -> None:
    """Keep what is new or other than stored."""
    confirm(lease)
    stored = dict(pair.own_rates().values_list("day", "quote_per_base"))
    new = [close for close in closes if close.day not in stored or differs(stored[close.day], close.quote_per_base)]
    hold(pair.base, pair.quote, [Suspect(day, f"{rate:f}", "restated") for day, rate in new], run)
