"""The back office's page for lockouts: a counter that is deleted lets its account or address try again."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from finances.users.lockout import limit_of
from finances.users.models import LoginFailures


@admin.register(LoginFailures)
class LoginFailuresAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("__str__", "account", "address", "failures", "is_locked", "expires_at")
    search_fields = ("account", "address")
    fields = ("account", "address", "failures", "is_locked", "expires_at")
    ordering = ("-expires_at", "pk")

    @admin.display(boolean=True, description="locked")
    def is_locked(self, counter: LoginFailures) -> bool:
        return counter.failures >= limit_of(counter) and counter.expires_at > timezone.now()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LoginFailures | None = None) -> bool:
        return False
