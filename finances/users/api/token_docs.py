"""What the OpenAPI document says about personal access tokens."""

from drf_spectacular.utils import extend_schema

from finances.api.schema import problem
from finances.users.api.docs import answered, refusal, sent
from finances.users.api.token_serializers import MadeTokenSerializer, NewTokenSerializer, PersonalTokenSerializer

ASKED = {"name": "Spreadsheet", "scope": "read", "expires_at": "2027-01-05T00:00:00Z"}
TOKEN = {
    "id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    **ASKED,
    "created_at": "2026-01-05T09:30:00.000000Z",
    "expires_at": "2027-01-05T00:00:00Z",
    "last_used_at": None,
}

list_tokens = extend_schema(
    summary="List one's own personal access tokens",
    description="Those that count, the newest first. `last_used_at` is kept to the minute.",
    tags=["auth"],
    responses={200: PersonalTokenSerializer(many=True)},
    examples=[answered(TOKEN)],
)
make_token = extend_schema(
    summary="Make a personal access token",
    description=(
        "For scripts: `Authorization: Bearer fin_pat_...`. The answer shows it this once. With the scope `read` it is "
        "good for GET, HEAD and OPTIONS. It never has the rights of staff, and nothing under `auth/` takes it, nor "
        "does the deletion of the account. It ends when it expires or is revoked, and with every change of the "
        "password and every disabling of the account. At most 50."
    ),
    tags=["auth"],
    request=NewTokenSerializer,
    responses={201: MadeTokenSerializer, 400: problem("There are 50 already.")},
    examples=[
        sent(ASKED),
        answered(TOKEN | {"token": "fin_pat_1xUYqkzN0bA3cWqv7J5pT2sRd8eMhGf4LoKi6yZaXwE"}, "201"),
        refusal("400", "too_many_tokens", "There are 50 tokens already. Revoke one first."),
    ],
)
revoke_token = extend_schema(
    summary="Revoke a personal access token",
    description="One of one's own; it ends at its next request.",
    tags=["auth"],
    responses={204: None},
)
