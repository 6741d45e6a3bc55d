"""What can be priced."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, IntegerField, OuterRef, Q, Subquery, Value, When

from finances.models import TimestampedModel
from securities.models.prices import Bar, Price

if TYPE_CHECKING:
    from finances.users.models import User


class SecurityQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        """Listed ones and the user's own."""
        return self.filter(Q(owner=None) | Q(owner=user))

    def listed(self) -> Self:
        return self.filter(owner=None)

    def named(self, name: str) -> Self:
        """By UUID, or a listed one by its symbol in any case."""
        try:
            return self.filter(uuid=uuid.UUID(name))
        except ValueError:
            return self.listed().filter(symbol=name.upper())

    def with_latest_price(self) -> Self:
        """Adds current_price and price_at: the last stored daily close, in one index look-up a row."""
        latest = Price.objects.filter(security=OuterRef("pk"), interval=Bar.Interval.DAY).order_by("-ts")
        return self.annotate(
            current_price=Subquery(latest.values("close")[:1]), price_at=Subquery(latest.values("ts")[:1])
        )

    def matching(self, text: str) -> Self:
        """Symbol prefix before name, best first; wildcards in `text` stand for themselves."""
        symbol = text.upper()
        rank = Case(
            When(symbol=symbol, then=Value(0)),
            When(symbol__startswith=symbol, then=Value(1)),
            When(name__istartswith=text, then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
        found = self.filter(Q(symbol__startswith=symbol) | Q(name__icontains=text))
        return found.annotate(rank=rank).order_by("rank", "symbol", "pk")


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
    is_active = models.BooleanField(default=True)

    objects = SecurityQuerySet.as_manager()

    # Present on rows that came through with_latest_price.
    current_price: float | None
    price_at: datetime | None

    class Meta:
        ordering = ["symbol", "pk"]
        verbose_name_plural = "securities"
        constraints = [
            models.UniqueConstraint(fields=["symbol"], condition=Q(owner=None), name="security_listed_symbol_unique"),
        ]

    def __str__(self) -> str:
        return self.symbol

    @property
    def missing(self) -> list[dict[str, str]]:
        """Why a figure of `with_latest_price` is null."""
        if self.current_price is not None:
            return []
        return [{"figure": "current_price", "code": "missing_price", "detail": "No price is stored yet."}]
