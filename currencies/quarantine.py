"""Rates held back, and what staff decide about them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from currencies.models import Currency, ExchangeRate, QuarantinedRates
from currencies.screening import DayClose, Screened, Suspect, screen
from currencies.storage import store_rates
from finances.errors import Conflict
from finances.sync.leases import spend
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.runs import leased_run, stamp, succeed
from finances.users.models import User

ECB = "ecb"


class NotStorable(Conflict):
    code = "rates_not_storable"
    message = "No currency pair can have these rates: they can only be rejected."


class AlreadyDecided(Conflict):
    code = "already_decided"
    message = "This has been decided already."


def lease_name(base: str, quote: str, source: str) -> str:
    """Of what must not be written twice at once: a pair, or all that the ECB publishes together."""
    return f"rates:{ECB}" if source == ECB else f"rates:{base}{quote}"


def screen_against_stored(base: Currency, quote: Currency, closes: list[DayClose], source: str) -> Screened:
    """Tell what goes on from the source's stored rates from what does not; three rows and the window's are read."""
    if not closes:
        return Screened([], [])
    own = ExchangeRate.objects.of_pair(base.pk, quote.pk).filter(source=source)
    stored = dict(own.between(closes[0].day, closes[-1].day).values_list("day", "quote_per_base"))
    row = own.filter(day__lt=closes[0].day).order_by("-day").values_list("day", "quote_per_base").first()
    return screen(closes, stored=stored, before=DayClose(*row) if row else None)


def hold(base: Currency, quote: Currency, suspects: Iterable[Suspect], run: SyncRun) -> int:
    """Keep what staff have not rejected before for their decision, with what is open for the same reason.

    Returns how many rates. Call inside a transaction that keeps other writers of the pair out.
    """
    series = QuarantinedRates.objects.of_series(base.pk, quote.pk, run.source)
    rejected = {
        tuple(rate) for row in series.filter(status=QuarantinedRates.Status.REJECTED) for rate in row.rates
    }  # fmt: skip
    by_reason: dict[str, dict[str, str]] = defaultdict(dict)
    for suspect in suspects:
        if (str(suspect.day), suspect.rate) not in rejected:
            by_reason[suspect.reason][str(suspect.day)] = suspect.rate
    open_rows = {row.reason: row for row in series.open()}
    for reason, rates in by_reason.items():
        row = open_rows.get(reason) or QuarantinedRates(
            base=base, quote=quote, source=run.source, reason=reason, rates=[]
        )
        row.rates, row.run = sorted((dict(row.rates) | rates).items()), run
        row.save()
    return sum(map(len, by_reason.values()))


def accept(held: QuarantinedRates, *, by: User) -> tuple[int, int]:
    """Store held rates as a run of its own: (added, changed). Raises NotStorable, AlreadyDecided, SyncInProgress."""
    if held.reason not in QuarantinedRates.STORABLE:
        raise NotStorable
    symbol, source = f"{held.base_id}{held.quote_id}=X", held.source
    with (
        leased_run(
            lease_name(held.base_id, held.quote_id, source),
            symbol=symbol, source=source, trigger=SyncRun.Trigger.ADMIN, started_by=by, kind=SyncBatch.Kind.RATES,
        ) as (lease, run),
        transaction.atomic(),
    ):  # fmt: skip
        spend(lease)
        stamp(run)
        row = _decide(held, QuarantinedRates.Status.ACCEPTED, by)
        closes = [DayClose(date.fromisoformat(day), Decimal(rate)) for day, rate in row.rates]
        added, changed = store_rates(row.base, row.quote, closes, run)
        succeed(run, bars_added=added, bars_changed=changed, splits_used=[])
        return added, changed


@transaction.atomic
def reject(held: QuarantinedRates, *, by: User) -> None:
    """The same rates are not held again. Raises AlreadyDecided."""
    _decide(held, QuarantinedRates.Status.REJECTED, by)


def _decide(held: QuarantinedRates, status: QuarantinedRates.Status, by: User) -> QuarantinedRates:
    row: QuarantinedRates | None = QuarantinedRates.objects.open().select_for_update().filter(pk=held.pk).first()
    if row is None:
        raise AlreadyDecided
    row.status, row.decided_by, row.decided_at = status, by, timezone.now()
    row.save(update_fields=["status", "decided_by", "decided_at"])
    return row
