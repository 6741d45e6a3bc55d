"""The back office of currencies: list, page with chart, rates as recorded, and "sync rates"."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from currencies.freshness import freshness
from currencies.models import Currency, ExchangeRate, ExchangeRateRevision, QuarantinedRates
from currencies.quarantine_admin import QuarantinedRatesAdmin
from currencies.series import currency_chart
from currencies.sync import sync_base
from finances.sync.leases import SyncInProgress
from finances.sync.models import SyncRun
from finances.users.requests import SignedInRequest

BASE = "EUR"
SYNC_AT_ONCE = 10
"""How many pairs one request may sync; more belong to the sync_rates command."""


class InForceFilter(admin.SimpleListFilter):
    title = "in force"
    parameter_name = "in_force"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "Ended")]

    def queryset(self, request: Any, queryset: Any) -> Any:
        today = timezone.now().date()
        if self.value() == "yes":
            return queryset.current_on(today)
        return queryset.ended_before(today) if self.value() == "no" else queryset


@admin.register(Currency)
class CurrencyAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "symbol", "minor_digits", "last_valid_on"]
    list_filter = [InForceFilter]
    search_fields = ["code", "name"]
    search_help_text = "Code or name"
    actions = ["sync_rates"]

    def get_readonly_fields(self, request: HttpRequest, obj: Currency | None = None) -> list[str]:
        """Rows refer to a code, so it is chosen once."""
        return [*(["code"] if obj else []), "created_at", "updated_at"]

    @admin.action(description="Sync rates (one euro in each)", permissions=["change"])
    def sync_rates(self, request: SignedInRequest, queryset: Any) -> None:
        quotes = list(queryset.exclude(pk=BASE).values_list("pk", flat=True)[: SYNC_AT_ONCE + 1])
        if not 1 <= len(quotes) <= SYNC_AT_ONCE or not Currency.objects.filter(pk=BASE).exists():
            text = f"Choose 1 to {SYNC_AT_ONCE} currencies other than {BASE}, which must be in the list, too."
            self.message_user(request, text, messages.ERROR)
            return
        try:
            self._sync(request, quotes)
        except SyncInProgress as error:
            self.message_user(request, str(error), messages.ERROR)

    def _sync(self, request: SignedInRequest, quotes: list[str]) -> None:
        for line in sync_base(BASE, quotes, trigger=SyncRun.Trigger.ADMIN, started_by=request.user):
            if line.error:
                self.message_user(request, f"{line.symbol}: {line.error}", messages.ERROR)
            else:
                held = f" Held back: {line.held}." if line.held else ""
                text = f"{line.symbol}: {line.added} rates added, {line.changed} changed.{held}"
                self.message_user(request, text, messages.WARNING if held else messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.rates)
        return [path("<str:code>/rates", view, name="currencies_currency_rates"), *super().get_urls()]

    def rates(self, request: HttpRequest, code: str) -> JsonResponse:
        """The chart's columns."""
        if not self.has_view_permission(request):
            return JsonResponse({"detail": "Not for you."}, status=403)
        return JsonResponse(currency_chart(code))


class RecordAdmin(admin.ModelAdmin):
    """Recorded by runs, so nobody edits it."""

    list_filter = [("base", admin.RelatedOnlyFieldListFilter), ("quote", admin.RelatedOnlyFieldListFilter), "source"]
    list_select_related = ["run"]
    date_hierarchy = "day"
    show_full_result_count = False

    @admin.display(description="quote per base")
    def exact(self, row: Any) -> str:
        return f"{row.quote_per_base.normalize():f}"

    @admin.display(description="recorded at")
    def recorded_at(self, row: Any) -> Any:
        return row.run.finished_at

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ExchangeRate)
class ExchangeRateAdmin(RecordAdmin):
    list_display = ["day", "base", "quote", "exact", "source", "recorded_at"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.freshness)
        return [path("freshness", view, name="currencies_exchangerate_freshness"), *super().get_urls()]

    def freshness(self, request: HttpRequest) -> TemplateResponse:
        """Every pair's last fixing, the stalest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Freshness of rates",
            "opts": self.opts,
            "rows": freshness(today=timezone.now().date()),
        }
        return TemplateResponse(request, "admin/currencies/exchangerate/freshness.html", context)


@admin.register(ExchangeRateRevision)
class ExchangeRateRevisionAdmin(RecordAdmin):
    list_display = ["day", "base", "quote", "exact", "source", "recorded_at", "superseded_at"]


admin.site.register(QuarantinedRates, QuarantinedRatesAdmin)
