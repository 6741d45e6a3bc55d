"""What has had its time."""

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from finances.idempotency.models import IdempotencyKey
from finances.users.models import EmailToken, LoginFailures, PersonalToken, Session


def flush_expired() -> dict[str, int]:
    """Delete what has expired; how many of each, but for sessions of the back office, which Django does not count."""
    now = timezone.now()
    expired = {
        "sessions": Session.objects.expired(now),
        "personal tokens": PersonalToken.objects.dead(now),
        "e-mail tokens": EmailToken.objects.expired(now),
        "counters of login failures": LoginFailures.objects.expired(now),
        "idempotency keys": IdempotencyKey.objects.expired(now),
    }
    SessionStore.clear_expired()
    return {name: rows.delete()[0] for name, rows in expired.items()}
