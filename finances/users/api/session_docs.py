"""What the OpenAPI document says about sessions."""

from drf_spectacular.utils import extend_schema

from finances.users.api.docs import answered
from finances.users.api.session_serializers import SessionSerializer

SESSION = {
    "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "created_at": "2026-01-05T09:30:00.000000Z",
    "last_used_at": "2026-01-06T07:15:00.000000Z",
    "expires_at": "2026-01-13T07:15:00.000000Z",
    "address": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "is_current": True,
}

list_sessions = extend_schema(
    summary="List one's own sessions",
    description="Logins that can still be refreshed, the newest first, each with where it was begun or refreshed last.",
    tags=["auth"],
    responses={200: SessionSerializer(many=True)},
    examples=[answered(SESSION)],
)
end_other_sessions = extend_schema(
    operation_id="auth_sessions_destroy_others",
    summary="End all other sessions",
    description="All of one's own but that of this request; their access tokens end at their next request.",
    tags=["auth"],
    responses={204: None},
)
end_session = extend_schema(
    summary="End a session",
    description="One of one's own; its access token ends at its next request.",
    tags=["auth"],
    responses={204: None},
)
