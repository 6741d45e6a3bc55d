"""The one way bars are written: new ones in, changed ones with their predecessor kept, equal ones untouched."""

from typing import NamedTuple

from django.db import connection

from finances.sync.models import SyncRun
from securities import storage_orm, storage_postgres
from securities.actions import store_dividends, store_splits
from securities.bars import EXACT, NOISE
from securities.corrections import storable
from securities.models import Security
from securities.recovery import RawHistory


class Stored(NamedTuple):
    added: int
    changed: int


def store_answer(security: Security, raw: RawHistory, run: SyncRun) -> Stored:
    """Events and bars of an answer that is in order. As `store_bars`, inside a transaction with the row locked."""
    store_splits(security, raw.splits, run)
    store_dividends(security, raw.dividends, run)
    return store_bars(security, storable(raw), run)


def store_bars(security: Security, raw: RawHistory, run: SyncRun, *, exact: bool = False) -> Stored:
    """Call inside a transaction that has locked the security's row: chains of predecessors would else have gaps.

    A change is a relative difference above 1e-6 in a price or above one share in the volume, or any if `exact`. A
    provisional bar is replaced without a predecessor.
    """
    if not len(raw.bars):
        return Stored(0, 0)
    engine = storage_postgres if connection.vendor == "postgresql" else storage_orm
    return Stored(*engine.upsert(security, raw, run, EXACT if exact else NOISE))
