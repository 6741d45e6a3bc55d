"""What the OpenAPI document says about one-time codes."""

from drf_spectacular.utils import extend_schema

from finances.api.schema import problem
from finances.users.api.docs import CREDENTIALS, answered, refusal, sent
from finances.users.api.totp_serializers import (
    OtpSerializer,
    PasswordSerializer,
    RecoveryCodesSerializer,
    TotpStartedSerializer,
    TotpStateSerializer,
)

PASSWORD = {"password": CREDENTIALS["password"]}
URI = (
    "otpauth://totp/Finances%20API%3Aalice%40example.test"
    "?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30&issuer=Finances%20API"
)
WRONG_PASSWORD = refusal("400", "wrong_password", "The current password is wrong.")

read_totp = extend_schema(
    summary="Tell whether one-time codes are in use",
    description="And how many recovery codes are left.",
    tags=["auth"],
    responses={200: TotpStateSerializer},
    examples=[answered({"enrolled": True, "recovery_codes_left": 10})],
)
start_totp = extend_schema(
    summary="Start to use one-time codes",
    description=(
        "Answers the secret for an authenticator app (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds). Nothing changes "
        "until it is confirmed with a code; starting again replaces the secret."
    ),
    tags=["auth"],
    request=PasswordSerializer,
    responses={
        201: TotpStartedSerializer,
        400: problem("The password is wrong."),
        409: problem("They are in use already."),
    },
    examples=[
        sent(PASSWORD),
        answered({"otpauth_uri": URI}, "201"),
        WRONG_PASSWORD,
        refusal("409", "totp_enrolled", "One-time codes are in use already. End that first."),
    ],
)
confirm_totp = extend_schema(
    summary="Confirm one-time codes",
    description=(
        "From now on logins need a code (`otp`), and this session counts as begun with one. Answers recovery codes. "
        "A code works once: the next login takes the next one."
    ),
    tags=["auth"],
    request=OtpSerializer,
    responses={
        200: RecoveryCodesSerializer,
        400: problem("The code is wrong."),
        409: problem("There is nothing to confirm."),
    },
    examples=[
        sent({"otp": "492039"}),
        answered({"recovery_codes": ["mzxw-6ytb-oi4d-2k7q", "onsw-g4tf-oq3d-ce5a"]}),
        refusal("400", "otp_invalid", "The one-time code is wrong or was used before."),
        refusal("409", "totp_not_started", "There is nothing to confirm. Start first."),
    ],
)
end_totp = extend_schema(
    summary="End one-time codes",
    description=(
        'Needs the password in a JSON body, as the start does (`{"password": "..."}`), which OpenAPI has no place for '
        "at DELETE. Recovery codes end with them, and so do the rights of staff where these need a code."
    ),
    tags=["auth"],
    request=None,
    responses={204: None, 400: problem("The password is wrong.")},
    examples=[WRONG_PASSWORD],
)
