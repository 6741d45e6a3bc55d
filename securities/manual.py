"""Securities that no market lists (a house, a private fund), and their prices, which people enter.

They belong to one user and are known by their id: their symbol may be that of a listed one. No sync touches them.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from django.utils import timezone

from currencies.models import Currency
from finances.errors import Conflict, Forbidden, NotFound, RuleViolation
from finances.models import check_references
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.record import recorded_batch
from finances.sync.runs import begin, stamp, succeed
from finances.users.groups import is_support
from finances.users.models import User
from securities.bars import BarColumns
from securities.models import Bar, Price, PriceRevision, Security
from securities.models.security import SecurityQuerySet
from securities.recovery import RawHistory
from securities.storage import store_bars

SOURCE = "manual"
NEVER = 2**62
"""A moment, in UTC seconds, from which on bars are provisional: people enter what is settled."""
DailyBar = tuple[date, float | None, float | None, float | None, float, int | None]
"""Day, open, high, low, close, volume; None where unknown."""


class SecurityExists(Conflict):
    code = "security_exists"
    message = "You have a security with this symbol already."


class SecurityInUse(Conflict):
    code = "security_in_use"
    message = "This security is held in an account; delete its holdings first."


class ListedSecurity(Forbidden):
    message = "Listed securities are kept by the back office; only manual ones can be changed here."


class ManualSecurity(RuleViolation):
    code = "manual_security"
    message = "This security is kept by hand; there is nothing to sync it from."


@dataclass(frozen=True)
class Counts:
    added: int
    changed: int
    unchanged: int


def priced_by(user: User) -> SecurityQuerySet:
    """The manual securities whose prices `user` may write: their own, and for staff who may write, everyone's."""
    manual: SecurityQuerySet = Security.objects.manual()
    return manual if user.is_staff and not is_support(user) else manual.filter(owner=user)


def find_manual(among: SecurityQuerySet, name: str) -> Security:
    """The one that `name` addresses. Raises ListedSecurity for a listed one, NotFound for any other."""
    security: Security | None = among.named(name).first()
    if security is None:
        raise ListedSecurity if Security.objects.listed().named(name).exists() else NotFound
    return security


def add_security(owner: User, *, currency: Currency, **facts: Any) -> Security:
    """Raises SecurityExists."""
    try:
        with transaction.atomic():
            security: Security = Security.objects.create(
                owner=owner, currency=currency, quote_unit=currency.pk, **facts
            )
    except IntegrityError as error:
        raise SecurityExists from error
    return security


def change_security(security: Security, changes: Mapping[str, Any]) -> None:
    """Write these columns and no others, so that parallel changes to others last. Raises SecurityExists, NotFound."""
    rows = Security.objects.filter(pk=security.pk)
    try:
        with transaction.atomic():
            if changes and not rows.update(**changes, updated_at=timezone.now()):
                raise NotFound
    except IntegrityError as error:
        raise SecurityExists from error


def delete_security(security: Security) -> None:
    """With its prices. Raises SecurityInUse, also for a holding added meanwhile."""
    try:
        with transaction.atomic():
            Security.objects.lock(security.pk).delete()
            check_references()
    except (RestrictedError, IntegrityError) as error:
        raise SecurityInUse from error


@transaction.atomic
def put_prices(security: Security, bars: Iterable[DailyBar], *, by: User) -> Counts:
    """Store daily closes: new days are added, changed ones keep their predecessor. Raises NotFound when it is gone."""
    Security.objects.lock(security.pk)
    history = _history(security, bars)
    with _recorded(security, by) as run:
        stored = store_bars(security, history, run, exact=True)
        _end_run(security, run, added=stored.added, changed=stored.changed)
    return Counts(stored.added, stored.changed, len(history.bars) - stored.added - stored.changed)


@transaction.atomic
def delete_price(security: Security, *, on: date, by: User) -> None:
    """What the day said stays as a revision. Raises NotFound without the security or a price of that day."""
    Security.objects.lock(security.pk)
    rows = Price.objects.of(security, Bar.Interval.DAY).filter(ts=_midnight(on))
    price: Price | None = rows.first()
    if price is None:
        raise NotFound
    figures = {name: getattr(price, name) for name in ("interval", "ts", "open", "high", "low", "close", "volume")}
    with _recorded(security, by) as run:
        PriceRevision.objects.create(security=security, run_id=price.run_id, superseded_at=run.recorded_at, **figures)
        rows.delete()
        security.step_version()
        _end_run(security, run, added=0, changed=1)


def _history(security: Security, bars: Iterable[DailyBar]) -> RawHistory:
    rows = [(_midnight(day), *figures) for day, *figures in sorted(bars, key=lambda bar: bar[0])]
    return RawHistory(
        interval=Bar.Interval.DAY,
        currency_code=security.currency_id,
        bars=BarColumns.from_rows(rows),
        provisional_from=NEVER,
        splits=(),
        dividends=(),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


@contextmanager
def _recorded(security: Security, by: User) -> Iterator[SyncRun]:
    """The record of a change, which goes with it; call it with the security locked."""
    origin: Any = {"source": SOURCE, "trigger": SyncRun.Trigger.API, "started_by": by}
    with recorded_batch(SyncBatch.Kind.PRICES, [security.symbol], intervals=["1d"], **origin) as batch:
        run = begin(batch, security.symbol, **origin)
        stamp(run)
        yield run


def _end_run(security: Security, run: SyncRun, *, added: int, changed: int) -> None:
    succeed(run, bars_added=added, bars_changed=changed, splits_used=[])
    if added or changed:
        # Its body shows the last price.
        Security.objects.filter(pk=security.pk).update(updated_at=run.finished_at)
