"""Groups of staff that every installation has."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet

from finances.users.models import User

SUPPORT = "Support"
TOTP = "otp_totp"
"""The app of a library whose page in the back office is our own, without secrets."""


def ensure_support_group() -> Group:
    """The group whose members see everything of this project and change nothing.

    Only ever adds: members stay, and so does what a superuser has granted beyond it. Run it after `migrate`.
    """
    support, _ = Group.objects.get_or_create(name=SUPPORT)
    support.permissions.add(*view_permissions())
    return support


def view_permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label__in=[*_own_apps(), TOTP], codename__startswith="view_")


def is_support(user: User) -> bool:
    """Whether they only look on, in the API as in the back office."""
    return not user.is_superuser and user.groups.filter(name=SUPPORT).exists()


def _own_apps() -> list[str]:
    """By where they are, since this floor does not know the apps above it; a virtual environment may lie inside."""
    return [
        config.label
        for config in apps.get_app_configs()
        if Path(config.path).is_relative_to(settings.BASE_DIR) and "site-packages" not in Path(config.path).parts
    ]
