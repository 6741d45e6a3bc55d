"""Facts of accounts and securities that valuations need, as plain values."""

import uuid
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import Account, AccountValue, AccountValueRevision
from finances.users.models import User
from securities.models import Security


class AccountFacts(NamedTuple):
    """An account as it is now; only its figures have a history."""

    id: uuid.UUID
    name: str
    account_type: str
    currency_code: str
    is_active: bool
    opened_on: date | None
    closed_on: date | None
    created_at: datetime
    institution_id: uuid.UUID | None
    institution_name: str | None
    institution_country: str | None

    @property
    def is_liability(self) -> bool:
        return Account.classification_of(self.account_type) == Account.Classification.LIABILITY

    @property
    def sign(self) -> int:
        """Recorded values of liabilities are the positive amounts owed and count negative."""
        return -1 if self.is_liability else 1


ACCOUNT_COLUMNS = (
    "id", "name", "account_type", "currency_id", "is_active", "opened_on", "closed_on", "created_at",
    "financial_institution_id", "financial_institution__name", "financial_institution__country",
)  # fmt: skip


class SecurityFacts(NamedTuple):
    id: int
    uuid: uuid.UUID
    symbol: str
    name: str
    security_type: str
    sector: str
    isin: str
    currency_code: str
    time_zone: str
    owner_id: uuid.UUID | None
    data_version: int
    successor_id: int | None

    @property
    def is_manual(self) -> bool:
        return self.owner_id is not None


SECURITY_COLUMNS = (
    "id", "uuid", "symbol", "name", "security_type", "sector", "isin", "currency_id", "time_zone", "owner_id",
    "data_version", "successor_id",
)  # fmt: skip


class RecordedValue(NamedTuple):
    """What the owner recorded for a day, in the account's currency; of a liability, the positive amount owed."""

    on: date
    value: Decimal


def read_accounts(owner: User, *, known_at: datetime | None) -> dict[uuid.UUID, AccountFacts]:
    """All of the owner's that existed by then, by name."""
    rows = Account.objects.for_user(owner).order_by("name", "pk")
    if known_at is not None:
        rows = rows.filter(created_at__lte=known_at)
    return {row[0]: AccountFacts._make(row) for row in rows.values_list(*ACCOUNT_COLUMNS)}


def read_securities(keys: Collection[int]) -> dict[int, SecurityFacts]:
    rows = Security.objects.filter(pk__in=keys).order_by("symbol", "pk").values_list(*SECURITY_COLUMNS)
    return {row[0]: SecurityFacts._make(row) for row in rows}


def read_values(
    account_ids: Collection[uuid.UUID], *, end: date, known_at: datetime | None
) -> dict[uuid.UUID, list[RecordedValue]]:
    """By account, the values recorded for days up to `end`, ascending, as known now or at `known_at`."""
    columns = ("account_id", "value_date", "value")
    where = Q(account__in=account_ids, value_date__lte=end)
    rows = AccountValue.objects.filter(where).order_by().values_list(*columns)
    if known_at is not None:
        replaced = AccountValueRevision.objects.filter(
            where, recorded_at__lte=known_at, superseded_at__gt=known_at
        ).order_by()  # fmt: skip
        rows = rows.filter(recorded_at__lte=known_at).union(replaced.values_list(*columns), all=True)
    found: dict[uuid.UUID, list[RecordedValue]] = {}
    for account_id, on, value in rows.order_by("account_id", "value_date"):
        found.setdefault(account_id, []).append(RecordedValue(on, value))
    return found


def created_on(account: AccountFacts, time_zone: str) -> date:
    return account.created_at.astimezone(ZoneInfo(time_zone)).date()
