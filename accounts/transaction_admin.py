"""The back office of the ledger: to look at, with what each transaction said before. Owners write it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.history_admin import NEWEST, NewestFormSet, is_own_page
from accounts.models import Transaction, TransactionRevision
from securities.admin import ReadOnlyInline

FIGURES: list[str | list[str] | tuple[str, ...] | tuple[()]] = [
    "trade_date", "settlement_date", "quantity", "unit_price", "amount", "fees", "taxes", "currency", "fx_rate",
    "ratio_numerator", "ratio_denominator", "cost_fraction", "units_as_of", "acquired_on", "lots",
]  # fmt: skip


class IsVoided(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("live", "Counts"), ("voided", "Voided")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = {"live": True, "voided": False}.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(voided_at__isnull=chosen)


class TransactionInline(ReadOnlyInline):
    """On the account's page."""

    model = Transaction
    fk_name = "account"
    formset = NewestFormSet
    verbose_name_plural = f"transactions (the newest {NEWEST})"
    fields = ["trade_date", "type", "security", "quantity", "unit_price", "amount", "currency", "voided_at"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("security", "currency")


class TransactionRevisionInline(ReadOnlyInline):
    model = TransactionRevision
    fk_name = "transaction"
    verbose_name_plural = "what it said before"
    fields = [
        "recorded_at", "superseded_at", "superseded_by", "reason", "trade_date", "quantity", "unit_price", "amount",
        "fees", "taxes", "currency", "fx_rate",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("superseded_by", "currency")


@admin.register(Transaction)
class TransactionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when the code runs
    list_display = [
        "trade_date", "type", "account", "owner", "security", "quantity", "unit_price", "amount", "currency",
        "recorded_at", "counts",
    ]  # fmt: skip
    list_filter = [IsVoided, "type", "account__account_type", "trade_date"]
    list_select_related = ["account__owner", "security", "currency"]
    search_fields = ["account__name", "account__owner__email", "security__symbol", "external_id", "note"]
    search_help_text = "Account, owner, symbol, external id or note"
    show_full_result_count = False
    date_hierarchy = "trade_date"
    inlines = [TransactionRevisionInline]
    fieldsets = [
        (None, {"fields": ["account", "type", "counter_account", "security", "new_security"]}),
        ("Figures", {"fields": FIGURES}),
        ("About", {"fields": ["note", "external_id", "tags"]}),
        ("Record", {"fields": [
            "id", "sequence", "posted_at", "posted_by", "recorded_at", "voided_at", "voided_by", "void_reason",
        ]}),
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not by itself; with its account or owner."""
        return not is_own_page(self, request) and super().has_delete_permission(request, obj)

    @admin.display(ordering="account__owner__email")
    def owner(self, row: Transaction) -> Any:
        return row.account.owner

    @admin.display(boolean=True)
    def counts(self, row: Transaction) -> bool:
        return row.voided_at is None
