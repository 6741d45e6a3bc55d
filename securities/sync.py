"""One symbol from Yahoo into the database: profile, events and bars.

The lease is taken before the first network call, every call is made before the transaction, and everything is written
in one: killed at any moment, a sync leaves what was there before or all of what it fetched. An answer that looks wrong
is held back for review and changes nothing.
"""

from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from django.db import transaction
from django.utils import timezone

from currencies.catalogue import ensure_currency
from finances.money import major_currency
from finances.sync.leases import confirm, held_lease
from finances.sync.models import Lease, SyncBatch, SyncRun
from finances.sync.runs import recorded_run, stamp, succeed
from finances.users.models import User
from finances.yahoo import get_yahoo
from finances.yahoo.budget import time_budget
from finances.yahoo.cached import CachedYahoo
from finances.yahoo.types import Interval
from securities.admission import admit
from securities.fetching import Fetched, fetch
from securities.models import Bar, Price, Review, Security

SYNC_SECONDS = 24.0
"""What all calls of one sync may take together: a client gets its answer within 30 s."""


@dataclass(frozen=True)
class SyncResult:
    security: Security
    bars_added: int
    bars_changed: int
    first_bar: date | None
    last_bar: date | None
    quarantined: tuple[Review, ...] = ()
    """What was held back for review."""


def sync_security(
    symbol: str,
    *,
    intervals: tuple[Interval, ...] = ("1d",),
    refresh: bool = False,
    trigger: SyncRun.Trigger,
    started_by: User | None = None,
    batch: SyncBatch | None = None,
    yahoo: CachedYahoo | None = None,
    source: str = "yahoo",
) -> SyncResult:
    """Fetch and store what is new of a listed `symbol`; the first time, everything. Safe to repeat.

    `refresh` goes round the cache. Raises SyncInProgress while another sync of the symbol runs, and YahooNotFound or
    another YahooError when Yahoo has no usable answer; then nothing is written but the run.
    """
    symbol = symbol.upper()
    yahoo = yahoo or get_yahoo()
    origin: Any = {"source": source, "trigger": trigger, "started_by": started_by}
    with (
        held_lease(f"sync:{symbol}") as lease,
        recorded_run(lease, symbol=symbol, batch=batch, intervals=intervals, **origin) as run,
    ):
        if refresh:
            yahoo.forget(symbol)
        with time_budget(SYNC_SECONDS):
            fetched = fetch(yahoo, symbol, intervals, run, refresh=refresh)
        return _write(symbol, fetched, lease, run)


@transaction.atomic
def _write(symbol: str, fetched: Fetched, lease: Lease, run: SyncRun) -> SyncResult:
    confirm(lease)
    security = _save_profile(symbol, fetched)
    stamp(run)
    admitted = [admit(security, answer.verdict, run) for answer in fetched.answers]
    added, changed = sum(one.stored.added for one in admitted), sum(one.stored.changed for one in admitted)
    held = sum(answer.bars_held for answer in fetched.answers)
    succeed(run, bars_added=added, bars_changed=changed, bars_quarantined=held, splits_used=fetched.splits_used)
    return SyncResult(security, added, changed, *_range(security), tuple(chain(*(one.reviews for one in admitted))))


def _save_profile(symbol: str, fetched: Fetched) -> Security:
    """The security's row, locked for the rest of the transaction and brought up to date."""
    profile, now = fetched.profile, timezone.now()
    if profile is None:
        security: Security = Security.objects.listed().select_for_update(no_key=True).get(symbol=symbol)
        security.last_synced_at = now
        security.save(update_fields=["last_synced_at", "updated_at"])
        return security
    # A profile may name another unit than the prices; what is stored is the prices.
    quote_unit = fetched.answers[0].verdict.answered.quote_unit if fetched.answers else profile.quote_unit
    currency_code, _unit = major_currency(quote_unit)
    facts = {
        "name": profile.name, "security_type": profile.security_type, "exchange": profile.exchange,
        "currency": ensure_currency(currency_code), "quote_unit": quote_unit, "time_zone": profile.time_zone,
        "sector": profile.sector, "industry": profile.industry, "isin": profile.isin,
        "market_cap": profile.market_cap, "last_synced_at": now,
    }  # fmt: skip
    stored = Security.objects.listed().filter(symbol=symbol).first()
    if stored and stored.currency_id != currency_code:
        # Stored bars are in the currency they are in, until staff have decided.
        facts = {name: value for name, value in facts.items() if name not in ("currency", "quote_unit")}
    rows = Security.objects.select_for_update(no_key=True)
    synced: Security = rows.update_or_create(symbol=symbol, owner=None, defaults=facts)[0]
    return synced


def _range(security: Security) -> tuple[date | None, date | None]:
    days = Price.objects.of(security, Bar.Interval.DAY)
    first = days.order_by("ts").values_list("ts", flat=True).first()
    last = days.order_by("-ts").values_list("ts", flat=True).first()
    return first and first.date(), last and last.date()
