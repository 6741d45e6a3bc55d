"""Which address a user reads: proving it, and changing it to another that is proved first."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from finances import background, errors
from finances.audit.trail import record
from finances.users import email_tokens, mails
from finances.users.clients import Client
from finances.users.credentials import EmailTaken, confirm_password
from finances.users.email_tokens import Purpose
from finances.users.models import EmailToken, User
from finances.users.signing import InvalidToken


class VerificationTokenInvalid(errors.RuleViolation):
    """Unknown, used, replaced, expired, or overtaken by a later change of the address, the password or the account."""

    code = "verification_token_invalid"
    message = "The link is invalid or has expired. Ask for a new one."


@dataclass(frozen=True, slots=True)
class AccountChange:
    """One that its user may make."""

    profile: dict[str, Any]
    email: str
    """Empty where it stays."""
    token_version: int
    """The user's when they were asked for the password: a new one steps it."""


def send_verification(user: User) -> None:
    if token := email_tokens.issue(user, Purpose.VERIFY_EMAIL, to=user.email):
        mails.send(mails.VERIFY_EMAIL, to=user.email, token=token)


def resend_verification(user: User) -> None:
    """For the change of address that is waiting, else for the present address if nobody has proved it."""
    waiting = EmailToken.objects.filter(user=user, purpose=Purpose.CHANGE_EMAIL, token_version=user.token_version)
    change = waiting.usable(timezone.now()).first()
    if change is not None:
        _mail_change(change.email, email_tokens.issue(user, Purpose.CHANGE_EMAIL, to=change.email))
    elif not user.is_verified:
        send_verification(user)


def allow_change(
    user: User, client: Client, *, email: str = "", current_password: str = "", **profile: Any
) -> AccountChange:
    """What they ask for: another address needs the password, whose hash is too dear for a transaction that others wait
    for, and whose failures must be counted even if all else is undone. Raises as confirm_password does."""
    is_new = email not in ("", user.email)
    if is_new:
        confirm_password(user, current_password, client)
    return AccountChange(profile, email if is_new else "", user.token_version)


@transaction.atomic
def change_account(user: User, change: AccountChange) -> None:
    """Change the profile; another address only asks for a mail. Raises InvalidToken if the password that allowed it has
    been changed meanwhile."""
    if change.email and User.objects.lock(user.pk).token_version != change.token_version:
        raise InvalidToken
    user.change(**change.profile)
    if change.email:
        background.mail.later(request_email_change, user, change.email)


def request_email_change(user: User, email: str) -> None:
    """Mail the new address a token and the old one a notice.

    An address that has an account gets nothing, and nothing else differs: its being taken stays unknown.
    """
    if token := email_tokens.issue(user, Purpose.CHANGE_EMAIL, to=email):
        # First: nothing about the new address may keep the notice from the owner.
        mails.send(mails.EMAIL_CHANGE_REQUESTED, to=user.email)
        _mail_change(email, token)


def verify_email(token: str) -> None:
    """Raises VerificationTokenInvalid, or EmailTaken when the new address got an account meanwhile."""
    try:
        with transaction.atomic():
            row = email_tokens.use(token, Purpose.VERIFY_EMAIL, Purpose.CHANGE_EMAIL)
            if row is None or not _take_effect(row):
                raise VerificationTokenInvalid
            fields = ["email", "is_verified"] if row.purpose == Purpose.CHANGE_EMAIL else ["is_verified"]
            record("verify_email", "user", row.user_id, actor_id=row.user_id, fields=fields)
    except IntegrityError as error:
        raise EmailTaken from error
    if row.purpose == Purpose.CHANGE_EMAIL:
        background.mail.later(mails.send, mails.EMAIL_CHANGED, row.user.email)


def _mail_change(email: str, token: str | None) -> None:
    if token and not User.objects.filter(email=email).exists():
        mails.send(mails.CHANGE_EMAIL, to=email, token=token)


def _take_effect(row: EmailToken) -> int:
    """One statement with all conditions, so that a change at the same moment does not slip between."""
    now, owner = timezone.now(), User.objects.filter(pk=row.user_id, is_active=True)
    if row.purpose == Purpose.VERIFY_EMAIL:
        return owner.filter(email=row.email).update_one(row.user_id, is_verified=True, updated_at=now)
    # A new password, or disabling the account, stops a change that somebody else had asked for.
    unchanged = owner.filter(email=row.user.email, token_version=row.token_version)
    return unchanged.update_one(row.user_id, email=row.email, is_verified=True, updated_at=now)
