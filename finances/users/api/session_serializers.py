"""Shapes of sessions."""

from rest_framework import serializers

from finances.users.models import Session


class SessionSerializer(serializers.ModelSerializer[Session]):
    last_used_at = serializers.DateTimeField(help_text="Of its last login or refresh.")
    is_current = serializers.SerializerMethodField(help_text="Whether this request was made by it.")

    class Meta:
        model = Session
        fields = ("id", "created_at", "last_used_at", "expires_at", "address", "user_agent", "is_current")
        read_only_fields = fields

    def get_is_current(self, session: Session) -> bool:
        return bool(session.pk == self.context["request"].auth.session_id)
