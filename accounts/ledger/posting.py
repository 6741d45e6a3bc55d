"""Writing the ledger: posting, amending and voiding, each with its books counted anew before it is committed.

Every write locks the accounts whose books it touches, and takes the time after that, so that the versions of a
transaction form a chain without gaps.
"""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction as database
from django.utils import timezone

from accounts.ledger.linked import Books, lock_linked
from accounts.ledger.projection import recount
from accounts.ledger.rules import check_accounts, check_days, check_external_id, moves_units
from accounts.ledger.splits import check_split_unknown
from accounts.models import Account, Transaction, TransactionRevision
from accounts.models.transaction import FACTS
from finances.errors import NotFound
from finances.users.models import User


@database.atomic
def post_transaction(account: Account, *, by: User, today: date, **facts: Any) -> Transaction:
    """Book what happened. facts: type and the columns that it needs.

    Raises TradedInFuture, SettledBeforeTraded, HoldsNoSecurities, ExternalIdExists, SplitKnown, what counting the
    books raises (Oversold, LotUnavailable, NothingHeld), and NotFound when an account is gone.
    """
    check_days(facts, today)
    row = Transaction(account=account, posted_by=by, **facts)
    books, accounts = lock_linked(*touched(row))
    check_accounts(row.type, row.security_id, *(accounts[pk] for pk in _sides(row)))
    check_external_id(accounts[account.pk], row.external_id)
    check_split_unknown(row)
    stamp(row, timezone.now())
    row.save(force_insert=True)
    recount_after(row, books)
    return row


@database.atomic
def amend_transaction(
    row: Transaction, changes: Mapping[str, Any], *, by: User, today: date, reason: str = ""
) -> Transaction:
    """Change these figures; what they replace is kept. Raises what post_transaction raises."""
    books, current = lock_transaction(row)
    before = {name: getattr(current, name) for name in FACTS}
    for name, value in changes.items():
        setattr(current, name, value)
    check_days(vars(current), today)
    check_external_id(current.account, current.external_id, but=current)
    check_split_unknown(current)
    if any(getattr(current, name) != value for name, value in before.items()):
        _replace(current, before, by, reason)
        recount_after(current, books)
    return current


@database.atomic
def void_transaction(row: Transaction, *, by: User, reason: str = "") -> None:
    """Take it out of the books; the row stays. Raises NotFound, and what counting the books raises."""
    books, current = lock_transaction(row)
    current.voided_at, current.voided_by, current.void_reason = timezone.now(), by, reason
    current.save(update_fields=["voided_at", "voided_by", "void_reason"])
    recount_after(current, books)


def touched(row: Transaction) -> tuple[list[uuid.UUID], list[int]]:
    """The accounts, and the securities whose books it is an entry of."""
    securities = [row.security_id, row.new_security_id] if moves_units(row.type, row.security_id) else []
    return _sides(row), [key for key in securities if key is not None]


def stamp(row: Transaction, now: datetime, position: int = 0) -> None:
    """When it was posted; `position` orders those posted together."""
    row.posted_at = row.recorded_at = now
    row.sequence = int(now.timestamp() * 1_000_000) + position


def recount_after(row: Transaction, books: Books) -> None:
    """The books may hang together with more than before, by the row itself."""
    if books.security_ids:
        recount(books, now=timezone.now())


def _sides(row: Transaction) -> list[uuid.UUID]:
    return [pk for pk in (row.account_id, row.counter_account_id) if pk is not None]


def lock_transaction(row: Transaction) -> tuple[Books, Transaction]:
    """The books that the row is in, and the row as it is once they are locked. Raises NotFound when it is voided."""
    books, accounts = lock_linked(*touched(row))
    current = Transaction.objects.live().filter(pk=row.pk).first()
    if current is None:
        raise NotFound("Not found.")
    current.account = accounts[current.account_id]
    return books, current


def _replace(current: Transaction, before: dict[str, Any], by: User, reason: str) -> None:
    now = timezone.now()
    TransactionRevision.objects.create(
        transaction=current, superseded_at=now, superseded_by=by, reason=reason, **before
    )
    current.recorded_at = now
    current.save(update_fields=FACTS)
