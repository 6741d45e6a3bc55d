"""The back office of answers held back: the list, the old series with the new one drawn over it, the decision."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.views.decorators.http import require_POST

from finances.errors import FinancesError
from finances.users.models import User
from securities.models import Review, Security
from securities.review_figures import figures_of
from securities.review_preview import choices_of
from securities.review_series import series_of
from securities.reviews import accept_review, correct_review, reject_review

DECISIONS = {"accept": accept_review, "correct": correct_review, "reject": reject_review}


def open_reviews_link(security: Security, text: str) -> SafeString:
    """To the list of what waits for a decision about one security."""
    query = urlencode([("status__exact", Review.Status.OPEN.value), ("security__id__exact", str(security.pk))])
    return format_html('<a href="{}?{}">{}</a>', reverse("admin:securities_review_changelist"), query, text)


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["__str__", "detail", "age", "status", "decided_by"]
    list_filter = ["status", "reason", "interval"]
    list_select_related = ["security", "decided_by"]
    search_fields = ["security__symbol", "detail"]
    search_help_text = "Symbol or words of the detail"
    actions = ["accept_chosen", "correct_chosen", "reject_chosen"]
    change_form_template = "admin/held_back_form.html"
    fields = readonly_fields = (
        "security", "interval", "status", "decided_by", "decided_at", "opened_at", "last_seen_at", "run", "uuid",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("response")

    def get_ordering(self, request: HttpRequest) -> Any:
        return Review.OPEN_FIRST

    def get_fields(self, request: HttpRequest, obj: Review | None = None) -> Any:
        is_open = obj is not None and obj.status in (Review.Status.OPEN, Review.Status.OUTDATED)
        return [name for name in self.fields if not (is_open and name.startswith("decided_"))]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Review | None = None) -> bool:
        return False

    @admin.display(description="age", ordering="opened_at")
    def age(self, review: Review) -> str:
        return timesince(review.opened_at, depth=1)

    def get_urls(self) -> list[URLPattern]:
        series, decide = self.admin_site.admin_view(self.series), self.admin_site.admin_view(require_POST(self.decide))
        own = [
            path("<int:pk>/series", series, name="securities_review_series"),
            path("<int:pk>/decide", decide, name="securities_review_decide"),
        ]
        return [*own, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        review = self.get_object(request, object_id)
        shown = self._shown(request, review) if review is not None else {}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def _shown(self, request: HttpRequest, review: Review) -> dict[str, Any]:
        is_open = review.status == Review.Status.OPEN
        may_decide = is_open and self.has_change_permission(request)
        return {
            "show_save": False,
            "show_save_and_continue": False,
            "title": "Decide what to make of it" if may_decide else "What was held back",
            "subtitle": f"{review.security.symbol}, {review.security.name}",
            "cause": review.get_reason_display(),
            "detail": review.detail,
            "figures": figures_of(review),
            "choices": choices_of(review) if is_open else [],
            "may_decide": may_decide,
            "chart_title": "Closes as traded",
            "series_url": reverse("admin:securities_review_series", args=[review.pk]),
            "decide_url": reverse("admin:securities_review_decide", args=[review.pk]),
        }

    def series(self, request: HttpRequest, pk: int) -> JsonResponse:
        """The chart's columns."""
        if not self.has_view_permission(request):
            return JsonResponse({"detail": "Not for you."}, status=403)
        return JsonResponse(series_of(get_object_or_404(Review.objects.select_related("security"), pk=pk)))

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        review = get_object_or_404(Review.objects.select_related("security"), pk=pk)
        self._decide(request, [review], request.POST.get("decision", ""))
        return HttpResponseRedirect(reverse("admin:securities_review_change", args=[pk]))

    @admin.action(description="Accept as they came", permissions=["change"])
    def accept_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self._decide(request, queryset, "accept")

    @admin.action(description="Apply the proposed corrections", permissions=["change"])
    def correct_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self._decide(request, queryset, "correct")

    @admin.action(description="Reject", permissions=["change"])
    def reject_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self._decide(request, queryset, "reject")

    def _decide(self, request: HttpRequest, reviews: Any, decision: str) -> None:
        if not self.has_change_permission(request) or decision not in DECISIONS:
            raise PermissionDenied
        for review in reviews:
            try:
                with transaction.atomic():
                    decided = DECISIONS[decision](review, by=cast("User", request.user))
                    self.log_change(request, decided, f"{decided.get_status_display()}.")
            except FinancesError as error:
                self.message_user(request, f"{review}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{review}: {decided.get_status_display().lower()}.", messages.SUCCESS)
