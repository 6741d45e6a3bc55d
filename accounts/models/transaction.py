"""What happened in accounts: the ledger, of which nothing is ever overwritten."""

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q

from accounts.models.account import Account
from accounts.models.facts import TransactionFacts

if TYPE_CHECKING:
    from finances.users.models import User

WRITER: dict[str, Any] = {
    "on_delete": models.SET_NULL, "null": True, "blank": True, "related_name": "+",
}  # fmt: skip
REASON_LENGTH = 200


def restrict_unless_voided(collector: Any, field: Any, rows: Any, using: str) -> None:
    """RESTRICT of what counts; what is voided goes along (on_delete)."""
    models.RESTRICT(collector, field, rows.filter(voided_at=None), using)
    models.CASCADE(collector, field, rows.exclude(voided_at=None), using)


class HasTag(Func):
    """Whether a column of JSON lists holds a text."""

    output_field = models.BooleanField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="jsonb_exists(%(expressions)s)", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "exists(select 1 from json_each(%(expressions)s)"
        return self.as_sql(compiler, connection, template=template + ")", arg_joiner=") where value = (", **context)


class TransactionQuerySet(models.QuerySet[Any]):
    def for_user(self, user: "User") -> Self:
        return self.filter(account__owner=user)

    def live(self) -> Self:
        """What counts now."""
        return self.filter(voided_at=None)

    def in_account(self, account: Account) -> Self:
        """Its own, and the transfers that come in."""
        return self.filter(Q(account=account) | Q(counter_account=account))

    def between(self, start: date | None, end: date | None) -> Self:
        """By trade date, both inclusive."""
        bounds = {"trade_date__gte": start, "trade_date__lte": end}
        return self.filter(**{bound: day for bound, day in bounds.items() if day is not None})

    def tagged(self, tag: str) -> Self:
        return self.filter(HasTag(F("tags"), models.Value(tag)))

    def known_at(self, moment: datetime) -> Self:
        """Current rows that stood so at the moment; the others' figures of then are revisions."""
        return self.filter(Q(voided_at=None) | Q(voided_at__gt=moment), recorded_at__lte=moment)


class Transaction(TransactionFacts):
    """The current figures of one event. Account, type, security and other side stay as they were posted."""

    class Type(models.TextChoices):
        BUY = "BUY", "Buy"
        SELL = "SELL", "Sell"
        DIVIDEND = "DIVIDEND", "Dividend"
        INTEREST = "INTEREST", "Interest"
        FEE = "FEE", "Fee"
        TAX = "TAX", "Tax"
        DEPOSIT = "DEPOSIT", "Deposit"
        WITHDRAWAL = "WITHDRAWAL", "Withdrawal"
        TRANSFER = "TRANSFER", "Transfer"
        SPLIT = "SPLIT", "Split"
        RETURN_OF_CAPITAL = "RETURN_OF_CAPITAL", "Return of capital"
        SPIN_OFF = "SPIN_OFF", "Spin-off"
        OPENING = "OPENING", "Opening"
        ADJUSTMENT = "ADJUSTMENT", "Adjustment"

    SIGNED = (Type.INTEREST, Type.FEE, Type.TAX, Type.OPENING, Type.ADJUSTMENT)
    """Whose amount may be negative: interest charged, a refund, a debt brought in, a correction downwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="transactions", db_index=False)
    type = models.CharField(max_length=17, choices=Type)
    counter_account = models.ForeignKey(
        Account, on_delete=restrict_unless_voided, null=True, blank=True, related_name="incoming", db_index=False
    )
    security = models.ForeignKey(
        "securities.Security", on_delete=restrict_unless_voided, null=True, blank=True, related_name="transactions"
    )
    new_security = models.ForeignKey(
        "securities.Security", on_delete=restrict_unless_voided, null=True, blank=True, related_name="+"
    )
    sequence = models.BigIntegerField(help_text="The order of entry: microseconds of when it was posted.")
    posted_at = models.DateTimeField()
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, **WRITER)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, **WRITER)
    void_reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    objects = TransactionQuerySet.as_manager()

    class Meta:
        ordering = ["-trade_date", "-sequence", "pk"]
        indexes = [
            models.Index(fields=["account", "trade_date", "sequence"], name="transaction_account_day"),
            models.Index(
                fields=["account", "security"], condition=Q(security__isnull=False), name="transaction_account_security"
            ),
            models.Index(
                fields=["counter_account", "trade_date"],
                condition=Q(counter_account__isnull=False),
                name="transaction_incoming",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "external_id"],
                condition=Q(voided_at=None) & ~Q(external_id=""),
                name="transaction_external_id_once",
            ),
            models.CheckConstraint(
                condition=~Q(type__in=["BUY", "SELL"])
                | Q(security__isnull=False, quantity__gt=0, unit_price__gte=0, amount=None),
                name="transaction_trade_complete",
            ),
            models.CheckConstraint(
                condition=~Q(
                    type__in=["INTEREST", "FEE", "TAX", "DEPOSIT", "WITHDRAWAL", "DIVIDEND", "RETURN_OF_CAPITAL"]
                )
                | Q(amount__isnull=False, quantity=None),
                name="transaction_cash_has_amount",
            ),
            models.CheckConstraint(
                condition=Q(amount=None)
                | Q(amount__gt=0)
                | Q(type__in=["INTEREST", "FEE", "TAX", "OPENING", "ADJUSTMENT"]),
                name="transaction_amount_positive",
            ),
            models.CheckConstraint(
                condition=Q(quantity=None) | Q(quantity__gt=0) | Q(type="ADJUSTMENT"),
                name="transaction_quantity_positive",
            ),
            models.CheckConstraint(
                condition=Q(unit_price=None) | Q(unit_price__gte=0), name="transaction_price_not_negative"
            ),
            models.CheckConstraint(condition=Q(fees__gte=0) & Q(taxes__gte=0), name="transaction_charges_not_negative"),
            models.CheckConstraint(condition=Q(fx_rate=None) | Q(fx_rate__gt=0), name="transaction_rate_positive"),
            models.CheckConstraint(
                condition=Q(type="TRANSFER", counter_account__isnull=False) & ~Q(counter_account=F("account"))
                | ~Q(type="TRANSFER") & Q(counter_account=None),
                name="transaction_transfer_has_two_sides",
            ),
            models.CheckConstraint(
                condition=Q(type="SPLIT", security__isnull=False, ratio_numerator__gt=0, ratio_denominator__gt=0)
                | Q(type="SPIN_OFF")
                | ~Q(type="SPLIT") & Q(ratio_numerator=None, ratio_denominator=None),
                name="transaction_split_has_ratio",
            ),
            models.CheckConstraint(
                condition=Q(
                    type="SPIN_OFF",
                    security__isnull=False,
                    new_security__isnull=False,
                    ratio_numerator__gt=0,
                    ratio_denominator__gt=0,
                    cost_fraction__gte=0,
                    cost_fraction__lte=1,
                )
                & ~Q(new_security=F("security"))
                | ~Q(type="SPIN_OFF") & Q(new_security=None, cost_fraction=None),
                name="transaction_spin_off_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} on {self.trade_date}"


class TransactionRevision(TransactionFacts):
    """What a transaction said before it was amended, and who amended it and why."""

    transaction = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="revisions")
    superseded_at = models.DateTimeField()
    superseded_by = models.ForeignKey(settings.AUTH_USER_MODEL, **WRITER)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        ordering = ["-superseded_at", "-pk"]

    def __str__(self) -> str:
        return f"until {self.superseded_at:%Y-%m-%d %H:%M}"


FACTS = [field.attname for field in TransactionFacts._meta.local_fields]
"""The columns that a revision keeps."""
