"""The one way bars are written: new ones in, changed ones with their predecessor kept, equal ones untouched."""

from typing import NamedTuple

from django.db import connection

from finances.sync.models import SyncRun
from securities import storage_orm, storage_postgres
from securities.actions import new_dividends, store_dividends, store_splits
from securities.bars import EXACT, NOISE
from securities.before import Before
from securities.corrections import storable
from securities.models import Security
from securities.recovery import RawHistory


class Stored(NamedTuple):
    added: int
    changed: int


def store_answer(security: Security, raw: RawHistory, run: SyncRun, *, before: Before | None) -> Stored:
    """Events and bars of an answer that is in order. As `store_bars`, inside a transaction with the row locked.

    before: what is stored; None where nothing is.
    """
    # What is stored just so is the rule: without news nothing is read again.
    if not set(raw.splits).issubset(before.splits if before else ()):
        store_splits(security, raw.splits, run)
    if news := new_dividends(before.dividends if before else (), raw.dividends):
        store_dividends(security, news, run)
    return store_bars(security, storable(raw), run)


def store_bars(security: Security, raw: RawHistory, run: SyncRun, *, exact: bool = False) -> Stored:
    """Call inside a transaction that has locked the security's row: chains of predecessors would else have gaps.

    A change is a relative difference above 1e-6 in a price or above one share in the volume, or any if `exact`. A
    provisional bar is replaced without a predecessor.
    """
    if not len(raw.bars):
        return Stored(0, 0)
    engine = storage_postgres if connection.vendor == "postgresql" else storage_orm
    added, changed, written = engine.upsert(security, raw, run, EXACT if exact else NOISE)
    if written:
        security.step_version()
    return Stored(added, changed)
