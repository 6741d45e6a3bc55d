"""Logins that are still going on."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models

from finances.users.models.user import User


class SessionQuerySet(models.QuerySet["Session"]):
    def live(self, now: datetime) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=now)

    def expired(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now)

    def revoke(self, now: datetime) -> int:
        return self.filter(revoked_at=None).update(revoked_at=now)


class Session(models.Model):
    """One login: the family of refresh tokens that follow one another, of which only the newest counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    current_jti = models.CharField(max_length=32, editable=False)
    """The newest refresh token's id; tokens themselves are never stored."""
    previous_jti = models.CharField(max_length=32, blank=True, editable=False)
    """The one before it: a client that sent it twice in a hurry is forgiven."""
    created_at = models.DateTimeField(auto_now_add=True)
    rotated_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Session of {self.user} since {self.created_at:%Y-%m-%d %H:%M}"
