"""One symbol from Yahoo into the database: profile, events and bars.

The lease is taken before the first network call, every call is made before the transaction, and everything is written
in one: killed at any moment, a sync leaves what was there before or all of what it fetched. An answer that looks wrong
is held back for review and changes nothing.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from currencies.catalogue import ensure_currency
from finances.errors import Conflict
from finances.money import major_currency
from finances.sync.leases import spend
from finances.sync.models import Lease, SyncBatch, SyncRun
from finances.sync.runs import leased_run, stamp, stamp_after, succeed
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
    quarantined: tuple[Review, ...] = ()
    """What was held back for review."""

    @property
    def first_bar(self) -> date | None:
        return self._ends[0]

    @property
    def last_bar(self) -> date | None:
        return self._ends[1]

    @cached_property
    def _ends(self) -> tuple[date | None, date | None]:
        """Read for those who ask: a batch does not."""
        ends = Price.objects.of(self.security, Bar.Interval.DAY).aggregate(first=Min("ts"), last=Max("ts"))
        return ends["first"] and ends["first"].date(), ends["last"] and ends["last"].date()


class SecurityChanged(Conflict):
    code = "security_changed"
    message = "The security was changed during the sync; nothing was written."


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

    `refresh` goes round the cache. Raises SyncInProgress while another sync of the symbol runs, SecurityChanged where
    its row has gone or changed its currency meanwhile, and YahooNotFound or another YahooError when Yahoo has no usable
    answer; then nothing is written but the run.
    """
    symbol = symbol.upper()
    yahoo = yahoo or get_yahoo()
    origin: Any = {"source": source, "trigger": trigger, "started_by": started_by}
    with leased_run(f"sync:{symbol}", symbol=symbol, batch=batch, intervals=intervals, **origin) as (lease, run):
        if refresh:
            yahoo.forget(symbol)
        with time_budget(SYNC_SECONDS):
            fetched = fetch(yahoo, symbol, intervals, run, refresh=refresh)
        result = _write(symbol, fetched, lease, run)
        if not result.quarantined:
            yahoo.release(symbol, intervals)
        return result


@transaction.atomic
def _write(symbol: str, fetched: Fetched, lease: Lease, run: SyncRun) -> SyncResult:
    before = fetched.before
    spend(lease)
    security = _create(symbol, fetched) if before is None else _update(before.security, fetched)
    stamp_after(run, before.last_recorded_at) if before else stamp(run)
    admitted = [admit(security, before, answer.verdict, run) for answer in fetched.answers]
    added, changed = sum(one.stored.added for one in admitted), sum(one.stored.changed for one in admitted)
    held = sum(answer.bars_held for answer in fetched.answers)
    succeed(run, bars_added=added, bars_changed=changed, bars_quarantined=held, splits_used=fetched.splits_used)
    return SyncResult(security, added, changed, tuple(chain(*(one.reviews for one in admitted))))


def _create(symbol: str, fetched: Fetched) -> Security:
    unit = fetched.quote_unit
    quoted = {"currency": ensure_currency(major_currency(unit)[0]), "quote_unit": unit}
    created: Security = Security.objects.create(symbol=symbol, **_facts(fetched), **quoted)
    return created


def _update(security: Security, fetched: Fetched) -> Security:
    """Bring the row up to date, which locks it for the rest of the transaction. Raises SecurityChanged where it is not
    the one that the answers were judged by."""
    facts, unit = _facts(fetched), fetched.quote_unit
    if unit and security.currency_id == major_currency(unit)[0]:
        # Else stored bars are in the currency they are in, until staff have decided.
        facts["quote_unit"] = unit
    same = Security.objects.filter(pk=security.pk, currency=security.currency_id)
    if not same.update(**facts, updated_at=facts["last_synced_at"]):
        raise SecurityChanged
    for name, value in facts.items():
        setattr(security, name, value)
    return security


def _facts(fetched: Fetched) -> dict[str, Any]:
    profile, now = fetched.profile, {"last_synced_at": timezone.now()}
    if profile is None:
        return now
    return {
        "name": profile.name, "security_type": profile.security_type, "exchange": profile.exchange,
        "time_zone": profile.time_zone, "sector": profile.sector, "industry": profile.industry, "isin": profile.isin,
        "market_cap": profile.market_cap, **now,
    }  # fmt: skip
