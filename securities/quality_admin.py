"""The back office of price quality: every security, the stalest first, and the measured figures of one."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from securities.models import SecurityQuality
from securities.models.quality import price_state
from securities.quality import FIGURES, Quality, measure
from securities.review_admin import open_reviews_link

SHOWN = ("changed_bars", "quarantined")


class StalestFirst(ChangeList):
    def get_ordering_field_columns(self) -> Any:
        """No column is marked as sorted by until one is clicked."""
        return super().get_ordering_field_columns() if ORDER_VAR in self.params else {}


class SecurityQualityAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when the code runs
    """To look at. The list is one statement; the trading calendar is asked on a security's own page only."""

    list_display = [
        "symbol",
        "exchange",
        "days_since",
        "last_day",
        "changed",
        "to_decide",
        "last_synced_at",
        "is_active",
    ]
    list_filter = ["is_active", "security_type", "exchange"]
    search_fields = ["symbol", "name", "isin"]
    show_full_result_count = False
    fields = ["symbol", "name", "exchange", "last_synced_at", "figures"]
    readonly_fields = ["symbol", "name", "exchange", "last_synced_at", "figures"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(**price_state())

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return StalestFirst

    def get_ordering(self, request: HttpRequest) -> Any:
        # Not the attribute `ordering`: Django's checks take an annotation for a missing field.
        return [F("last_bar").asc(nulls_first=True), "pk"]

    @admin.display(description="days since", ordering=F("last_bar").desc(nulls_last=True))
    def days_since(self, row: Any) -> int | None:
        return (timezone.now() - row.last_bar).days if row.last_bar else None

    @admin.display(description="last bar", ordering="last_bar")
    def last_day(self, row: Any) -> Any:
        return row.last_bar and row.last_bar.date()

    @admin.display(description="changed bars", ordering="changed_bars")
    def changed(self, row: Any) -> Any:
        return row.changed_bars

    @admin.display(description="to decide", ordering="open_reviews")
    def to_decide(self, row: Any) -> Any:
        return open_reviews_link(row, row.open_reviews) if row.open_reviews else 0

    @admin.display(description="measured now")
    def figures(self, row: SecurityQuality) -> SafeString:
        quality = measure(row, today=timezone.now().astimezone(ZoneInfo(row.time_zone)).date())
        return format_html_join("", "{}: {}<br>", _lines(quality))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _lines(quality: Quality) -> Iterator[tuple[str, Any]]:
    causes = {cause["figure"]: cause["detail"] for cause in quality.missing}
    for name in (*FIGURES, *SHOWN):
        yield name.replace("_", " "), causes.get(name, getattr(quality, name))
    for part in quality.parts:
        yield f"{part.name} ({part.weight} points)", "unknown" if part.value is None else part.value
    if quality.missing_dates:
        yield "newest missing days", ", ".join(map(str, quality.missing_dates))
