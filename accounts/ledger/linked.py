"""Which books hang together: a transfer links accounts, a spin-off securities."""

import uuid
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q

from accounts.models import Account, Transaction

Type = Transaction.Type


class Books(NamedTuple):
    """The books of these securities in these accounts."""

    account_ids: frozenset[uuid.UUID]
    security_ids: frozenset[int]


def linked(account_ids: Iterable[uuid.UUID], security_ids: Iterable[int]) -> Books:
    """With all that lots of these books came from or went to: one look where there are none."""
    found, before = Books(frozenset(account_ids), frozenset(security_ids)), None
    while found != before and found.security_ids:
        before, found = found, _neighbours(found)
    return found


def _neighbours(books: Books) -> Books:
    rows = Transaction.objects.live().filter(
        Q(type=Type.TRANSFER, security__in=books.security_ids)
        & (Q(account__in=books.account_ids) | Q(counter_account__in=books.account_ids))
        | Q(type=Type.SPIN_OFF, account__in=books.account_ids)
        & (Q(security__in=books.security_ids) | Q(new_security__in=books.security_ids))
    )
    accounts, securities = set(books.account_ids), set(books.security_ids)
    for *sides, security, spun_off in rows.order_by().values_list(
        "account_id", "counter_account_id", "security_id", "new_security_id"
    ).distinct():  # fmt: skip
        accounts.update(side for side in sides if side is not None)
        securities.update(key for key in (security, spun_off) if key is not None)
    return Books(frozenset(accounts), frozenset(securities))


def lock_linked(
    account_ids: Iterable[uuid.UUID], security_ids: Iterable[int]
) -> tuple[Books, dict[uuid.UUID, Account]]:
    """The linked books and their accounts, locked. Raises NotFound when an account is gone."""
    books = linked(account_ids, security_ids)
    accounts = Account.objects.lock_all(books.account_ids)
    while (now := linked(*books)) != books:  # linked with more since it was looked at
        books = now
        accounts = Account.objects.lock_all(books.account_ids)
    return books, accounts
