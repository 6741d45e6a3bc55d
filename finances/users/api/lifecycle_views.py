"""The account's life by e-mail: a forgotten password, a new one, and which address is the user's."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from finances import background
from finances.api.throttles import LoginThrottle
from finances.users import passwords, verification
from finances.users.api import lifecycle_docs as docs
from finances.users.api.serializers import (
    ChangePasswordSerializer,
    EmailTokenSerializer,
    ForgotPasswordSerializer,
    ResetPasswordSerializer,
)
from finances.users.api.views import CredentialsView, SessionView, token_response
from finances.users.clients import read_client


class ForgotPasswordView(CredentialsView):
    @docs.forgot_password
    def post(self, request: Request) -> Response:
        form = ForgotPasswordSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        # Even whether the address is known is looked up later: the answer takes as long for any.
        background.mail.later(passwords.send_reset, form.validated_data["email"])
        return Response(docs.RESET_ON_ITS_WAY, status=status.HTTP_202_ACCEPTED)


class ResetPasswordView(CredentialsView):
    @docs.reset_password
    def post(self, request: Request) -> Response:
        form = ResetPasswordSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        passwords.reset_password(read_client(request), **form.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


class VerifyEmailView(CredentialsView):
    @docs.verify_email
    def post(self, request: Request) -> Response:
        form = EmailTokenSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        verification.verify_email(form.validated_data["token"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class ChangePasswordView(SessionView):
    throttle_classes = (LoginThrottle,)

    @docs.change_password
    def post(self, request: Request) -> Response:
        form = ChangePasswordSerializer(data=request.data, context={"user": self.request.user})
        form.is_valid(raise_exception=True)
        return token_response(
            passwords.change_password(
                self.request.user,
                read_client(request),
                current=form.validated_data["current_password"],
                new=form.validated_data["new_password"],
                otp_verified=self.request.auth.otp_verified,
            )
        )


class ResendVerificationView(SessionView):
    throttle_classes = (LoginThrottle,)

    @docs.resend_verification
    def post(self, request: Request) -> Response:
        background.mail.later(verification.resend_verification, self.request.user)
        return Response(docs.VERIFICATION_ON_ITS_WAY, status=status.HTTP_202_ACCEPTED)
