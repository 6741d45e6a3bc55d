"""What can be priced."""

import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Upper

from finances.errors import NotFound
from finances.models import TimestampedModel
from finances.statements import Parameter
from finances.sync.models import SyncRun
from securities.models.actions import Split
from securities.models.collation import Bytewise
from securities.models.matching import AS_IT_IS, Rank, best_first, is_listed_inside, is_prefixed_or_own, rank
from securities.models.prices import Bar, Price
from securities.models.review import Review

if TYPE_CHECKING:
    from finances.users.models import User


def key_of(name: str) -> uuid.UUID | None:
    """The UUID that `name` is; None if it is a symbol."""
    try:
        return uuid.UUID(name)
    except ValueError:
        return None


def new_version() -> int:
    """Drawn, not counted: a number that comes back after a database was restored would name other figures."""
    return secrets.randbits(63)


class SecurityQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User | Parameter") -> Self:
        """Listed ones and the user's own."""
        return self.filter(Q(owner=None) | Q(owner=user))

    def listed(self) -> Self:
        return self.filter(owner=None)

    def manual(self) -> Self:
        return self.exclude(owner=None)

    def named(self, name: str) -> Self:
        """By UUID, or a listed one by its symbol in any case."""
        key = key_of(name)
        return self.listed().filter(symbol=name.upper()) if key is None else self.filter(uuid=key)

    def for_sync(self) -> Self:
        """With what a sync has to know of it: `listed_splits` ([ex-date, numerator, denominator, is void] each, null
        for none), `has_reviews`, and `last_recorded_at` of its symbol's runs."""
        splits = Split.objects.current().filter(security=OuterRef("pk")).as_json("is_void")
        runs = SyncRun.objects.of_symbol(OuterRef("symbol")).order_by("-recorded_at").values("recorded_at")
        reviews = Review.objects.filter(security=OuterRef("pk"))
        return self.annotate(
            listed_splits=Subquery(splits), has_reviews=Exists(reviews), last_recorded_at=Subquery(runs[:1])
        )

    def with_latest_price(self) -> Self:
        """Adds current_price and price_at: the last stored daily close, in one index look-up a row."""
        latest = Price.objects.filter(security=OuterRef("pk"), interval=Bar.Interval.DAY).order_by("-ts")
        return self.annotate(
            current_price=Subquery(latest.values("close")[:1]), price_at=Subquery(latest.values("ts")[:1])
        )

    def with_needs_review(self) -> Self:
        """Adds needs_review: whether something of it waits for a decision of staff."""
        return self.annotate(needs_review=Exists(Review.objects.open().filter(security=OuterRef("pk"))))

    def with_successor_symbol(self) -> Self:
        return self.annotate(successor_symbol=F("successor__symbol"))

    def lock(self, pk: int) -> "Security":
        """The row, which nobody else locks until the transaction ends. Raises NotFound when it is gone."""
        security: Security | None = self.select_for_update(no_key=True).filter(pk=pk).first()
        if security is None:
            raise NotFound("Not found.")
        return security

    def prefixed_or_own(self, given: Mapping[str, Any]) -> Self:
        """What begins with the text of a search, and all own ones that match in any way, best first, with their `rank`;
        for the `terms` of `securities.models.matching`."""
        # Scoped as `visible_to`, whose either-or would hide the key from SQLite's planner.
        found = self.filter(is_prefixed_or_own(given))
        return found.annotate(rank=rank(given)).order_by(*best_first())

    def listed_inside(self, kind: Rank, given: Mapping[str, Any]) -> Self:
        """Listed ones whose name holds the text of a search as `kind` says, by symbol, as if `kind` were their rank."""
        found = self.filter(is_listed_inside(kind, given))
        return found.annotate(rank=Value(kind.value, output_field=AS_IT_IS)).order_by(Bytewise("symbol"), "pk")


class Security(TimestampedModel):
    """Something with a market price. Without an owner it is listed and everyone's; with one it is that user's own."""

    class Type(models.TextChoices):
        STOCK = "STOCK", "Stock"
        ETF = "ETF", "ETF"
        MUTUAL_FUND = "MUTUAL_FUND", "Mutual fund"
        INDEX = "INDEX", "Index"
        CURRENCY = "CURRENCY", "Currency pair"
        CRYPTO = "CRYPTO", "Cryptocurrency"
        OPTION = "OPTION", "Option"
        FUTURE = "FUTURE", "Future"
        OTHER = "OTHER", "Other"

    class InactiveReason(models.TextChoices):
        DELISTED = "DELISTED", "Delisted"
        RENAMED = "RENAMED", "Renamed"
        OTHER = "OTHER", "Other"

    # The integer keeps price rows lean; the outside world knows the UUID only.
    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="securities"
    )
    symbol = models.CharField(max_length=32, help_text="Ticker symbol as Yahoo writes it, upper case.")
    name = models.CharField(max_length=200)
    security_type = models.CharField(max_length=12, choices=Type, default=Type.OTHER)
    exchange = models.CharField(max_length=50, blank=True)
    currency = models.ForeignKey("currencies.Currency", on_delete=models.PROTECT, db_column="currency_code")
    quote_unit = models.CharField(max_length=8, blank=True, help_text="Unit of the market's quotes, such as GBp.")
    sector = models.CharField(max_length=100, blank=True)
    industry = models.CharField(max_length=100, blank=True)
    market_cap = models.DecimalField(max_digits=24, decimal_places=2, null=True, blank=True)
    isin = models.CharField("ISIN", max_length=12, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", help_text="The exchange's zone.")
    last_synced_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True, help_text="Inactive ones keep their history and are not synced.")
    inactive_reason = models.CharField(max_length=8, choices=InactiveReason, blank=True)
    # One to one: at any time the history goes on in one place. What a company took over keeps a history of its own.
    successor = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="predecessor",
        limit_choices_to={"owner": None},
        help_text="The listed security that this one became; their prices are read as one history.",
    )

    data_version = models.BigIntegerField(
        default=new_version, editable=False, help_text="Another one after every change of its bars or events."
    )

    objects = SecurityQuerySet.as_manager()

    # Present on rows that came through with_latest_price.
    current_price: float | None
    price_at: datetime | None
    # Present on rows that came through for_sync.
    listed_splits: list[list[Any]] | None
    has_reviews: bool
    last_recorded_at: datetime | None
    # Present on rows that came through prefixed_or_own and listed_inside.
    rank: int
    # Present on rows that came through with_successor_symbol.
    successor_symbol: str | None

    class Meta:
        ordering = ["symbol", "pk"]
        verbose_name_plural = "securities"
        # What a search walks; on PostgreSQL a migration adds one of the names' trigrams.
        indexes = [
            models.Index(
                Bytewise("symbol"), "id", "name", "owner", condition=Q(owner=None), name="security_listed_symbol"
            ),
            models.Index(Bytewise(Upper("name")), "id", condition=Q(owner=None), name="security_listed_name"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["symbol"], condition=Q(owner=None), name="security_listed_symbol_unique"),
            models.UniqueConstraint(
                fields=["owner", "symbol"], condition=Q(owner__isnull=False), name="security_own_symbol_unique"
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("id")),
                name="security_not_its_own_successor",
                violation_error_message="A security does not succeed itself.",
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | Q(owner=None),
                name="security_successor_of_listed",
                violation_error_message="Only listed securities have successors.",
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(inactive_reason=""),
                name="security_active_without_reason",
                violation_error_message="An active security has no reason to be inactive.",
            ),
        ]

    def __str__(self) -> str:
        return self.symbol

    def step_version(self) -> None:
        """Call in the transaction that changes its bars, splits, dividends or links: what was kept of them under the
        version before is not read any more."""
        self.data_version = new_version()
        Security.objects.filter(pk=self.pk).update(data_version=self.data_version)

    @property
    def is_manual(self) -> bool:
        return self.owner_id is not None

    @property
    def missing(self) -> list[dict[str, str]]:
        """Why a figure of `with_latest_price` is null."""
        return self.missing_of(self.current_price)

    @staticmethod
    def missing_of(current_price: float | None) -> list[dict[str, str]]:
        if current_price is not None:
            return []
        return [{"figure": "current_price", "code": "missing_price", "detail": "No price is stored yet."}]
