"""Recording what accounts are worth.

Every write locks the account first and takes the time after that, so that what came before a value and when it was
replaced form a chain without gaps.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import Account, AccountValue, AccountValueRevision
from finances.errors import Conflict, NotFound


class ValueExists(Conflict):
    code = "value_exists"
    message = "A value is recorded for this day already; amend that one instead."


@dataclass(frozen=True)
class Counts:
    added: int
    changed: int
    unchanged: int


@transaction.atomic
def record_value(account_id: uuid.UUID, *, on: date, value: Decimal) -> AccountValue:
    """A day's first value. Raises ValueExists, NotFound without the account."""
    account = Account.objects.lock(account_id)
    if _current(account, on) is not None:
        raise ValueExists
    return _insert(account, on, value, _touch(account))


@transaction.atomic
def put_value(account_id: uuid.UUID, *, on: date, value: Decimal) -> tuple[AccountValue, bool]:
    """Record or amend: the day's value and whether it is its first. Raises NotFound without the account."""
    account = Account.objects.lock(account_id)
    current = _current(account, on)
    if current is None:
        return _insert(account, on, value, _touch(account)), True
    _replace(account, current, value)
    return current, False


@transaction.atomic
def amend_value(account_id: uuid.UUID, *, on: date, value: Decimal) -> AccountValue:
    """Raises NotFound without the account or a value of that day."""
    account = Account.objects.lock(account_id)
    current = _existing(account, on)
    _replace(account, current, value)
    return current


@transaction.atomic
def delete_value(account_id: uuid.UUID, *, on: date) -> None:
    """What was recorded stays as a revision. Raises NotFound without the account or a value of that day."""
    account = Account.objects.lock(account_id)
    current = _existing(account, on)
    _supersede([current], _touch(account))
    current.delete()


@transaction.atomic
def put_values(account_id: uuid.UUID, values: Mapping[date, Decimal]) -> Counts:
    """Record or amend many days, in a few statements however many. Raises NotFound without the account."""
    account = Account.objects.lock(account_id)
    stored = _stored_of_days(account, values)
    changed = [row for day, row in stored.items() if row.value != values[day]]
    added = values.keys() - stored.keys()
    if changed or added:
        now = _touch(account)
        _supersede(changed, now)
        _write(account, {day: values[day] for day in added.union(row.value_date for row in changed)}, now)
    return Counts(added=len(added), changed=len(changed), unchanged=len(stored) - len(changed))


def _current(account: Account, on: date) -> AccountValue | None:
    row: AccountValue | None = account.values.filter(value_date=on).first()
    return row


def _existing(account: Account, on: date) -> AccountValue:
    row = _current(account, on)
    if row is None:
        raise NotFound("Not found.")
    return row


def _stored_of_days(account: Account, values: Mapping[date, Decimal]) -> dict[date, AccountValue]:
    if not values:
        return {}
    rows = account.values.between(min(values), max(values)).order_by()
    return {row.value_date: row for row in rows if row.value_date in values}


def _touch(account: Account) -> datetime:
    """Now, which is also when the account was last changed: its answer shows its latest value."""
    now = timezone.now()
    Account.objects.filter(pk=account.pk).update(updated_at=now)
    return now


def _insert(account: Account, on: date, value: Decimal, now: datetime) -> AccountValue:
    row: AccountValue = AccountValue.objects.create(account=account, value_date=on, value=value, recorded_at=now)
    return row


def _replace(account: Account, current: AccountValue, value: Decimal) -> None:
    if current.value == value:
        return
    now = _touch(account)
    _supersede([current], now)
    current.value, current.recorded_at = value, now
    current.save(update_fields=["value", "recorded_at"])


def _supersede(rows: list[AccountValue], now: datetime) -> None:
    AccountValueRevision.objects.bulk_create(
        AccountValueRevision(
            account_id=row.account_id, value_date=row.value_date, value=row.value,
            recorded_at=row.recorded_at, superseded_at=now,
        )
        for row in rows
    )  # fmt: skip


def _write(account: Account, values: Mapping[date, Decimal], now: datetime) -> None:
    AccountValue.objects.bulk_create(
        [AccountValue(account=account, value_date=day, value=values[day], recorded_at=now) for day in values],
        update_conflicts=True,
        unique_fields=["account", "value_date"],
        update_fields=["value", "recorded_at"],
    )
