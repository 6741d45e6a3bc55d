"""What the OpenAPI document says about the account's life by e-mail."""

from drf_spectacular.utils import extend_schema

from finances.api.schema import problem
from finances.users.api.docs import PAIR, answered, refusal, sent
from finances.users.api.serializers import (
    AcceptedSerializer,
    ChangePasswordSerializer,
    EmailTokenSerializer,
    ForgotPasswordSerializer,
    ResetPasswordSerializer,
    TokenPairSerializer,
)

RESET_ON_ITS_WAY = {"detail": "If this address has an account, a message is on its way to it."}
VERIFICATION_ON_ITS_WAY = {"detail": "If an address is left to verify, a message is on its way to it."}
CODE = "k3Jx0b9Zt1mYwq7sVd2fRc8nLh5uTg4aPe6oQi1Xz0M"
NEW_PASSWORD = "another good long secret"  # noqa: S105
LINK_REFUSED = "The link is invalid or has expired. Ask for a new one."
BOUND = "At most five such messages an hour; beyond them the answer stays the same."

forgot_password = extend_schema(
    summary="Ask for a password reset",
    description=(
        "Mails a token that sets a new password once, within 30 minutes, and replaces any earlier one. The answer is "
        f"the same, and as quick, whether the address has an account or not. {BOUND}"
    ),
    tags=["auth"],
    request=ForgotPasswordSerializer,
    responses={202: AcceptedSerializer},
    examples=[sent({"email": "alice@example.test"}), answered(RESET_ON_ITS_WAY, "202")],
)
reset_password = extend_schema(
    summary="Set a password by a token from an e-mail",
    description=(
        "Sets the password, ends all sessions of the user, and takes the address for verified. A password that breaks "
        "a rule (422) leaves the token as it is."
    ),
    tags=["auth"],
    request=ResetPasswordSerializer,
    responses={204: None, 400: problem("The token is unknown, used, replaced or expired.")},
    examples=[
        sent({"token": CODE, "new_password": NEW_PASSWORD}),
        refusal("400", "reset_token_invalid", LINK_REFUSED),
    ],
)
change_password = extend_schema(
    summary="Change one's own password",
    description=(
        "Needs the current password. Every token issued before ends, the one of this request too; the answer holds "
        "the first pair of a new session."
    ),
    tags=["auth"],
    request=ChangePasswordSerializer,
    responses={200: TokenPairSerializer, 400: problem("The current password is wrong.")},
    examples=[
        sent({"current_password": "correct horse battery staple", "new_password": NEW_PASSWORD}),
        answered(PAIR),
        refusal("400", "wrong_password", "The current password is wrong."),
    ],
)
verify_email = extend_schema(
    summary="Verify an e-mail address",
    description=(
        "Takes the token of a message sent at registration or to a new address; it works once, within 24 hours. A new "
        "address takes the old one's place here, and nowhere before."
    ),
    tags=["auth"],
    request=EmailTokenSerializer,
    responses={
        204: None,
        400: problem("The token is unknown, used, replaced or expired."),
        409: problem("The new address has got an account meanwhile."),
    },
    examples=[
        sent({"token": CODE}),
        refusal("400", "verification_token_invalid", LINK_REFUSED),
        refusal("409", "email_taken", "An account with this e-mail address exists already."),
    ],
)
resend_verification = extend_schema(
    summary="Send the verification again",
    description=f"For a new address that waits to be verified, else for the present one if it is unverified. {BOUND}",
    tags=["auth"],
    request=None,
    responses={202: AcceptedSerializer},
    examples=[answered(VERIFICATION_ON_ITS_WAY, "202")],
)
