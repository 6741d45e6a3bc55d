from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from finances.sync.models import SyncRun


@admin.register(SyncRun)
class SyncRunAdmin(admin.ModelAdmin):
    """What was synced, by whom, with which outcome: a record, so nobody edits it."""

    list_display = [
        "symbol", "source", "status", "error_code", "bars_added", "bars_changed", "trigger", "started_by",
        "started_at", "finished_at",
    ]  # fmt: skip
    list_filter = ["status", "trigger", "source"]
    list_select_related = ["started_by"]
    search_fields = ["symbol"]
    date_hierarchy = "started_at"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
