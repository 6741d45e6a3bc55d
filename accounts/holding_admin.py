"""The back office of holdings."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Holding


class HoldingInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable when the code runs
    """What an account holds, to look at on the account's page."""

    model = Holding
    fields = ["security", "quantity", "average_cost", "acquired_on", "updated_at"]
    readonly_fields = ["security", "quantity", "average_cost", "acquired_on", "updated_at"]
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("security")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Holding)
class HoldingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["security", "account", "owner", "quantity", "average_cost", "currency", "acquired_on", "updated_at"]
    list_filter = ["account__account_type", "security__security_type"]
    list_select_related = ["account__owner", "security"]
    search_fields = ["account__name", "security__symbol", "account__owner__email"]
    search_help_text = "Account, symbol or the owner's e-mail address"
    show_full_result_count = False
    autocomplete_fields = ["account", "security"]
    readonly_fields = ["id", "created_at", "updated_at"]
    fieldsets = [
        (None, {"fields": ["account", "security", "quantity", "average_cost", "acquired_on"]}),
        ("Record", {"fields": ["id", "created_at", "updated_at"]}),
    ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A holding stays in its account and of its security."""
        return [*self.readonly_fields, *(["account", "security"] if obj else [])]

    @admin.display(ordering="account__owner__email")
    def owner(self, holding: Holding) -> Any:
        return holding.account.owner

    @admin.display(ordering="security__currency_id")
    def currency(self, holding: Holding) -> str:
        return holding.currency_id
