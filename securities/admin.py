"""The back office of securities: list, page with chart, events, and "sync now"."""

from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone

from finances.sync.models import SyncRun
from finances.users.models import User
from securities.batch import sync_many
from securities.history import Adjustment, PriceQuery, read_chart
from securities.models import Dividend, Security, Split

SYNC_AT_ONCE = 10
"""How many symbols one request may sync; more belong to the sync_prices command."""


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SplitInline(ReadOnlyInline):
    model = Split
    fields = ["ex_date", "numerator", "denominator", "changes_quantities", "is_void", "superseded_at"]


class DividendInline(ReadOnlyInline):
    model = Dividend
    fields = ["ex_date", "amount", "kind", "superseded_at"]


@admin.register(Security)
class SecurityAdmin(admin.ModelAdmin):
    list_display = [
        "symbol", "name", "security_type", "exchange", "currency", "last_close", "last_day", "last_synced_at",
        "is_active",
    ]  # fmt: skip
    list_filter = ["security_type", "is_active", "exchange", ("currency", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["currency"]
    search_fields = ["symbol", "name", "isin"]
    search_help_text = "Symbol, name or ISIN"
    show_full_result_count = False
    actions = ["sync_now"]
    autocomplete_fields = ["owner", "currency"]
    inlines = [SplitInline, DividendInline]
    # Bars are stored in this currency and found under this symbol; what a sync writes is not typed over it.
    readonly_fields = ["uuid", "quote_unit", "last_synced_at", "created_at", "updated_at"]
    fieldsets = [
        (None, {"fields": ["symbol", "name", "security_type", "exchange", "currency", "is_active"]}),
        ("Market", {"fields": ["quote_unit", "time_zone"]}),
        ("About", {"fields": ["sector", "industry", "market_cap", "isin", "owner"]}),
        ("Record", {"fields": ["uuid", "last_synced_at", "created_at", "updated_at"]}),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_latest_price()  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.readonly_fields, *(["symbol", "currency", "owner"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The fields that were edited and no others: a sync may have written since the page was opened."""
        obj.save(update_fields=[*form.changed_data, "updated_at"] if change else None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its whole price history would go with it; what is no longer traded is made inactive."""
        return False

    @admin.display(description="last close")
    def last_close(self, security: Security) -> float | None:
        return security.current_price

    @admin.display(description="on")
    def last_day(self, security: Security) -> Any:
        return security.price_at and security.price_at.date()

    @admin.action(description="Sync now (prices, splits, dividends)", permissions=["change"])
    def sync_now(self, request: HttpRequest, queryset: Any) -> None:
        symbols = list(queryset.listed().values_list("symbol", flat=True)[: SYNC_AT_ONCE + 1])
        if len(symbols) > SYNC_AT_ONCE:
            self.message_user(request, f"Choose at most {SYNC_AT_ONCE}.", messages.ERROR)
            return
        staff = cast("User", request.user)
        for line in sync_many(symbols, intervals=("1d",), workers=4, trigger=SyncRun.Trigger.ADMIN, started_by=staff):
            if line.error:
                self.message_user(request, f"{line.symbol}: {line.error}", messages.ERROR)
            else:
                text = f"{line.symbol}: {line.added} bars added, {line.changed} changed."
                self.message_user(request, text, messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.prices)
        return [path("<int:pk>/prices", view, name="securities_security_prices"), *super().get_urls()]

    def prices(self, request: HttpRequest, pk: int) -> JsonResponse:
        """The chart's columns."""
        if not self.has_view_permission(request):
            return JsonResponse({"detail": "Not for you."}, status=403)
        security = get_object_or_404(Security, pk=pk)
        shown = request.GET.get("adjusted")
        adjusted: Adjustment = "none" if shown == "none" else "all" if shown == "all" else "splits"
        query = PriceQuery(limit=20_000, newest_first=False, adjusted=adjusted)
        return JsonResponse(read_chart(security, query, today=timezone.now().date()))
