"""What the OpenAPI document says about these operations."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema

from finances.api.schema import problem
from finances.users.api.serializers import (
    LoginSerializer,
    MeSerializer,
    RefreshSerializer,
    RegisterSerializer,
    TokenPairSerializer,
    UserSerializer,
    UserStatusSerializer,
)

CREDENTIALS = {"email": "alice@example.test", "password": "correct horse battery staple"}
PROFILE = {"base_currency": "EUR", "time_zone": "Europe/Vienna"}
USER = {
    "id": "7f1c8a50-3a3f-4b0e-9a55-0c4f5a2f6a11",
    "email": "alice@example.test",
    "is_active": True,
    "is_superuser": False,
    "is_verified": False,
    **PROFILE,
    "created_at": "2026-01-05T09:30:00.000000Z",
    "updated_at": "2026-01-05T09:30:00.000000Z",
}
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl"  # noqa: S105
PAIR = {"access_token": TOKEN, "refresh_token": TOKEN, "token_type": "bearer"}


def sent(value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample("Request", value=value, request_only=True)


def answered(value: Any, status: str = "200") -> OpenApiExample:
    return OpenApiExample("Answer", value=value, response_only=True, status_codes=[status])


def refusal(status: str, code: str, detail: str) -> OpenApiExample:
    body = {"detail": detail, "code": code}
    return OpenApiExample(code, value=body, response_only=True, status_codes=[status])


TOKEN_REFUSED = refusal("401", "token_not_valid", "The token is invalid or has expired.")
STAFF_ONLY = problem("For staff only; staff are changed and deleted by superusers only.")

register = extend_schema(
    summary="Register",
    description=(
        "Makes an account and mails a token that verifies its address. The address is stored normalised (NFKC) and in "
        "lower case."
    ),
    tags=["auth"],
    request=RegisterSerializer,
    responses={201: UserSerializer, 409: problem("The e-mail address has an account already.")},
    examples=[
        sent(CREDENTIALS | PROFILE),
        answered(USER, "201"),
        refusal("409", "email_taken", "An account with this e-mail address exists already."),
    ],
)
login = extend_schema(
    summary="Log in",
    description=(
        "Exchanges e-mail and password for an access token (30 minutes) and a refresh token (7 days). Whoever uses "
        "one-time codes sends one as `otp`. After 5 failures in 15 minutes the account is refused at this address for "
        "as long (429)."
    ),
    tags=["auth"],
    request=LoginSerializer,
    responses={
        200: TokenPairSerializer,
        401: problem("E-mail, password or one-time code is wrong or missing."),
        403: problem("The pair is right and the account disabled."),
        503: problem("More logins at once than the server checks; see Retry-After."),
    },
    examples=[
        sent(CREDENTIALS),
        answered(PAIR),
        refusal("401", "invalid_credentials", "The e-mail address or the password is wrong."),
        refusal("401", "otp_required", "This account needs a one-time code as well: send it as otp."),
        refusal("401", "otp_invalid", "The one-time code is wrong or was used before."),
        refusal("403", "account_disabled", "This account is disabled."),
        refusal("429", "locked_out", "Too many failed attempts. Try again later."),
        refusal("503", "busy", "Too many passwords are being checked at the moment. Try again in a moment."),
    ],
)
refresh = extend_schema(
    summary="Refresh",
    description=(
        "Exchanges a refresh token, sent as `refresh_token` or as `Authorization: Bearer`, for a new pair. Each works "
        "once: of several calls with one token a single one succeeds, and one that comes back later than 10 seconds "
        "after it was replaced ends the session."
    ),
    tags=["auth"],
    request=RefreshSerializer,
    responses={200: TokenPairSerializer, 401: problem("No valid refresh token.")},
    examples=[sent({"refresh_token": TOKEN}), answered(PAIR), TOKEN_REFUSED],
)
logout = extend_schema(
    summary="Log out",
    description=(
        "Ends the session of a refresh token, sent as `refresh_token` or as `Authorization: Bearer`, and with it the "
        "access token."
    ),
    tags=["auth"],
    request=RefreshSerializer,
    responses={204: None, 401: problem("No valid refresh token.")},
    examples=[sent({"refresh_token": TOKEN}), TOKEN_REFUSED],
)
read_me = extend_schema(
    summary="Read one's own account",
    description="The user to whom the access token belongs.",
    tags=["users"],
    responses={200: UserSerializer},
    examples=[answered(USER)],
)
change_me = extend_schema(
    summary="Change one's own account",
    description=(
        "Base currency (ISO 4217), time zone (IANA), e-mail address; other fields are ignored. Another address needs "
        "`current_password`. It is answered with the old one, which counts until the new one is verified by the "
        "message sent to it; the old one gets a notice."
    ),
    tags=["users"],
    request=MeSerializer,
    responses={200: UserSerializer, 400: problem("The current password is wrong.")},
    examples=[
        sent(PROFILE),
        OpenApiExample(
            "New address",
            value={"email": "alice@new.example.test", "current_password": CREDENTIALS["password"]},
            request_only=True,
        ),
        answered(USER),
        refusal("400", "wrong_password", "The current password is wrong."),
    ],
)
export_me = extend_schema(
    summary="Export one's own data",
    description=(
        "All that is stored about the user, as of one moment: one JSON object a line, each a `record`; the first has "
        "the `format`, the last counts the rows. docs/api.md describes it."
    ),
    tags=["users"],
    responses={(200, "application/x-ndjson"): OpenApiTypes.BINARY},
    examples=[
        OpenApiExample(
            "Lines",
            value=(
                '{"record":"export","format":1,"user_id":"7f1c8a50-3a3f-4b0e-9a55-0c4f5a2f6a11",'
                '"exported_at":"2026-01-05T09:30:00.000000Z"}\n'
                '{"record":"account_value","id":"0175f691-753b-436c-b164-22294d8a4395","value_date":"2025-12-31",'
                '"value":"16270.00000000",...}\n'
                '{"record":"end","rows":{"account_value":1}}\n'
            ),
            response_only=True,
            media_type="application/x-ndjson",
        )
    ],
)
delete_me = extend_schema(
    summary="Delete one's own account",
    description="Deletes the user and everything they own, at once and for good. No personal token may.",
    tags=["users"],
    responses={204: None, 403: problem("By a personal access token.")},
)
list_users = extend_schema(
    summary="List users",
    description="Everybody, oldest account first. For staff.",
    tags=["users"],
    responses={200: UserSerializer(many=True), 403: STAFF_ONLY},
    examples=[answered(USER)],
)
read_user = extend_schema(
    summary="Read a user",
    description="For staff.",
    tags=["users"],
    responses={200: UserSerializer, 403: STAFF_ONLY},
    examples=[answered(USER)],
)
change_user = extend_schema(
    summary="Disable or enable a user",
    description="Either ends all tokens of the user. For staff; superusers alone may change staff.",
    tags=["users"],
    request=UserStatusSerializer,
    responses={200: UserSerializer, 403: STAFF_ONLY},
    examples=[sent({"is_active": False}), answered(USER | {"is_active": False})],
)
delete_user = extend_schema(
    summary="Delete a user",
    description="Deletes the user and everything they own. For staff; superusers alone may delete staff.",
    tags=["users"],
    responses={204: None, 403: STAFF_ONLY},
)
