"""The back office, of which no page that writes can forget the trail: each registered page is given it here."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from finances.audit.trail import record


class AuditedPage(admin.ModelAdmin):  # type: ignore[type-arg]
    """Django tells these methods of each addition, change and deletion, in the transaction of the page."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        request.audited_fields = form.changed_data  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        _record(request, "create", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        _record(request, "change", obj)
        return super().log_change(request, obj, message)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        _record(request, "delete", obj)
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            _record(request, "delete", obj)
        super().delete_queryset(request, queryset)


class AuditedSite(admin.AdminSite):
    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        page = admin_class or admin.ModelAdmin
        super().register(model_or_iterable, type(page.__name__, (AuditedPage, page), {}), **options)


def _record(request: Any, action: str, obj: Any) -> None:
    fields: Iterable[str] = getattr(request, "audited_fields", ())
    record(action, obj._meta.label_lower, obj.pk, actor_id=request.user.pk, fields=fields)
