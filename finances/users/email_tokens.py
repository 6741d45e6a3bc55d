"""Making and using the tokens that are sent by e-mail."""

import secrets
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from finances.users.models import EmailToken, User
from finances.users.models.email_token import hash_token

Purpose = EmailToken.Purpose
LIFETIMES = {
    Purpose.RESET_PASSWORD: timedelta(minutes=30),
    Purpose.VERIFY_EMAIL: timedelta(hours=24),
    Purpose.CHANGE_EMAIL: timedelta(hours=24),
}
MAILS_PER_HOUR = 5
"""Of each purpose for one user; and to one address, whoever asks, where the address is not proved yet."""
HOUR = timedelta(hours=1)


def issue(user: User, purpose: Purpose, *, to: str) -> str | None:
    """A token in place of the unused one before it; None beyond MAILS_PER_HOUR, or if another call was first."""
    now, token = timezone.now(), secrets.token_urlsafe(32)
    if not _is_within_bounds(user, purpose, to, now):
        return None
    try:
        with transaction.atomic():
            EmailToken.objects.filter(user=user, purpose=purpose).end(now)
            _store(user, purpose, to=to, token=token, now=now)
    except IntegrityError:  # the other call's token is as good, or the user is gone
        return None
    return token


def use(token: str, *purposes: Purpose) -> EmailToken | None:
    """The token's row if this call, inside a transaction, is the one that uses it.

    One statement on columns of its own: of several calls at once a single one changes the row.
    """
    now, found = timezone.now(), EmailToken.objects.for_token(token, *purposes)
    return found.select_related("user").get() if found.usable(now).update(used_at=now) else None


def _store(user: User, purpose: Purpose, *, to: str, token: str, now: datetime) -> None:
    EmailToken.objects.create(
        user=user,
        purpose=purpose,
        email=to,
        token_hash=hash_token(token),
        token_version=user.token_version,
        expires_at=now + LIFETIMES[purpose],
    )


def _is_within_bounds(user: User, purpose: Purpose, to: str, now: datetime) -> bool:
    recent = EmailToken.objects.filter(user=user, purpose=purpose, created_at__gt=now - HOUR)
    if recent.count() >= MAILS_PER_HOUR:
        return False
    # A reset goes to the owner's own address, and others must not be able to use its budget up.
    return purpose == Purpose.RESET_PASSWORD or _mails_to(to) <= MAILS_PER_HOUR


def _mails_to(address: str) -> int:
    """How many with this one: rows go with their user, and accounts can be made and deleted in turn."""
    key = f"mails:{hash_token(address)}"
    cache.add(key, 0, timeout=int(HOUR.total_seconds()))
    try:
        return cache.incr(key) or 1
    except ValueError:  # the cache is full or away: the rows still bound each user
        return 1
