"""Shapes of one-time codes."""

from typing import Any

from rest_framework import serializers

from finances.api.fields import StrictCharField
from finances.users.api.serializers import LONGEST_PASSWORD


class TotpStateSerializer(serializers.Serializer[Any]):
    enrolled = serializers.BooleanField(help_text="Whether logins need a code.")
    recovery_codes_left = serializers.IntegerField()


class PasswordSerializer(serializers.Serializer[Any]):
    password = StrictCharField(
        max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True, help_text="One's own, current one."
    )


class TotpStartedSerializer(serializers.Serializer[Any]):
    otpauth_uri = serializers.CharField(help_text="For an authenticator app, mostly as a QR code.")


class OtpSerializer(serializers.Serializer[Any]):
    otp = StrictCharField(max_length=32, write_only=True, help_text="What the app shows.")


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Each works once in place of a code; shown this once."
    )
