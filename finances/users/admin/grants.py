"""The back office's pages for sessions and personal tokens: seen and ended, never made or changed."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from finances.errors import NotFound
from finances.users.models import PersonalToken, Session, User
from finances.users.personal_tokens import revoke_token
from finances.users.tokens import revoke_session


class GrantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_select_related = ("user",)
    search_fields = ("user__email",)
    actions = ("revoke",)
    end: ClassVar[Callable[..., None]]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).order_by("-created_at", "pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"users.delete_{self.opts.model_name}")  # type: ignore[union-attr]

    @admin.action(description="Revoke: end them at their next request", permissions=["revoke"])
    def revoke(self, request: Any, queryset: QuerySet[Any]) -> None:
        ended = 0
        for grant in queryset.filter(user__in=User.objects.manageable_by(request.user)):
            with suppress(NotFound):  # it has ended already
                self.end(grant, by=request.user)
                ended += 1
        self.message_user(request, f"{ended} revoked.", messages.SUCCESS)


@admin.register(Session)
class SessionAdmin(GrantAdmin):
    list_display = (
        "user", "created_at", "rotated_at", "address", "user_agent", "otp_verified", "expires_at", "revoked_at"
    )  # fmt: skip
    list_filter = ("created_at", "revoked_at", "otp_verified")
    fields = list_display
    end = staticmethod(revoke_session)


@admin.register(PersonalToken)
class PersonalTokenAdmin(GrantAdmin):
    list_display = ("user", "name", "scope", "created_at", "last_used_at", "expires_at")
    list_filter = ("scope", "created_at", "last_used_at")
    fields = list_display
    end = staticmethod(revoke_token)
