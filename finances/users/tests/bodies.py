"""Answers that many tests expect."""

from datetime import datetime
from typing import Any

from finances.users.models import User

NOT_AUTHENTICATED = {"detail": "Authentication credentials were not provided.", "code": "not_authenticated"}
TOKEN_NOT_VALID = {"detail": "The token is invalid or has expired.", "code": "token_not_valid"}
PERMISSION_DENIED = {"detail": "You do not have permission to perform this action.", "code": "permission_denied"}
NOT_FOUND = {"detail": "Not found.", "code": "not_found"}


def user_body(user: User, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(user.pk),
        "email": user.email,
        "is_active": True,
        "is_superuser": False,
        "is_verified": False,
        "base_currency": "USD",
        "time_zone": "UTC",
        "created_at": as_text(user.created_at),
        "updated_at": as_text(user.updated_at),
    } | changes


def as_text(moment: datetime) -> str:
    return moment.isoformat().removesuffix("+00:00") + "Z"


def invalid(where: str, field: str, msg: str, kind: str) -> dict[str, Any]:
    return {"detail": [{"loc": [where, field], "msg": msg, "type": kind}], "code": "validation_error"}


def assert_unauthenticated(response: Any, body: dict[str, str]) -> None:
    assert response.json() == body
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
