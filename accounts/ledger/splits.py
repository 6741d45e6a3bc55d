"""The splits that change quantities: those stored with securities, and those booked by hand where none is stored."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import prod
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Transaction
from accounts.models.holding import SPLIT_STATES
from finances.errors import Conflict
from securities.models import Security
from securities.models import Split as StoredSplit

SAME_EVENT = timedelta(days=7)
"""A split of the same ratio this near is the same one, dated otherwise."""


class SplitKnown(Conflict):
    code = "split_known"
    message = "This split is known already and counts by itself."


class KnownSplit(NamedTuple):
    ex_date: date
    numerator: int
    denominator: int

    @property
    def ratio(self) -> Fraction:
        return Fraction(self.numerator, self.denominator)


@dataclass
class Splits:
    """A security's stored splits as they stand."""

    today: date
    """In the security's own market: a split becomes effective with its day."""
    effective: list[KnownSplit] = field(default_factory=list)
    announced: list[KnownSplit] = field(default_factory=list)
    state: int = 0
    """That of HoldingQuerySet.with_splits_state: another one whenever the stored splits are others."""

    def add(self, pk: int, split: KnownSplit, *, counts: bool) -> None:
        self.state = max(self.state // SPLIT_STATES, pk) * SPLIT_STATES + self.state % SPLIT_STATES + 1
        if counts:
            (self.effective if split.ex_date <= self.today else self.announced).append(split)

    @property
    def recount_on(self) -> date | None:
        return min((split.ex_date for split in self.announced), default=None)

    def ratio_between(self, start: date, end: date) -> Fraction:
        """Units of the day `end` for one of the day `start`."""
        return prod((split.ratio for split in self.effective if start < split.ex_date <= end), start=Fraction(1))

    def know(self, on: date, ratio: Fraction) -> bool:
        return any(
            split.ex_date == on or (split.ratio == ratio and abs(split.ex_date - on) <= SAME_EVENT)
            for split in (*self.effective, *self.announced)
        )


def read_splits(
    security_ids: Collection[int], *, now: datetime, known_at: datetime | None = None
) -> dict[int, Splits]:  # fmt: skip
    """Of each of these securities, in two statements for all; as known at `known_at`, when it was the moment that
    decided which were effective. Raises Conflict when one is gone."""
    now = known_at or now
    zones = Security.objects.filter(pk__in=security_ids).order_by().values_list("pk", "time_zone")
    found = {key: Splits(today=now.astimezone(ZoneInfo(zone)).date()) for key, zone in zones}
    if len(found) != len(set(security_ids)):
        raise Conflict("The security was deleted meanwhile.")
    rows = StoredSplit.objects.known(known_at).filter(security__in=security_ids).order_by("ex_date", "pk")
    for key, pk, is_void, changes_quantities, *figures in rows.values_list(
        "security_id", "pk", "is_void", "changes_quantities", "ex_date", "numerator", "denominator"
    ):
        found[key].add(pk, KnownSplit(*figures), counts=changes_quantities and not is_void)
    return found


def check_split_unknown(row: Transaction) -> None:
    """Raises SplitKnown for a SPLIT that is stored with its security, or announced there."""
    if row.type != Transaction.Type.SPLIT or row.security_id is None:
        return
    known = read_splits([row.security_id], now=timezone.now())[row.security_id]
    if known.know(row.trade_date, Fraction(row.ratio_numerator or 1, row.ratio_denominator or 1)):
        raise SplitKnown
