"""The back office's page for one-time codes: who has them, and taking them away from who has lost the device.

django-otp's own pages show and take secrets, so they are not offered.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from finances.users import totp
from finances.users.models import User

admin.site.unregister([StaticDevice, TOTPDevice])


@admin.register(TOTPDevice)
class TOTPDeviceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("user", "confirmed", "created_at", "last_used_at")
    list_filter = ("confirmed",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    fields = list_display
    ordering = ("user__email", "pk")
    actions = ("reset",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_reset_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("otp_totp.delete_totpdevice")  # type: ignore[union-attr]

    @admin.action(description="Reset: end one-time codes and recovery codes of their users", permissions=["reset"])
    def reset(self, request: Any, queryset: QuerySet[TOTPDevice]) -> None:
        users = User.objects.manageable_by(request.user).filter(totpdevice__in=queryset).distinct()
        for user in users:
            totp.end(user, by=request.user)
        self.message_user(request, f"{len(users)} reset.", messages.SUCCESS)
