"""Wrong passwords and codes, counted by whom and whence."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q


class LoginFailuresQuerySet(models.QuerySet["LoginFailures"]):
    def concerning(self, account: str, address: str) -> Self:
        """The counters of the pair, the account and the address, in the order in which they are locked."""
        counters = Q(account=account, address=address) | Q(account=account, address="") | Q(account="", address=address)
        return self.filter(counters).order_by("account", "address")

    def counting(self, now: datetime) -> Self:
        return self.filter(expires_at__gt=now)

    def expired(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now)


class LoginFailures(models.Model):
    """One counter: of an account at an address, of an account (address ""), or of an address (account "").

    Accounts are the addresses that were typed, whether they exist or not: both must answer alike.
    """

    account = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=50, blank=True)
    failures = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)
    """When it starts anew; one that has reached its limit refuses until then."""

    objects = LoginFailuresQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "login failures"
        constraints = [
            models.UniqueConstraint(fields=["account", "address"], name="login_failures_counter_unique"),
            models.CheckConstraint(condition=~Q(account="", address=""), name="login_failures_of_somebody"),
        ]

    def __str__(self) -> str:
        return " at ".join(part for part in (self.account, self.address) if part)
