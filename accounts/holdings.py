"""Stating what is held."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Account, Holding
from finances.errors import Conflict, NotFound, RuleViolation
from finances.sync.models import SyncRun
from finances.users.models import User
from securities.models import Security
from securities.sync import sync_security


class HoldsNoSecurities(RuleViolation):
    code = "account_holds_no_securities"
    message = "Only investment, retirement and crypto accounts hold securities."


class AcquiredInFuture(RuleViolation):
    code = "acquired_in_future"
    message = "acquired_on is after today."


class HoldingExists(Conflict):
    code = "holding_exists"
    message = "The account holds this security already; change that holding instead."


def add_holding(account: Account, *, security: Security | str, user: User, today: date, **facts: Any) -> Holding:
    """Store that `account` holds `security`; a symbol that is not stored is synced from Yahoo first.

    facts: quantity, and average_cost and acquired_on where known. Raises HoldsNoSecurities, AcquiredInFuture,
    HoldingExists, NotFound if the account has gone, and what sync_security raises; then nothing is held.
    """
    _check_account(account)
    _check_day(facts, today)
    if isinstance(security, str):
        security = sync_security(security, trigger=SyncRun.Trigger.API, started_by=user).security
    return _insert(account, security=security, **facts)


@transaction.atomic
def _insert(account: Account, **facts: Any) -> Holding:
    # Locked, and looked at again: a sync takes its time, in which the account may be changed or deleted.
    current = Account.objects.lock(account.pk)
    _check_account(current)
    try:
        with transaction.atomic():
            holding: Holding = Holding.objects.create(account=current, **facts)
    except IntegrityError as error:
        raise HoldingExists from error
    return holding


def change_holding(holding: Holding, changes: Mapping[str, Any], *, today: date) -> None:
    """Write these columns and no others, so that parallel changes to others last.

    Raises AcquiredInFuture, and NotFound if the row has gone.
    """
    _check_day(changes, today)
    if changes and not Holding.objects.filter(pk=holding.pk).update(**changes, updated_at=timezone.now()):
        raise NotFound("Not found.")


def _check_account(account: Account) -> None:
    if not account.may_hold_securities:
        raise HoldsNoSecurities


def _check_day(facts: Mapping[str, Any], today: date) -> None:
    acquired_on = facts.get("acquired_on")
    if acquired_on is not None and acquired_on > today:
        raise AcquiredInFuture
