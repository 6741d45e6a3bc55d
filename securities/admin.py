"""The back office of securities: list, page with chart, events, and "sync now"."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone

from finances.errors import RuleViolation
from finances.sync import queue
from finances.sync.models import SyncBatch, SyncRun
from securities.history import Adjustment, PriceQuery, read_chart
from securities.models import Dividend, Security, SecurityQuality, Split
from securities.quality_admin import SecurityQualityAdmin
from securities.review_admin import open_reviews_link
from securities.succession import check_successor, step_linked

SYNC_AT_ONCE = 500
"""How many symbols one order may have; more belong to the sync_prices command."""


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


class KeptBy(admin.SimpleListFilter):
    title = "kept by"
    parameter_name = "kept_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yahoo", "Yahoo (listed)"), ("hand", "Hand (manual)")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        kept = {"yahoo": queryset.listed, "hand": queryset.manual}.get(self.value() or "")
        return kept() if kept else queryset


class ToReview(admin.SimpleListFilter):
    title = "to review"
    parameter_name = "to_review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes: something waits for a decision"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = {"yes": True, "no": False}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(needs_review=wanted)


class SecurityForm(forms.ModelForm):
    """What is listed stays listed, and what is someone's stays theirs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Disabled and not left out: the constraints that name the owner are checked with the fields of the form.
        exists = self.instance.pk is not None  # then bars are stored in its currency
        fixed = {"owner": exists, "currency": exists, "successor": self.instance.is_manual}
        for name in fixed.keys() & self.fields.keys():
            self.fields[name].disabled = fixed[name]

    def clean(self) -> Any:
        facts = super().clean() or self.cleaned_data
        if "successor" in self.changed_data and {"successor", "currency"} <= facts.keys():
            try:
                # The page is one transaction, so what is checked here holds until the link is stored.
                check_successor(self.instance, facts["successor"], currency_code=facts["currency"].pk)
            except RuleViolation as error:
                self.add_error("successor", forms.ValidationError(str(error), code=error.code))
        return facts


@admin.register(Security)
class SecurityAdmin(admin.ModelAdmin):
    form = SecurityForm
    list_display = [
        "symbol", "name", "needs_review", "security_type", "exchange", "currency", "last_close", "last_day",
        "last_synced_at", "is_active",
    ]  # fmt: skip
    list_filter = [
        ToReview,
        KeptBy,
        "security_type",
        "is_active",
        "inactive_reason",
        "exchange",
        ("currency", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["currency"]
    search_fields = ["symbol", "name", "isin"]
    search_help_text = "Symbol, name or ISIN"
    show_full_result_count = False
    actions = ["sync_now"]
    autocomplete_fields = ["owner", "currency", "successor"]
    inlines = [SplitInline, DividendInline]
    readonly_fields = ["uuid", "quote_unit", "last_synced_at", "created_at", "updated_at"]
    fieldsets = [
        (None, {"fields": ["symbol", "name", "security_type", "exchange", "currency", "owner"]}),
        ("Renamed or delisted", {"fields": ["is_active", "inactive_reason", "successor"]}),
        ("Market", {"fields": ["quote_unit", "time_zone"]}),
        ("About", {"fields": ["sector", "industry", "market_cap", "isin"]}),
        ("Record", {"fields": ["uuid", "last_synced_at", "created_at", "updated_at"]}),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_latest_price().with_needs_review()  # type: ignore[attr-defined]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The fields that were edited and no others: a sync may have written since the page was opened."""
        obj.save(update_fields=[*form.changed_data, "updated_at"] if change else None)
        if "successor" in form.changed_data:
            step_linked(obj, form.initial.get("successor"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its whole price history would go with it; what is no longer traded is made inactive."""
        return False

    @admin.display(description="last close")
    def last_close(self, security: Security) -> float | None:
        return security.current_price

    @admin.display(description="to review", ordering="needs_review")
    def needs_review(self, security: Any) -> str:
        return open_reviews_link(security, "To review") if security.needs_review else ""

    @admin.display(description="on")
    def last_day(self, security: Security) -> Any:
        return security.price_at and security.price_at.date()

    @admin.action(description="Sync now (prices, splits, dividends)", permissions=["change"])
    def sync_now(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        for security in queryset.manual():
            self.message_user(request, f"{security}: kept by hand, never synced.", messages.WARNING)
        symbols = list(queryset.listed().values_list("symbol", flat=True)[: SYNC_AT_ONCE + 1])
        if len(symbols) > SYNC_AT_ONCE:
            self.message_user(request, f"Choose at most {SYNC_AT_ONCE}.", messages.ERROR)
            return None
        if not symbols:
            return None
        facts: Any = {"trigger": SyncRun.Trigger.ADMIN, "started_by": request.user, "intervals": ["1d"]}
        batch = queue.order(SyncBatch.Kind.PRICES, symbols, **facts)
        if not request.user.has_perm("sync.view_syncbatch"):
            self.message_user(request, f"A sync of {len(symbols)} was ordered.")
            return None
        # The page it leads to shows the progress.
        return redirect("admin:sync_syncbatch_change", batch.pk)

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


admin.site.register(SecurityQuality, SecurityQualityAdmin)
