"""Shapes of people and their credentials."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from rest_framework import serializers

from finances.api.fields import StrictBooleanField, StrictCharField
from finances.users.models import User, normalize_login
from finances.users.validators import validate_currency, validate_time_zone

EMAIL_LENGTH = 254


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


class RegisterSerializer(ProfileSerializer):
    email = LoginEmailField()
    password = StrictCharField(min_length=8, max_length=128, trim_whitespace=False, write_only=True)

    def validate_password(self, password: str) -> str:
        # Not in `validate`, which runs only once every field is right: all violations are told at once.
        email = str(self.initial_data.get("email", ""))[:EMAIL_LENGTH]
        try:
            validate_password(password, User(email=normalize_login(email)))
        except ValidationError as error:
            raise serializers.ValidationError(serializers.as_serializer_error(error)["non_field_errors"]) from error
        return password


class LoginSerializer(serializers.Serializer[Any]):
    email = LoginEmailField()
    password = StrictCharField(trim_whitespace=False, write_only=True)


class RefreshSerializer(serializers.Serializer[Any]):
    refresh_token = StrictCharField(required=False)


class TokenPairSerializer(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()


class UserStatusSerializer(serializers.Serializer[Any]):
    is_active = StrictBooleanField(required=False)
