"""Accounts: assets and liabilities."""

import uuid
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from accounts.models.institution import FinancialInstitution
from accounts.models.value import AccountValue
from finances.errors import NotFound
from finances.models import OwnedModel, OwnedQuerySet, TimestampedModel
from finances.statements import Parameter


class AccountQuerySet(OwnedQuerySet[Any]):
    def with_latest_value(self, as_of: date | Parameter | None = None) -> Self:
        """Adds latest_value and latest_value_date (of `as_of` or before), by index look-ups."""
        latest = AccountValue.objects.filter(account=OuterRef("pk")).between(None, as_of).order_by("-value_date")
        return self.annotate(
            latest_value=Subquery(latest.values("value")[:1]),
            latest_value_date=Subquery(latest.values("value_date")[:1]),
        )

    def lock(self, pk: uuid.UUID) -> "Account":
        """The row, which nobody else locks until the transaction ends. Raises NotFound when it is gone.

        What writes an account, its values or its holdings locks it first: such writes come one after another, and
        none meets an account that is being deleted.
        """
        account: Account | None = self.select_for_update(no_key=True).filter(pk=pk).first()
        if account is None:
            raise NotFound("Not found.")
        return account

    def lock_all(self, pks: Collection[uuid.UUID]) -> "dict[uuid.UUID, Account]":
        """The rows, locked in one order, so that who wants several never waits for whom waits for them.

        Raises NotFound when one is gone.
        """
        rows = {row.pk: row for row in self.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk")}
        if len(rows) != len(set(pks)):
            raise NotFound("Not found.")
        return rows


class Account(OwnedModel, TimestampedModel):
    class Type(models.TextChoices):
        CASH = "CASH", "Cash"
        CHECKING = "CHECKING", "Checking"
        SAVINGS = "SAVINGS", "Savings"
        INVESTMENT = "INVESTMENT", "Investment"
        RETIREMENT = "RETIREMENT", "Retirement"
        CRYPTO = "CRYPTO", "Crypto"
        REAL_ESTATE = "REAL_ESTATE", "Real estate"
        OTHER_ASSET = "OTHER_ASSET", "Other asset"
        CREDIT_CARD = "CREDIT_CARD", "Credit card"
        LOAN = "LOAN", "Loan"
        LINE_OF_CREDIT = "LINE_OF_CREDIT", "Line of credit"
        MORTGAGE = "MORTGAGE", "Mortgage"
        OTHER_LIABILITY = "OTHER_LIABILITY", "Other liability"

    class Classification(models.TextChoices):
        ASSET = "ASSET", "Asset"
        LIABILITY = "LIABILITY", "Liability"

    class CostBasisMethod(models.TextChoices):
        FIFO = "FIFO", "First in, first out"
        LIFO = "LIFO", "Last in, first out"
        HIFO = "HIFO", "Highest cost first"
        AVERAGE = "AVERAGE", "Average cost"

    LIABILITIES = frozenset({Type.CREDIT_CARD, Type.LOAN, Type.LINE_OF_CREDIT, Type.MORTGAGE, Type.OTHER_LIABILITY})
    """Recorded as positive amounts owed; they count negative."""
    INVESTMENT_LIKE = frozenset({Type.INVESTMENT, Type.RETIREMENT, Type.CRYPTO})
    """May hold securities."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    account_type = models.CharField(max_length=15, choices=Type)
    financial_institution = models.ForeignKey(
        # RESTRICT, not PROTECT, which would keep a user with both from being deleted.
        FinancialInstitution,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="accounts",
    )
    currency = models.ForeignKey("currencies.Currency", on_delete=models.PROTECT, db_column="currency_code")
    interest_rate = models.DecimalField(
        max_digits=9, decimal_places=6, null=True, blank=True, help_text="Per year, as a fraction: 0.0425 is 4.25 %."
    )
    cost_basis_method = models.CharField(
        max_length=7, choices=CostBasisMethod, default=CostBasisMethod.FIFO, help_text="Which lots a sale takes."
    )
    allow_short = models.BooleanField(default=False, help_text="Whether more may be sold than is held.")
    is_active = models.BooleanField(default=True)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    objects = AccountQuerySet.as_manager()

    # Present on rows that came through with_latest_value.
    latest_value: Decimal | None
    latest_value_date: date | None

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["owner", "name"], name="account_owner_name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(opened_on=None) | Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="account_not_closed_before_opened",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def classification(self) -> str:
        return self.classification_of(self.account_type)

    @classmethod
    def classification_of(cls, account_type: str) -> str:
        return cls.Classification.LIABILITY if account_type in cls.LIABILITIES else cls.Classification.ASSET

    @property
    def may_hold_securities(self) -> bool:
        return self.account_type in self.INVESTMENT_LIKE

    @property
    def missing(self) -> list[dict[str, str]]:
        """Why a figure of `with_latest_value` is null."""
        return self.missing_of(self.latest_value)

    @staticmethod
    def missing_of(latest_value: Decimal | None) -> list[dict[str, str]]:
        if latest_value is not None:
            return []
        return [{"figure": "latest_value", "code": "missing_value", "detail": "No value is recorded yet."}]
