"""Logins that are still going on."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models

from finances.users.models.user import User
from finances.users.principal_cache import changing

USER_AGENT_LENGTH = 120


class SessionQuerySet(models.QuerySet["Session"]):
    def for_user(self, user: User) -> Self:
        return self.filter(user=user)

    def live(self, now: datetime) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=now)

    def expired(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now)

    def revoke(self, now: datetime, *, of: uuid.UUID | None = None) -> int:
        """End them at the next request; how many it met. `of` is whose they are if all are one user's, so that the
        principals of the others stay."""
        with changing(of):
            return self.filter(revoked_at=None).update(revoked_at=now)

    def mark_otp_verified(self, verified: bool, *, of: uuid.UUID) -> None:
        with changing(of):
            self.update(otp_verified=verified)


class Session(models.Model):
    """One login: the family of refresh tokens that follow one another, of which only the newest counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    current_jti = models.CharField(max_length=32, editable=False)
    """The newest refresh token's id; tokens themselves are never stored."""
    previous_jti = models.CharField(max_length=32, blank=True, editable=False)
    """The one before it: a client that sent it twice in a hurry is forgiven."""
    otp_verified = models.BooleanField("one-time code given", default=False)
    address = models.GenericIPAddressField(null=True, blank=True)
    """Whence it was begun, or refreshed last; like `user_agent` for its owner to recognise it."""
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    rotated_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Session of {self.user} since {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def last_used_at(self) -> datetime:
        """When it last got tokens: by login or refresh."""
        return self.rotated_at or self.created_at
