"""One pair's rates from Yahoo into the database.

As with prices, the lease is taken before the first network call, every call is made before the transaction, and
everything is written in one. Rates of other sources are never touched: a day they hold stays theirs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.query import QuerySet

from currencies.answers import DayClose, settled_closes
from currencies.models import Currency, ExchangeRate
from currencies.storage import contradicts, store_rates
from finances.errors import NotFound, YahooBadResponse
from finances.sync.batch import Line, run_many
from finances.sync.leases import confirm, held_lease
from finances.sync.models import Lease, SyncRun
from finances.sync.runs import recorded_run, succeed
from finances.users.models import User
from finances.yahoo import get_yahoo
from finances.yahoo.budget import time_budget
from finances.yahoo.cached import CachedYahoo

SYNC_SECONDS = 24.0
OVERLAP = timedelta(days=10)
# The euro's reference rates: https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates
REFERENCE_CURRENCIES = (
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY",
    "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "USD", "ZAR",
)  # fmt: skip


class UnknownCurrency(NotFound):
    code = "unknown_currency"


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


def sync_pair(
    base: str,
    quote: str,
    *,
    since: date | None = None,
    refresh: bool = False,
    trigger: SyncRun.Trigger,
    started_by: User | None = None,
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
    with (
        held_lease(f"rates:{pair}") as lease,
        recorded_run(lease, symbol=symbol, source=source, trigger=trigger, started_by=started_by) as run,
    ):
        if refresh:
            yahoo.forget(symbol)
        with time_budget(SYNC_SECONDS):
            closes = _fetch(yahoo, pair, since)
        return _write(pair, closes, lease, run)


def sync_base(
    base: str,
    quotes: list[str],
    *,
    workers: int = 4,
    since: date | None = None,
    refresh: bool = False,
    trigger: SyncRun.Trigger,
    started_by: User | None = None,
) -> Iterator[Line]:
    """Sync `base` against each of `quotes` and yield each pair's line as it ends.

    Raises SyncInProgress while another sync of the same base runs.
    """
    sync = partial(sync_pair, base, since=since, refresh=refresh, trigger=trigger, started_by=started_by)

    def sync_one(pair: str) -> tuple[int, int]:
        result = sync(pair.removeprefix(base))
        return result.added, result.changed

    with held_lease(f"rates:{base}"):
        yield from run_many([f"{base}{quote}" for quote in quotes], sync_one, workers=workers)


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


def _fetch(yahoo: CachedYahoo, pair: Pair, since: date | None) -> list[DayClose]:
    """What is new, or everything where the new does not continue the stored."""
    start = _start(pair, since)
    closes = _fetch_from(yahoo, pair, start)
    if contradicts(pair.own_rates(), closes, start=start):
        yahoo.forget(f"{pair}=X")
        closes = _fetch_from(yahoo, pair, None)
        if contradicts(pair.own_rates(), closes, start=None):
            raise YahooBadResponse(f"Yahoo's rates of {pair} contradict the stored ones.")
    return closes


def _fetch_from(yahoo: CachedYahoo, pair: Pair, start: date | None) -> list[DayClose]:
    history = yahoo.history(f"{pair}=X", interval="1d", start=start)
    closes = settled_closes(history, quote=pair.quote.pk)
    return [close for close in closes if pair.last_day is None or close.day <= pair.last_day]


def _start(pair: Pair, since: date | None) -> date | None:
    """The last stored day less an overlap that shows whether the new rates continue it, or `since` if earlier."""
    last = pair.own_rates().order_by("-day").values_list("day", flat=True).first()
    if last is None:
        return since
    return min(last - OVERLAP, since) if since else last - OVERLAP


@transaction.atomic
def _write(pair: Pair, closes: list[DayClose], lease: Lease, run: SyncRun) -> PairResult:
    # The lease's row stays locked to the end: nobody else writes this pair meanwhile.
    confirm(lease)
    added, changed = store_rates(pair.base, pair.quote, closes, run)
    succeed(run, bars_added=added, bars_changed=changed, splits_used=[])
    return PairResult(str(pair), added, changed)
