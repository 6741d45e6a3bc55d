"""Opening, changing and deleting accounts, and deleting institutions."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, RestrictedError
from django.utils import timezone

from accounts.ledger.kinds import MOVES_UNITS
from accounts.ledger.linked import Books, lock_linked
from accounts.ledger.projection import recount
from accounts.models import Account, FinancialInstitution, Transaction
from currencies.catalogue import currency_of
from currencies.models import Currency
from finances.errors import Conflict, RuleViolation
from finances.models import check_references
from finances.users.models import User

COUNTING = frozenset({"cost_basis_method", "allow_short"})
"""What decides how lots are counted."""


class ClosedBeforeOpened(RuleViolation):
    code = "closed_before_opened"
    message = "closed_on is before opened_on."


class CurrencyInUse(Conflict):
    code = "currency_in_use"
    message = "The account has values or transactions in its currency; open another account for another currency."


class HoldsSecurities(Conflict):
    code = "account_holds_securities"
    message = "The account holds securities, which accounts of this type do not."


class HasTransfers(Conflict):
    code = "account_has_transfers"
    message = "The account has transfers from or to other accounts, whose books follow from it; delete those first."


class InstitutionInUse(Conflict):
    code = "institution_in_use"
    message = "There are accounts at this institution; move or delete them first."


def open_account(*, owner: User, currency: Currency | None = None, **facts: Any) -> Account:
    """In the owner's base currency unless another is given. Raises ClosedBeforeOpened."""
    account = Account(owner=owner, currency=currency or base_currency_of(owner), **facts)
    _check_days(account)
    account.save(force_insert=True)
    return account


def base_currency_of(user: User) -> Currency:
    """The row, which is made where the table lacks it: people may name any currency in force."""
    found: Currency | None = Currency.objects.filter(pk=user.base_currency).first()
    if found is None:
        Currency.objects.bulk_create([currency_of(user.base_currency)], ignore_conflicts=True)
        found = Currency.objects.get(pk=user.base_currency)
    return found


@transaction.atomic
def change_account(account_id: uuid.UUID, changes: Mapping[str, Any]) -> None:
    """Write the columns in `changes` and no others.

    Raises NotFound, ClosedBeforeOpened, CurrencyInUse, HoldsSecurities, and Oversold where shorts are open that are no
    longer allowed.
    """
    books, account = lock_account(account_id, changes)
    currency_before, type_before = account.currency_id, account.account_type
    for name, value in changes.items():
        setattr(account, name, value)
    _check_days(account)
    if account.currency_id != currency_before:
        _check_currency_unused(account)
    if account.account_type != type_before:
        _check_securities_allowed(account)
    if changes:
        account.save(update_fields=[*changes, "updated_at"])
    if books is not None:
        recount(books, now=timezone.now())


def lock_account(account_id: uuid.UUID, changes: Iterable[str]) -> tuple[Books | None, Account]:
    """The account; and where the names in `changes` make it count otherwise, all books that this changes.

    Raises NotFound.
    """
    if not COUNTING.intersection(changes):
        return None, Account.objects.lock(account_id)
    rows = Transaction.objects.live().filter(Q(account=account_id) | Q(counter_account=account_id))
    securities = rows.exclude(security=None).order_by().values_list("security_id", flat=True).distinct()
    books, accounts = lock_linked([account_id], securities)
    return books, accounts[account_id]


def _check_days(account: Account) -> None:
    if account.opened_on and account.closed_on and account.closed_on < account.opened_on:
        raise ClosedBeforeOpened


def _check_currency_unused(account: Account) -> None:
    if account.values.exists() or Transaction.objects.live().in_account(account).exists():
        raise CurrencyInUse


def _check_securities_allowed(account: Account) -> None:
    if not account.may_hold_securities and holds_or_held(account):
        raise HoldsSecurities


def holds_or_held(account: Account) -> bool:
    """Whether its ledger has entries of securities' books."""
    rows = Transaction.objects.live().in_account(account).exclude(security=None)
    return bool(rows.filter(type__in=MOVES_UNITS).exists())


@transaction.atomic
def delete_account(account_id: uuid.UUID) -> None:
    """With everything in it. Raises HasTransfers, NotFound."""
    account = Account.objects.lock(account_id)
    if has_transfers(account):
        raise HasTransfers
    account.delete()


def has_transfers(account: Account) -> bool:
    transfers = Transaction.objects.live().in_account(account).filter(type=Transaction.Type.TRANSFER)
    return bool(transfers.exists())


def delete_institution(institution: FinancialInstitution) -> None:
    """Raises InstitutionInUse, also for an account that was opened meanwhile."""
    try:
        with transaction.atomic():
            institution.delete()
            check_references()
    except (RestrictedError, IntegrityError) as error:
        raise InstitutionInUse from error
