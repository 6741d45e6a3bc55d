"""One's own one-time codes."""

from typing import Any

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from finances.api.throttles import LoginThrottle
from finances.users import totp
from finances.users.api import totp_docs as docs
from finances.users.api.totp_serializers import OtpSerializer, PasswordSerializer
from finances.users.api.views import SessionView
from finances.users.clients import read_client
from finances.users.credentials import confirm_password

SECRET = {"Cache-Control": "no-store"}


class TotpView(SessionView):
    throttle_classes = (LoginThrottle,)

    @docs.read_totp
    def get(self, request: Request) -> Response:
        user = self.request.user
        return Response({"enrolled": totp.is_enrolled(user), "recovery_codes_left": totp.recovery_codes_left(user)})

    @docs.start_totp
    def post(self, request: Request) -> Response:
        self._confirm_password(request)
        device = totp.start(self.request.user)
        return Response({"otpauth_uri": device.config_url}, status=status.HTTP_201_CREATED, headers=SECRET)

    @docs.end_totp
    def delete(self, request: Request) -> Response:
        self._confirm_password(request)
        totp.end(self.request.user, by=self.request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _confirm_password(self, request: Any) -> None:
        form = PasswordSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        confirm_password(self.request.user, form.validated_data["password"], read_client(request))


class TotpConfirmView(SessionView):
    throttle_classes = (LoginThrottle,)

    @docs.confirm_totp
    def post(self, request: Request) -> Response:
        form = OtpSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        codes = totp.confirm(self.request.user, form.validated_data["otp"], self.request.auth.session_id)
        return Response({"recovery_codes": codes}, headers=SECRET)
