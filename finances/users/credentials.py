"""E-mail and password: making an account with them and proving who one is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from finances import errors
from finances.audit.trail import record
from finances.users import totp
from finances.users.clients import Client
from finances.users.lockout import count_failure, forget_failures, refuse_locked
from finances.users.models import User, normalize_login
from finances.users.signing import InvalidToken

EMAIL_LENGTH = 254


class EmailTaken(errors.Conflict):
    code = "email_taken"
    message = "An account with this e-mail address exists already."


class InvalidCredentials(errors.Unauthenticated):
    code = "invalid_credentials"
    message = "The e-mail address or the password is wrong."


class AccountDisabled(errors.Forbidden):
    code = "account_disabled"
    message = "This account is disabled."


class WrongPassword(errors.RuleViolation):
    code = "wrong_password"
    message = "The current password is wrong."


def register_user(email: str, password: str, **profile: Any) -> User:
    """Raises EmailTaken; the constraint tells, so that two registrations at once are told apart too."""
    user = User(email=normalize_login(email), **profile)
    # Dear, so before the transaction, which others wait for.
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            record("create", "user", user.pk, actor_id=user.pk)
    except IntegrityError as error:
        raise EmailTaken from error
    return user


def check_credentials(email: str, password: str, client: Client, otp: str = "") -> tuple[User, bool]:
    """The user whom this pair names, and whether a one-time code proved it too.

    Raises LockedOut, InvalidCredentials, AccountDisabled for a right pair, OtpRequired for one without its code, or
    OtpInvalid.
    """
    account = normalize_login(email)[:EMAIL_LENGTH]
    refuse_locked(account, client)
    with failures_counted(account, client):
        user = _user_of(account, password)
        # What others have guessed meanwhile may have reached a limit: then a right guess is answered as a wrong one.
        refuse_locked(account, client)
        if not user.is_active:
            raise AccountDisabled
        proved = totp.prove(user, otp)
    forget_failures(account, client)
    return user, proved


def confirm_password(user: User, password: str, client: Client) -> None:
    """Raises WrongPassword, LockedOut as for a login, or InvalidToken if the user is gone meanwhile."""
    refuse_locked(user.email, client)
    with failures_counted(user.email, client):
        try:
            is_right = user.check_password(password)
        except User.DoesNotExist as error:  # the hash is read only now
            raise InvalidToken from error
        refuse_locked(user.email, client)
        if not is_right:
            raise WrongPassword


@contextmanager
def failures_counted(account: str, client: Client) -> Iterator[None]:
    try:
        yield
    except (InvalidCredentials, WrongPassword, totp.OtpInvalid):
        count_failure(account, client)
        raise


def _user_of(account: str, password: str) -> User:
    user = User.objects.filter(email=account).first()
    if user is None:
        # As dear as checking one: how long it takes must not tell which addresses have accounts.
        make_password(password)
        raise InvalidCredentials
    if not user.check_password(password):
        raise InvalidCredentials
    return user
