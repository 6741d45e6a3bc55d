"""The back office of institutions and accounts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path

from accounts.history import read_chart
from accounts.history_admin import NEWEST, NewestFormSet
from accounts.holding_admin import HoldingInline
from accounts.ledger.projection import refresh_holdings
from accounts.lifecycle import HoldsSecurities, delete_account, has_transfers, holds_or_held
from accounts.models import Account, AccountValue, AccountValueRevision, FinancialInstitution
from accounts.portfolio.cash import read_cash
from accounts.transaction_admin import TransactionInline
from finances.api.fields import money_text
from securities.admin import ReadOnlyInline


class OwnersRowAdmin(admin.ModelAdmin):
    """Rows stay with their owner."""

    show_full_result_count = False
    list_select_related = ["owner"]
    autocomplete_fields = ["owner"]
    readonly_fields = ["id", "created_at", "updated_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = super().get_readonly_fields(request, obj)
        return fixed if obj is None else [*fixed, "owner"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Only what was changed is written: what the owner changes meanwhile stays."""
        obj.save(update_fields=[*form.changed_data, "updated_at"] if change else None)


@admin.register(FinancialInstitution)
class FinancialInstitutionAdmin(OwnersRowAdmin):
    list_display = ["name", "institution_type", "country", "owner", "updated_at"]
    list_filter = ["institution_type"]
    search_fields = ["name", "owner__email"]
    search_help_text = "Name or owner"
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = [
        (None, {"fields": ["name", "institution_type", "country", "url", "owner"]}),
        ("Record", {"fields": ["id", "created_at", "updated_at"]}),
    ]  # fmt: skip


class ValueInline(ReadOnlyInline):
    model = AccountValue
    formset = NewestFormSet
    verbose_name_plural = f"values (the newest {NEWEST})"
    fields = ["value_date", "value", "recorded_at"]


class RevisionInline(ReadOnlyInline):
    model = AccountValueRevision
    formset = NewestFormSet
    verbose_name_plural = f"values replaced or deleted (the newest {NEWEST})"
    fields = ["value_date", "value", "recorded_at", "superseded_at"]


class AccountForm(forms.ModelForm):
    def clean(self) -> Any:
        facts = super().clean() or {}
        institution, owner = facts.get("financial_institution"), facts.get("owner", self.instance.owner_id)
        if institution is not None and institution.owner_id != getattr(owner, "pk", owner):
            self.add_error("financial_institution", "This institution belongs to somebody else.")
        if "account_type" in self.changed_data and facts.get("account_type") not in Account.INVESTMENT_LIKE:
            self._check_holds_nothing()
        return facts

    def _check_holds_nothing(self) -> None:
        if not self.instance._state.adding and holds_or_held(self.instance):
            self.add_error("account_type", HoldsSecurities.message)


@admin.register(Account)
class AccountAdmin(OwnersRowAdmin):
    form = AccountForm
    list_display = [
        "name", "account_type", "owner", "financial_institution", "shown_value", "latest_day", "is_active",
    ]  # fmt: skip
    list_filter = ["account_type", "is_active", "currency"]
    list_select_related = ["owner", "financial_institution"]
    search_fields = ["name", "owner__email"]
    search_help_text = "Name or owner"
    autocomplete_fields = ["owner", "financial_institution", "currency"]
    readonly_fields = [*OwnersRowAdmin.readonly_fields, "cash"]
    inlines = [HoldingInline, TransactionInline, ValueInline, RevisionInline]
    fieldsets = [
        (None, {"fields": ["name", "account_type", "owner", "financial_institution", "currency", "is_active"]}),
        ("Terms", {"fields": ["interest_rate", "opened_on", "closed_on"]}),
        ("Books", {"fields": ["cost_basis_method", "allow_short", "cash"]}),
        ("Record", {"fields": ["id", "created_at", "updated_at"]}),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_latest_value()  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is recorded in an account is in its currency, and counted by its method."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if obj is None else [*fixed, "currency", "cost_basis_method", "allow_short"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Other accounts' books follow from its transfers."""
        return super().has_delete_permission(request, obj) and not (obj is not None and has_transfers(obj))

    def delete_model(self, request: HttpRequest, obj: Account) -> None:
        delete_account(obj.pk)

    def get_actions(self, request: HttpRequest) -> Any:
        """Deleted one by one, since each may have transfers."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """With holdings in today's units."""
        account = super().get_object(request, object_id, from_field)
        if account is not None:
            refresh_holdings(account.holdings.all())
        return account

    @admin.display(description="cash by the ledger")
    def cash(self, account: Account) -> str:
        balances = read_cash(account, as_of=account.owner.today()).balances
        return ", ".join(f"{money_text(row.balance, row.currency_code)} {row.currency_code}" for row in balances) or "-"

    @admin.display(description="recorded value")
    def shown_value(self, account: Account) -> str | None:
        value, code = account.latest_value, account.currency_id
        return None if value is None else f"{money_text(value, code)} {code}"

    @admin.display(description="on", ordering="latest_value_date")
    def latest_day(self, account: Account) -> Any:
        return account.latest_value_date

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.values)
        return [path("<uuid:pk>/values", view, name="accounts_account_values"), *super().get_urls()]

    def values(self, request: HttpRequest, pk: Any) -> JsonResponse:
        """The chart's columns."""
        if not self.has_view_permission(request):
            return JsonResponse({"detail": "Not for you."}, status=403)
        account = get_object_or_404(Account.objects.select_related("owner"), pk=pk)
        return JsonResponse(read_chart(account, today=account.owner.today()))
