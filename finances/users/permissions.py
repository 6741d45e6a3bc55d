"""Who may do what staff do, and what only people who have logged in may do."""

from typing import Any

from rest_framework.permissions import BasePermission, IsAdminUser
from rest_framework.request import Request

from finances import errors
from finances.users.authentication import SessionGrant
from finances.users.groups import is_support
from finances.users.models import User


class WritesAsStaff(IsAdminUser):
    """Staff, except those of the Support group, who only look on."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return super().has_permission(request, view) and isinstance(user, User) and not is_support(user)


class PersonalTokenRefused(errors.Forbidden):
    code = "personal_token_refused"
    message = "A personal access token may not do this: log in."


class BySession(BasePermission):
    """Logged in with a password: no personal token makes or ends credentials, its own among them."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is not None and not isinstance(request.auth, SessionGrant):
            raise PersonalTokenRefused
        return True
