"""Shapes of people and their credentials."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from rest_framework import serializers

from finances.api.fields import StrictBooleanField, StrictCharField
from finances.users.credentials import EMAIL_LENGTH
from finances.users.models import User, normalize_login
from finances.users.passwords import owner_of_reset
from finances.users.validators import validate_currency, validate_time_zone

LONGEST_PASSWORD = 1024
"""Of one that is tried; new ones are shorter."""


class LoginEmailField(StrictCharField, serializers.EmailField):
    """An e-mail address in its stored form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=EMAIL_LENGTH, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        email = super().to_internal_value(data)
        # What is refused for its length need not be normalised, which can make it many times longer.
        return normalize_login(email) if len(email) <= EMAIL_LENGTH else email


class UserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "is_active",
            "is_superuser",
            "is_verified",
            "base_currency",
            "time_zone",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class ProfileSerializer(serializers.Serializer[Any]):
    """What people say about themselves."""

    base_currency = StrictCharField(required=False, max_length=3, validators=[validate_currency])
    time_zone = StrictCharField(required=False, max_length=64, validators=[validate_time_zone])


class NewPasswordField(StrictCharField):
    """Its other rules are Django's validators, which want to know whose it is: `check_password_rules`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=8, max_length=128, trim_whitespace=False, write_only=True, **kwargs)


def check_password_rules(password: str, owner: User | None) -> str:
    # Not in `validate`, which runs only once every field is right: all violations are told at once.
    try:
        validate_password(password, owner)
    except ValidationError as error:
        raise serializers.ValidationError(serializers.as_serializer_error(error)["non_field_errors"]) from error
    return password


class RegisterSerializer(ProfileSerializer):
    email = LoginEmailField()
    password = NewPasswordField()

    def validate_password(self, password: str) -> str:
        email = str(self.initial_data.get("email", ""))[:EMAIL_LENGTH]
        return check_password_rules(password, User(email=normalize_login(email)))


class LoginSerializer(serializers.Serializer[Any]):
    email = LoginEmailField()
    password = StrictCharField(max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True)
    otp = StrictCharField(
        required=False, max_length=32, write_only=True, help_text="A one-time code or recovery code, once enrolled."
    )


class MeSerializer(ProfileSerializer):
    """One's own account; another e-mail address needs the password."""

    email = LoginEmailField(required=False, help_text="Counts once it is verified by the message sent to it.")
    current_password = StrictCharField(
        required=False,
        max_length=LONGEST_PASSWORD,
        trim_whitespace=False,
        write_only=True,
        help_text="Needed beside an `email` that is new.",
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        # Decided beforehand, so that its absence is told together with all other violations.
        fields["current_password"].required = self._is_new(getattr(self, "initial_data", None))
        return fields

    def _is_new(self, data: Any) -> bool:
        email = data.get("email") if isinstance(data, dict) else None
        if not isinstance(email, str) or not email:
            return False
        return normalize_login(email[:EMAIL_LENGTH]) != str(self.context["user"].email)


class ForgotPasswordSerializer(serializers.Serializer[Any]):
    email = LoginEmailField()


class EmailTokenSerializer(serializers.Serializer[Any]):
    token = StrictCharField(max_length=100, write_only=True, help_text="From the message.")


class ResetPasswordSerializer(EmailTokenSerializer):
    new_password = NewPasswordField()

    def validate_new_password(self, password: str) -> str:
        token = self.initial_data.get("token")
        return check_password_rules(password, owner_of_reset(token) if isinstance(token, str) else None)


class ChangePasswordSerializer(serializers.Serializer[Any]):
    current_password = StrictCharField(max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True)
    new_password = NewPasswordField()

    def validate_new_password(self, password: str) -> str:
        return check_password_rules(password, self.context["user"])


class AcceptedSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()


class RefreshSerializer(serializers.Serializer[Any]):
    refresh_token = StrictCharField(required=False, max_length=4096)


class TokenPairSerializer(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()


class UserStatusSerializer(serializers.Serializer[Any]):
    is_active = StrictBooleanField(required=False)
