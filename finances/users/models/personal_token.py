"""Tokens that people make for their scripts."""

import hashlib
import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from finances.users.models.user import User
from finances.users.principal_cache import changing


class PersonalTokenQuerySet(models.QuerySet["PersonalToken"]):
    def for_user(self, user: User) -> Self:
        return self.filter(user=user)

    def live(self, now: datetime) -> Self:
        """Those that authenticate, if their user is active."""
        return self.filter(expires_at__gt=now, token_version=F("user__token_version"))

    def dead(self, now: datetime) -> Self:
        return self.filter(Q(expires_at__lte=now) | ~Q(token_version=F("user__token_version")))

    def revoke(self, *, of: uuid.UUID | None = None) -> int:
        """End them at the next request; how many it met. `of` as for sessions."""
        with changing(of):
            return self.delete()[0]


class PersonalToken(models.Model):
    """A secret that acts for its user until it expires, is revoked, or the password or the account is changed; only
    its hash is kept."""

    class Scope(models.TextChoices):
        READ = "read"
        READ_WRITE = "read-write"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="personal_tokens")
    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, editable=False)
    scope = models.CharField(max_length=10, choices=Scope)
    token_version = models.PositiveIntegerField(editable=False)
    """The user's when it was made: it ends with the sessions of that time."""
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = PersonalTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="personal_token_hash_unique"),
            models.CheckConstraint(condition=Q(scope__in=["read", "read-write"]), name="personal_token_scope_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"


def hash_secret(secret: str) -> str:
    # A slow hash would add nothing: nobody guesses 256 random bits.
    return hashlib.sha256(secret.encode()).hexdigest()
