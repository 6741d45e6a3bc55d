"""What is sent by e-mail to prove that somebody reads it."""

import hashlib
import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from finances.users.models.user import User


def hash_token(token: str) -> str:
    # A slow hash would add nothing: nobody guesses 256 random bits.
    return hashlib.sha256(token.encode()).hexdigest()


class EmailTokenQuerySet(models.QuerySet["EmailToken"]):
    def for_token(self, token: str, *purposes: str) -> Self:
        return self.filter(token_hash=hash_token(token), purpose__in=purposes)

    def usable(self, now: datetime) -> Self:
        return self.filter(used_at=None, expires_at__gt=now)

    def expired(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now)

    def end(self, now: datetime) -> int:
        return self.filter(used_at=None).update(used_at=now)


class EmailToken(models.Model):
    """A secret mailed to one address, which works once; only its hash is kept."""

    class Purpose(models.TextChoices):
        RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a purpose
        VERIFY_EMAIL = "verify_email"
        CHANGE_EMAIL = "change_email"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="email_tokens")
    purpose = models.CharField(max_length=20, choices=Purpose)
    token_hash = models.CharField(max_length=64)
    email = models.EmailField(max_length=254)
    """Where it was sent: the address that its use proves."""
    token_version = models.PositiveIntegerField()
    """The user's when it was made. What may hand over the account ends with the sessions of that time."""
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)
    """When it was used or replaced by a newer one."""

    objects = EmailTokenQuerySet.as_manager()

    class Meta:
        # Nobody is given a view of these, in the back office or elsewhere.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="email_token_hash_unique"),
            models.UniqueConstraint(
                fields=["user", "purpose"], condition=Q(used_at=None), name="email_token_one_unused_per_purpose"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} token of {self.user_id}"
