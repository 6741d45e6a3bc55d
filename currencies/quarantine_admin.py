"""The back office of rates held back: what was answered, beside what is stored, and the decision."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from currencies.models import ExchangeRate, QuarantinedRates
from currencies.quarantine import accept, reject
from finances.errors import Conflict
from finances.users.models import User
from finances.users.requests import SignedInRequest

SHOWN = 60


class QuarantinedRatesAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when the code runs
    """Decided on, never edited."""

    list_display = ["pair", "source", "reason", "first_day", "last_day", "count", "status", "created_at", "decided_by"]
    list_filter = ["status", "reason", "source"]
    list_select_related = ["decided_by"]
    actions = ["accept", "reject"]
    fields = ["pair", "source", "reason", "status", "answered", "run", "created_at", "decided_by", "decided_at"]
    readonly_fields = [
        "pair",
        "source",
        "reason",
        "status",
        "answered",
        "run",
        "created_at",
        "decided_by",
        "decided_at",
    ]

    @admin.display(description="pair")
    def pair(self, row: QuarantinedRates) -> str:
        return f"{row.base_id}/{row.quote_id}"

    @admin.display(description="first day")
    def first_day(self, row: QuarantinedRates) -> str:
        return str(row.rates[0][0])

    @admin.display(description="last day")
    def last_day(self, row: QuarantinedRates) -> str:
        return str(row.rates[-1][0])

    @admin.display(description="rates")
    def count(self, row: QuarantinedRates) -> int:
        return len(row.rates)

    @admin.display(description=f"newest {SHOWN}: day, answered, stored")
    def answered(self, row: QuarantinedRates) -> SafeString:
        shown = row.rates[-SHOWN:]
        days = [date.fromisoformat(day) for day, _rate in shown]
        rows = ExchangeRate.objects.of_pair(row.base_id, row.quote_id).filter(source=row.source, day__in=days)
        stored = {str(day): f"{rate.normalize():f}" for day, rate in rows.values_list("day", "quote_per_base")}
        lines = [(day, rate, stored.get(day, "nothing")) for day, rate in reversed(shown)]
        return format_html_join("", "{}: {}, stored: {}<br>", lines)

    @admin.action(description="Accept: store these rates", permissions=["change"])
    def accept(self, request: SignedInRequest, queryset: Any) -> None:
        self._decide(request, queryset, accept, "accepted")

    @admin.action(description="Reject: do not hold these rates again", permissions=["change"])
    def reject(self, request: SignedInRequest, queryset: Any) -> None:
        self._decide(request, queryset, reject, "rejected")

    def _decide(self, request: SignedInRequest, queryset: Any, decide: Callable[..., Any], done: str) -> None:
        staff: User = request.user
        for row in queryset:
            try:
                decide(row, by=staff)
            except Conflict as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{row}: {done}.", messages.SUCCESS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
