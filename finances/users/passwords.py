"""Setting a new password: with a token from an e-mail, or with the current one."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from finances import errors
from finances.audit.trail import record
from finances.users import email_tokens, mails
from finances.users.clients import Client
from finances.users.credentials import confirm_password
from finances.users.email_tokens import Purpose
from finances.users.lockout import forget_failures
from finances.users.models import EmailToken, Session, User
from finances.users.signing import InvalidToken
from finances.users.tokens import TokenPair, issue_tokens


class ResetTokenInvalid(errors.RuleViolation):
    """Unknown, used, replaced, expired, or overtaken by a later change of the password, the address or the account."""

    code = "reset_token_invalid"
    message = "The link is invalid or has expired. Ask for a new one."


def send_reset(email: str) -> None:
    """Mail a token to the account's own address, if there is an account that can log in with a password."""
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None or not user.has_usable_password():
        return
    if token := email_tokens.issue(user, Purpose.RESET_PASSWORD, to=user.email):
        mails.send(mails.RESET_PASSWORD, to=user.email, token=token)


def owner_of_reset(token: str) -> User | None:
    """For whom this token would set a password."""
    found = EmailToken.objects.for_token(token, Purpose.RESET_PASSWORD).usable(timezone.now())
    row = found.select_related("user").first()
    return row.user if row else None


def reset_password(client: Client, token: str, new_password: str) -> None:
    """Set it, end all sessions, take the address for proved, and let `client` log in at once if failures had locked it.

    Raises ResetTokenInvalid.
    """
    if owner_of_reset(token) is None:
        raise ResetTokenInvalid
    # Dear, so never for a wrong token, and before the transaction, which others wait for.
    encoded = make_password(new_password)
    with transaction.atomic():
        row = email_tokens.use(token, Purpose.RESET_PASSWORD)
        if row is None:
            raise ResetTokenInvalid
        owner = User.objects.filter(pk=row.user_id, is_active=True, email=row.email, token_version=row.token_version)
        if not owner.replace_password(encoded, is_verified=True):
            raise ResetTokenInvalid
        record("reset_password", "user", row.user_id, actor_id=row.user_id)
        Session.objects.filter(user=row.user_id).revoke(timezone.now(), of=row.user_id)
    forget_failures(row.email, client)


def change_password(user: User, client: Client, *, current: str, new: str, otp_verified: bool) -> TokenPair:
    """Set it, end all sessions, and start a new one. Raises WrongPassword, or InvalidToken if another change won."""
    confirm_password(user, current, client)
    encoded = make_password(new)
    with transaction.atomic():
        # Whoever steps the version first ends the token that this request came with.
        unchanged = User.objects.filter(pk=user.pk, is_active=True, token_version=user.token_version)
        if not unchanged.replace_password(encoded):
            raise InvalidToken
        record("change_password", "user", user.pk, actor_id=user.pk)
        Session.objects.for_user(user).revoke(timezone.now(), of=user.pk)
        user.refresh_from_db()
        return issue_tokens(user, client, otp_verified=otp_verified)
