"""The back office's pages for people."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from finances.users.forms import AddUserForm, ChangeUserForm
from finances.users.models import User, UserQuerySet

PRIVILEGES = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    form = ChangeUserForm
    add_form = AddUserForm
    list_display = ("email", "is_active", "is_verified", "is_staff", "base_currency", "last_login", "created_at")
    list_filter = ("is_active", "is_verified", "is_staff", "is_superuser", "created_at")
    search_fields = ("email",)
    ordering = ("email",)
    actions = ("deactivate",)
    readonly_fields = ("password_link", "last_login", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("email", "password_link", "is_active", "is_verified")}),
        ("Profile", {"fields": ("base_currency", "time_zone")}),
        ("Permissions", {"fields": PRIVILEGES}),
        ("Dates", {"fields": ("last_login", "created_at", "updated_at")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)

    @admin.display(description="Password")
    def password_link(self, user: User) -> str:
        return format_html('<a href="{}">Set password</a>', reverse("admin:auth_user_password_change", args=[user.pk]))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only superusers hand out privileges: whoever may change people could otherwise promote themselves."""
        mine = super().get_readonly_fields(request, obj)
        return mine if request.user.is_superuser else (*mine, *PRIVILEGES)

    def has_change_permission(self, request: Any, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_manageable_by(request.user))

    def has_delete_permission(self, request: Any, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_manageable_by(request.user))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Only what was changed is written: a password set meanwhile stays set."""
        if not change:
            obj.save()
            return
        if "is_active" in form.changed_data:
            obj.end_tokens()
        if "email" in form.changed_data:
            # A change of address that is still waiting would undo this one.
            obj.email_tokens.all().end(timezone.now())
        columns = {field.name for field in obj._meta.concrete_fields} & set(form.changed_data)
        obj.save(update_fields={*columns, "updated_at"})

    @admin.action(description="Deactivate users and end their sessions", permissions=["change"])
    def deactivate(self, request: Any, queryset: UserQuerySet) -> None:
        with transaction.atomic():
            users = list(queryset.manageable_by(request.user).filter(is_active=True))
            changed = User.objects.filter(pk__in=[user.pk for user in users]).set_active(False)
            for user in users:
                self.log_change(request, user, "Deactivated.")
        self.message_user(request, f"Deactivated {changed} users.", messages.SUCCESS)
