"""The back office of holdings."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.history_admin import is_own_page
from accounts.holding_figures import Held, HoldingFigures, figures_of
from accounts.holdings import add_holding, change_holding, is_opened_alone, is_stated, remove_holding
from accounts.ledger.projection import refresh_holdings
from accounts.models import Holding
from finances.api.fields import decimal_text, money_text
from finances.users.models import User


class HoldingInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable when the code runs
    """What an account holds, to look at on the account's page."""

    model = Holding
    verbose_name_plural = "positions"
    readonly_fields = [
        "security", "shown_quantity", "average_cost", "shown_cost", "price", "market_value", "gain", "acquired_on",
    ]  # fmt: skip
    fields = [*readonly_fields]
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request).select_related("account", "security")
        return rows.with_price_and_splits()

    @admin.display(description="quantity")
    def shown_quantity(self, holding: Holding) -> str:
        return decimal_text(holding.quantity)

    @admin.display(description="cost")
    def shown_cost(self, holding: Holding) -> str:
        return _money(_figures(holding).cost, holding)

    @admin.display(description="price")
    def price(self, holding: Holding) -> str:
        price, at = _figures(holding).current_price, holding.price_at
        return "-" if price is None or at is None else f"{price} of {at:%Y-%m-%d}"

    @admin.display(description="value")
    def market_value(self, holding: Holding) -> str:
        return _money(_figures(holding).market_value, holding)

    @admin.display(description="unrealized gain")
    def gain(self, holding: Holding) -> str:
        return _money(_figures(holding).unrealized_gain, holding)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _figures(holding: Holding) -> HoldingFigures:
    security = holding.security
    held = Held(
        holding.quantity, holding.cost, security.currency_id, security.time_zone, holding.last_close, holding.price_at,
        holding.splits,
    )  # fmt: skip
    return figures_of(held, now=timezone.now())


def _money(amount: Decimal | None, holding: Holding) -> str:
    return "-" if amount is None else f"{money_text(amount, holding.currency_id)} {holding.currency_id}"


FACTS = ("quantity", "average_cost", "acquired_on")


class HoldingForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when the code runs
    def clean_acquired_on(self) -> Any:
        day = self.cleaned_data["acquired_on"]
        if day is not None and day > timezone.now().date():
            raise forms.ValidationError("This is after today.", code="acquired_in_future")
        return day


@admin.register(Holding)
class HoldingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What somebody stated can be stated otherwise; what follows from transactions is to look at."""

    form = HoldingForm
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

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """In today's units."""
        holding = super().get_object(request, object_id, from_field)
        if holding is not None:
            refresh_holdings(Holding.objects.filter(pk=holding.pk))
            holding = super().get_object(request, object_id, from_field)
        return holding

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A holding stays in its account and of its security."""
        return [*self.readonly_fields, *(["account", "security"] if obj else [])]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_opened_alone(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By itself only what was stated; all go with their account or owner."""
        kept = obj is not None and is_own_page(self, request) and not is_stated(obj)
        return super().has_delete_permission(request, obj) and not kept

    def get_actions(self, request: HttpRequest) -> Any:
        """Deleted one by one, since each may follow from transactions."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: Holding, form: Any, change: bool) -> None:
        staff, today = cast("User", request.user), timezone.now().date()
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            change_holding(obj, changes, user=staff, today=today)
            return
        figures = {name: form.cleaned_data[name] for name in FACTS}
        obj.pk = add_holding(obj.account, security=obj.security, user=staff, today=today, **figures).pk
        obj._state.adding = False

    def delete_model(self, request: HttpRequest, obj: Holding) -> None:
        remove_holding(obj, user=cast("User", request.user))

    @admin.display(ordering="account__owner__email")
    def owner(self, holding: Holding) -> Any:
        return holding.account.owner

    @admin.display(ordering="security__currency_id")
    def currency(self, holding: Holding) -> str:
        return holding.currency_id
