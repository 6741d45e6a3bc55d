"""Refusing logins after too many failures.

The counters are rows, so that they hold for any number of processes, without a cache, and for accounts that do not
exist as for those that do.

Three counters for each attempt: the account at the address, the address, and the account wherever it is tried. The last
has the highest limit, and does not refuse an address at which the account has a session: nobody can keep the owner out
for good.
"""

from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from finances import errors
from finances.users.clients import Client
from finances.users.models import LoginFailures, Session


class LockedOut(errors.TooManyAttempts):
    code = "locked_out"
    message = "Too many failed attempts. Try again later."


def refuse_locked(account: str, client: Client) -> None:
    """Raises LockedOut. `account` is the normalised e-mail address."""
    now = timezone.now()
    for counter in LoginFailures.objects.concerning(account, client.network).counting(now):
        if counter.failures >= limit_of(counter) and not (_is_of_account(counter) and _is_known(account, client)):
            raise _locked(counter, now)


def count_failure(account: str, client: Client) -> None:
    """Raises LockedOut if others that were made at the same time had reached a limit before this one: it says nothing
    about what was tried."""
    now, network = timezone.now(), client.network
    with transaction.atomic():
        # All callers take the rows in one order, so that none waits for another in a circle.
        keys = [("", network), (account, ""), (account, network)]
        rows = [LoginFailures(account=mine, address=place, expires_at=now) for mine, place in keys]
        LoginFailures.objects.bulk_create(rows, ignore_conflicts=True)
        counters = list(LoginFailures.objects.concerning(account, network).select_for_update())
        for counter in counters:
            _step(counter, now)
        LoginFailures.objects.bulk_update(counters, ["failures", "expires_at"])
    for counter in counters:
        if counter.failures > limit_of(counter) and not (_is_of_account(counter) and _is_known(account, client)):
            raise _locked(counter, now)


def forget_failures(account: str, client: Client) -> None:
    """After a success: of the account at this address alone, for whoever has one account may still try others."""
    LoginFailures.objects.filter(account=account, address=client.network).delete()


def limit_of(counter: LoginFailures) -> int:
    if _is_of_account(counter):
        return int(settings.LOGIN_FAILURES_ACCOUNT)
    return int(settings.LOGIN_FAILURES if counter.account else settings.LOGIN_FAILURES_ADDRESS)


def _step(counter: LoginFailures, now: datetime) -> None:
    window = timedelta(minutes=settings.LOGIN_LOCKOUT_MINUTES)
    if counter.expires_at <= now:
        counter.failures, counter.expires_at = 0, now + window
    counter.failures += 1
    if counter.failures == limit_of(counter):
        counter.expires_at = now + window


def _is_of_account(counter: LoginFailures) -> bool:
    return not counter.address


def _is_known(account: str, client: Client) -> bool:
    return Session.objects.filter(user__email=account, address=client.address).exclude(address=None).exists()


def _locked(counter: LoginFailures, now: datetime) -> LockedOut:
    return LockedOut(retry_after=max(1, ceil((counter.expires_at - now).total_seconds())))
