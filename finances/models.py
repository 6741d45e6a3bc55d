"""Abstract bases that the apps' models share."""

from typing import TYPE_CHECKING, Self, TypeVar

from django.conf import settings
from django.db import connection, models

from finances.statements import Parameter

if TYPE_CHECKING:
    from finances.users.models import User

Row = TypeVar("Row", bound=models.Model)


class TimestampedModel(models.Model):
    """Rows that know when they were made and last changed."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class OwnedQuerySet(models.QuerySet[Row]):
    """Every read of personal data starts here."""

    def for_user(self, user: "User | Parameter") -> Self:
        return self.filter(owner=user)


def check_references() -> None:
    """Raises IntegrityError now for a reference to what this transaction has deleted, not when it is committed.

    Only PostgreSQL's writers can have added one meanwhile; SQLite has one at a time.
    """
    if connection.vendor == "postgresql":
        connection.check_constraints()


class OwnedModel(models.Model):
    """Rows that belong to one user and go with them."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True
