from typing import Any

from django.contrib import admin
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse

from finances.sync.models import SyncBatch, SyncRun

INLINE_ROWS = 1000
"""What a page shows of a batch; the rest is in the list of runs."""

REFRESH_SECONDS = 3


class Record:
    """Written by syncs, so nobody edits it."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StateFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [*SyncRun.Status.choices]

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.filter(state=self.value()) if self.value() else queryset


class FirstRows(BaseInlineFormSet):
    """Those of a long batch: an inline has no pages."""

    def get_queryset(self) -> Any:
        return SyncRun.objects.in_order(self.instance)[:INLINE_ROWS]


class RunInline(Record, admin.TabularInline):
    model = SyncRun
    extra = 0
    verbose_name_plural = "outcomes"
    readonly_fields = [
        "symbol", "state", "error_code", "bars_added", "bars_changed", "bars_quarantined", "begun_at", "seconds",
    ]  # fmt: skip
    fields = [*readonly_fields]

    formset = FirstRows

    @admin.display(description="status")
    def state(self, run: Any) -> str:
        return SyncRun.Status(run.state).label

    @admin.display(description="seconds")
    def seconds(self, run: SyncRun) -> float | None:
        return run.duration_seconds


@admin.register(SyncBatch)
class SyncBatchAdmin(Record, admin.ModelAdmin):
    """What was ordered to be synced, by whom, and what became of it."""

    list_display = [
        "started_at", "kind", "scope", "shown_state", "error_code", "symbols", "succeeded", "failed", "bars_added",
        "bars_changed", "bars_quarantined", "seconds", "trigger", "started_by",
    ]  # fmt: skip
    list_filter = [StateFilter, "kind", "trigger", "scope"]
    list_select_related = ["started_by"]
    search_fields = ["runs__symbol"]
    search_help_text = "A symbol that was part of it"
    date_hierarchy = "started_at"
    show_full_result_count = False
    inlines = [RunInline]
    readonly_fields = [
        "kind", "scope", "intervals", "shown_state", "error_code", "symbols", "succeeded", "failed", "bars_added",
        "bars_changed", "bars_quarantined", "started_at", "finished_at", "seconds", "trigger", "started_by", "resumes",
        "host", "pid",
    ]  # fmt: skip
    fields = [*readonly_fields]

    def get_queryset(self, request: HttpRequest) -> Any:
        batches: Any = super().get_queryset(request)
        return batches.shown()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Of one under way anew every few seconds, so that its progress shows."""
        response = super().render_change_form(request, context, *args, **kwargs)
        if context["original"].finished_at is None:
            response["Refresh"] = str(REFRESH_SECONDS)
        return response

    @admin.display(description="status", ordering="state")
    def shown_state(self, batch: SyncBatch) -> str:
        return SyncRun.Status(batch.state).label

    @admin.display(description="seconds")
    def seconds(self, batch: SyncBatch) -> float | None:
        return batch.duration_seconds

    @admin.display
    def symbols(self, batch: SyncBatch) -> int:
        return batch.symbols

    @admin.display
    def succeeded(self, batch: SyncBatch) -> int:
        return batch.succeeded

    @admin.display
    def failed(self, batch: SyncBatch) -> int:
        return batch.failed

    @admin.display(description="added")
    def bars_added(self, batch: Any) -> int:
        return int(batch.bars_added)

    @admin.display(description="changed")
    def bars_changed(self, batch: Any) -> int:
        return int(batch.bars_changed)

    @admin.display(description="quarantined")
    def bars_quarantined(self, batch: Any) -> int:
        return int(batch.bars_quarantined)


@admin.register(SyncRun)
class SyncRunAdmin(Record, admin.ModelAdmin):
    """What was synced of one symbol, by whom, with which outcome."""

    list_display = [
        "symbol", "source", "status", "error_code", "bars_added", "bars_changed", "bars_quarantined", "trigger",
        "started_by", "started_at", "finished_at",
    ]  # fmt: skip
    list_filter = ["status", "trigger", "source"]
    list_select_related = ["started_by"]
    search_fields = ["symbol"]
    date_hierarchy = "started_at"
    show_full_result_count = False
