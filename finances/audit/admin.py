from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from finances.audit.models import Entry, Seal


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Entry)
class EntryAdmin(ReadOnly):
    list_display = ["at", "actor_id", "action", "object_type", "object_id", "fields_set", "request_id", "seal"]
    list_filter = ["action", "object_type", "at"]
    list_select_related = ["seal"]
    search_fields = ["=object_id", "=actor_id", "=request_id"]
    search_help_text = "The id of an object, a user or a request"
    date_hierarchy = "at"
    show_full_result_count = False

    @admin.display(description="fields")
    def fields_set(self, entry: Entry) -> str:
        return ", ".join(entry.fields)


@admin.register(Seal)
class SealAdmin(ReadOnly):
    list_display = ["number", "sealed_at", "count", "digest"]
    show_full_result_count = False
