"""E-mail and password: making an account with them and proving who one is."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from finances import errors
from finances.users.models import User, normalize_login


class EmailTaken(errors.Conflict):
    code = "email_taken"
    message = "An account with this e-mail address exists already."


class InvalidCredentials(errors.Unauthenticated):
    code = "invalid_credentials"
    message = "The e-mail address or the password is wrong."


class AccountDisabled(errors.Forbidden):
    code = "account_disabled"
    message = "This account is disabled."


def register_user(email: str, password: str, **profile: Any) -> User:
    """Raises EmailTaken; the constraint tells, so that two registrations at once are told apart too."""
    try:
        with transaction.atomic():
            return User.objects.create_user(email, password, **profile)
    except IntegrityError as error:
        raise EmailTaken from error


def check_credentials(email: str, password: str) -> User:
    """The user whom this pair names. Raises InvalidCredentials, or AccountDisabled for a right pair."""
    user = User.objects.filter(email=normalize_login(email)).first()
    if user is None:
        # As dear as checking one: how long it takes must not tell which addresses have accounts.
        make_password(password)
        raise InvalidCredentials
    if not user.check_password(password):
        raise InvalidCredentials
    if not user.is_active:
        raise AccountDisabled
    return user
