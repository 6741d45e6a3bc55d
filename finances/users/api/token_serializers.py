"""Shapes of personal access tokens."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from finances.api.fields import StrictCharField, StrictChoiceField
from finances.users.models import PersonalToken
from finances.users.personal_tokens import LIFETIME_AT_MOST


class PersonalTokenSerializer(serializers.ModelSerializer[PersonalToken]):
    class Meta:
        model = PersonalToken
        fields: Any = ("id", "name", "scope", "created_at", "expires_at", "last_used_at")
        read_only_fields = fields


class NewTokenSerializer(serializers.Serializer[Any]):
    name = StrictCharField(max_length=100, help_text="For its owner to know it by.")
    scope = StrictChoiceField(choices=PersonalToken.Scope.choices)
    expires_at = serializers.DateTimeField(help_text="UTC, ISO 8601; within 366 days.")

    def validate_expires_at(self, moment: datetime) -> datetime:
        now = timezone.now()
        if not now < moment <= now + LIFETIME_AT_MOST:
            raise serializers.ValidationError(
                f"This moment must lie within the next {LIFETIME_AT_MOST.days} days.", code="out_of_range"
            )
        return moment


class MadeTokenSerializer(PersonalTokenSerializer):
    token = serializers.SerializerMethodField(help_text="The secret, shown this once.")

    class Meta(PersonalTokenSerializer.Meta):
        fields: Any = (*PersonalTokenSerializer.Meta.fields, "token")
        read_only_fields = fields

    def get_token(self, token: PersonalToken) -> str:
        return str(self.context["secret"])
