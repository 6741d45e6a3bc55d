"""The ECB's reference rates from its files into the database, beside the rates of other sources."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from currencies.catalogue import all_codes, ensure_currency
from currencies.ecb import MAX_BYTES, BadRateFile, read_rates
from currencies.models import Currency
from currencies.quarantine import ECB, hold, lease_name, screen_against_stored
from currencies.screening import DayClose
from currencies.storage import store_rates
from finances.sync.leases import spend
from finances.sync.models import Lease, SyncBatch, SyncRun
from finances.sync.runs import leased_run, stamp, succeed

BASE = "EUR"


@dataclass(frozen=True)
class Imported:
    currencies: int
    days: int
    added: int
    changed: int
    held: int
    """Rates that staff are to decide about."""


def import_reference_rates(path: Path, *, today: date) -> Imported:
    """Store what is new in a file of the ECB, or nothing where anything in it is wrong. Safe to repeat.

    Raises BadRateFile, SyncInProgress while another import runs, and OSError.
    """
    origin: Any = {"source": ECB, "trigger": SyncRun.Trigger.COMMAND, "started_by": None, "kind": SyncBatch.Kind.RATES}
    with leased_run(lease_name(BASE, "", ECB), symbol=BASE, **origin) as (lease, run):
        rates = read_rates(_content(path), today=today)
        _check_codes(rates)
        return _write(rates, lease, run)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _check_codes(codes: dict[str, list[DayClose]]) -> None:
    unknown = codes.keys() - set(all_codes()) - set(Currency.objects.values_list("pk", flat=True))
    if unknown:
        raise BadRateFile(f"{', '.join(sorted(unknown))}: no currency that ISO 4217 or this installation knows.")


@transaction.atomic
def _write(rates: dict[str, list[DayClose]], lease: Lease, run: SyncRun) -> Imported:
    # The lease's row stays locked to the end: no other import writes meanwhile.
    spend(lease)
    stamp(run)
    base, added, changed, held = ensure_currency(BASE), 0, 0, 0
    for code, closes in rates.items():
        quote = ensure_currency(code)
        screened = screen_against_stored(base, quote, closes, ECB)
        new, corrected = store_rates(base, quote, screened.closes, run)
        added, changed, held = added + new, changed + corrected, held + hold(base, quote, screened.suspects, run)
    succeed(run, bars_added=added, bars_changed=changed, bars_quarantined=held, splits_used=[])
    days = {close.day for closes in rates.values() for close in closes}
    return Imported(len(rates), len(days), added, changed, held)
