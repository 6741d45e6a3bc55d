"""One symbol from Yahoo into the database: profile, events and bars.

The lease is taken before the first network call, every call is made before the transaction, and everything is written
in one: killed at any moment, a sync leaves what was there before or all of what it fetched.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from currencies.catalogue import ensure_currency
from finances.errors import Unavailable, YahooBadResponse, YahooNoData, YahooNotFound
from finances.money import major_currency
from finances.sync.leases import confirm, held_lease
from finances.sync.models import Lease, SyncRun
from finances.sync.runs import recorded_run, succeed
from finances.users.models import User
from finances.yahoo import get_yahoo
from finances.yahoo.budget import time_budget
from finances.yahoo.cached import CachedYahoo
from finances.yahoo.types import Interval, Profile
from securities.actions import known_splits, store_dividends, store_splits
from securities.bars import INTERVALS
from securities.continuity import continues
from securities.models import Bar, Price, Security
from securities.recovery import RawHistory, recover, screen
from securities.storage import Stored, store_bars

SYNC_SECONDS = 24.0
"""What all calls of one sync may take together: a client gets its answer within 30 s."""
OVERLAP = {
    Bar.Interval.DAY: timedelta(days=10),
    Bar.Interval.HOUR: timedelta(days=2),
    Bar.Interval.MINUTE: timedelta(days=1),
}


@dataclass(frozen=True)
class SyncResult:
    security: Security
    bars_added: int
    bars_changed: int
    first_bar: date | None
    last_bar: date | None


@dataclass(frozen=True)
class Fetched:
    profile: Profile | None
    histories: list[RawHistory]


def sync_security(
    symbol: str,
    *,
    intervals: tuple[Interval, ...] = ("1d",),
    refresh: bool = False,
    trigger: SyncRun.Trigger,
    started_by: User | None = None,
    yahoo: CachedYahoo | None = None,
    source: str = "yahoo",
) -> SyncResult:
    """Fetch and store what is new of a listed `symbol`; the first time, everything. Safe to repeat.

    `refresh` goes round the cache. Raises SyncInProgress while another sync of the symbol runs, and YahooNotFound or
    another YahooError when Yahoo has no usable answer; then nothing is written but the run.
    """
    symbol = symbol.upper()
    yahoo = yahoo or get_yahoo()
    with (
        held_lease(f"sync:{symbol}") as lease,
        recorded_run(lease, symbol=symbol, source=source, trigger=trigger, started_by=started_by) as run,
    ):
        if refresh:
            yahoo.forget(symbol)
        with time_budget(SYNC_SECONDS):
            fetched = _fetch(yahoo, symbol, intervals)
        return _write(symbol, fetched, lease, run)


def _fetch(yahoo: CachedYahoo, symbol: str, intervals: tuple[Interval, ...]) -> Fetched:
    security = Security.objects.listed().filter(symbol=symbol).first()
    histories = [
        history for interval in intervals if (history := _fetch_interval(yahoo, symbol, security, interval)) is not None
    ]
    profile = _fetch_profile(yahoo, symbol, security)
    if profile and any(major_currency(profile.quote_unit)[0] != raw.currency_code for raw in histories):
        raise YahooBadResponse(f"Yahoo gives {symbol} in another currency than its prices.")
    return Fetched(profile, histories)


def _fetch_profile(yahoo: CachedYahoo, symbol: str, security: Security | None) -> Profile | None:
    """None where Yahoo gives prices but no profile for a security that is known: prices go on without it."""
    try:
        return yahoo.profile(symbol)
    except (Unavailable, YahooNotFound):
        if security is None:
            raise
        return None


def _fetch_interval(
    yahoo: CachedYahoo, symbol: str, security: Security | None, interval: Interval
) -> RawHistory | None:
    """What is new, or everything where nothing is stored or the new does not continue the stored. None where the
    market has no bars this short."""
    start = _start(security, INTERVALS[interval])
    try:
        raw = _fetch_from(yahoo, symbol, security, interval, start)
        if security is not None and not continues(security, raw, start=start):
            yahoo.forget(symbol)
            raw = _fetch_from(yahoo, symbol, security, interval, None)
            if not continues(security, raw, start=None):
                raise YahooBadResponse(f"Yahoo's history of {symbol} contradicts the stored one.")
    except YahooNoData:
        if interval == "1d" or start is not None:
            raise
        return None
    return raw


def _fetch_from(
    yahoo: CachedYahoo, symbol: str, security: Security | None, interval: Interval, start: date | None
) -> RawHistory:
    history = yahoo.history(symbol, interval=interval, start=start)
    raw = recover(history, known_splits(security) if security else ())
    screen(raw, symbol=symbol, currency_code=security.currency_id if security else None)
    return raw


def _start(security: Security | None, interval: int) -> date | None:
    """The day from which to ask: the last stored bar less an overlap that shows whether the new bars continue it."""
    last = security and Price.objects.of(security, interval).aggregate(last=Max("ts"))["last"]
    return (last - OVERLAP[Bar.Interval(interval)]).date() if last else None


@transaction.atomic
def _write(symbol: str, fetched: Fetched, lease: Lease, run: SyncRun) -> SyncResult:
    confirm(lease)
    security = _save_profile(symbol, fetched)
    counts = [_store(security, raw, run) for raw in fetched.histories]
    added, changed = sum(count.added for count in counts), sum(count.changed for count in counts)
    splits_used = [
        [split.ex_date.isoformat(), split.numerator, split.denominator]
        for split in (fetched.histories[0].splits if fetched.histories else ())
    ]
    succeed(run, bars_added=added, bars_changed=changed, splits_used=splits_used)
    return SyncResult(security, added, changed, *_range(security))


def _save_profile(symbol: str, fetched: Fetched) -> Security:
    """The security's row, locked for the rest of the transaction and brought up to date."""
    profile, now = fetched.profile, timezone.now()
    if profile is None:
        security: Security = Security.objects.listed().select_for_update(no_key=True).get(symbol=symbol)
        security.last_synced_at = now
        security.save(update_fields=["last_synced_at", "updated_at"])
        return security
    currency_code, _unit = major_currency(profile.quote_unit)
    facts = {
        "name": profile.name, "security_type": profile.security_type, "exchange": profile.exchange,
        "currency": ensure_currency(currency_code), "quote_unit": profile.quote_unit, "time_zone": profile.time_zone,
        "sector": profile.sector, "industry": profile.industry, "isin": profile.isin,
        "market_cap": profile.market_cap, "last_synced_at": now,
    }  # fmt: skip
    rows = Security.objects.select_for_update(no_key=True)
    synced: Security = rows.update_or_create(symbol=symbol, owner=None, defaults=facts)[0]
    return synced


def _store(security: Security, raw: RawHistory, run: SyncRun) -> Stored:
    store_splits(security, raw.splits, run)
    store_dividends(security, raw.dividends, run)
    return store_bars(security, raw, run)


def _range(security: Security) -> tuple[date | None, date | None]:
    days = Price.objects.of(security, Bar.Interval.DAY)
    first = days.order_by("ts").values_list("ts", flat=True).first()
    last = days.order_by("-ts").values_list("ts", flat=True).first()
    return first and first.date(), last and last.date()
