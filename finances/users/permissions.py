"""Who may do what staff do."""

from typing import Any

from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request

from finances.users.groups import is_support
from finances.users.models import User


class WritesAsStaff(IsAdminUser):
    """Staff, except those of the Support group, who only look on."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return super().has_permission(request, view) and isinstance(user, User) and not is_support(user)
