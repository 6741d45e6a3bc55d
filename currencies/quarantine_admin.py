"""The back office of rates held back: what was answered, beside what is stored, and the decision."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from currencies.models import QuarantinedRates
from currencies.quarantine import accept, reject
from currencies.quarantine_review import choices_of, figures_of, series_of
from finances.errors import Conflict
from finances.users.models import User
from finances.users.requests import SignedInRequest

DECISIONS: dict[str, tuple[Callable[..., Any], str]] = {"accept": (accept, "accepted"), "reject": (reject, "rejected")}


class QuarantinedRatesAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when the code runs
    """Decided on, never edited."""

    list_display = ["pair", "source", "reason", "first_day", "last_day", "count", "status", "created_at", "decided_by"]
    list_filter = ["status", "reason", "source"]
    list_select_related = ["decided_by"]
    actions = ["accept", "reject"]
    change_form_template = "admin/held_back_form.html"
    fields = readonly_fields = ("pair", "source", "status", "decided_by", "decided_at", "created_at", "run")

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

    def get_fields(self, request: HttpRequest, obj: QuarantinedRates | None = None) -> Any:
        is_open = obj is not None and obj.status == QuarantinedRates.Status.OPEN
        return [name for name in self.fields if not (is_open and name.startswith("decided_"))]

    def get_urls(self) -> list[URLPattern]:
        series, decide = self.admin_site.admin_view(self.series), self.admin_site.admin_view(require_POST(self.decide))
        own = [
            path("<int:pk>/series", series, name="currencies_quarantinedrates_series"),
            path("<int:pk>/decide", decide, name="currencies_quarantinedrates_decide"),
        ]
        return [*own, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        held = self.get_object(request, object_id)
        shown = self._shown(request, held) if held is not None else {}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def _shown(self, request: HttpRequest, held: QuarantinedRates) -> dict[str, Any]:
        is_open = held.status == QuarantinedRates.Status.OPEN
        may_decide = is_open and self.has_change_permission(request)
        count = len(held.rates)
        return {
            "show_save": False,
            "show_save_and_continue": False,
            "title": "Decide what to make of it" if may_decide else "What was held back",
            "subtitle": f"{self.pair(held)} from {held.source}",
            "cause": held.get_reason_display(),
            "detail": f"{count} {'rate' if count == 1 else 'rates'}, {self.first_day(held)} to {self.last_day(held)}.",
            "figures": figures_of(held),
            "choices": choices_of(held) if is_open else [],
            "may_decide": may_decide,
            "chart_title": "Daily rates",
            "series_url": reverse("admin:currencies_quarantinedrates_series", args=[held.pk]),
            "decide_url": reverse("admin:currencies_quarantinedrates_decide", args=[held.pk]),
        }

    def series(self, request: HttpRequest, pk: int) -> JsonResponse:
        """The chart's columns."""
        if not self.has_view_permission(request):
            return JsonResponse({"detail": "Not for you."}, status=403)
        return JsonResponse(series_of(get_object_or_404(QuarantinedRates, pk=pk)))

    def decide(self, request: SignedInRequest, pk: int) -> HttpResponse:
        held = get_object_or_404(QuarantinedRates, pk=pk)
        decision = request.POST.get("decision", "")
        if not self.has_change_permission(request) or decision not in DECISIONS:
            raise PermissionDenied
        self._decide(request, [held], *DECISIONS[decision])
        return HttpResponseRedirect(reverse("admin:currencies_quarantinedrates_change", args=[pk]))

    @admin.action(description="Accept: store these rates", permissions=["change"])
    def accept(self, request: SignedInRequest, queryset: Any) -> None:
        self._decide(request, queryset, *DECISIONS["accept"])

    @admin.action(description="Reject: do not hold these rates again", permissions=["change"])
    def reject(self, request: SignedInRequest, queryset: Any) -> None:
        self._decide(request, queryset, *DECISIONS["reject"])

    def _decide(self, request: SignedInRequest, rows: Any, decide: Callable[..., Any], done: str) -> None:
        staff: User = request.user
        for row in rows:
            try:
                with transaction.atomic():
                    decide(row, by=staff)
                    self.log_change(request, row, f"{done.capitalize()}.")
            except Conflict as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{row}: {done}.", messages.SUCCESS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
