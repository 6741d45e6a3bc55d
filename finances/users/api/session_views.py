"""One's own sessions: where one is logged in, and ending that."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from finances.users import tokens
from finances.users.api import session_docs as docs
from finances.users.api.session_serializers import SessionSerializer
from finances.users.api.views import SessionView
from finances.users.models import Session


class OwnSessions(SessionView, generics.GenericAPIView[Session]):
    queryset = Session.objects.all()
    serializer_class = SessionSerializer

    def get_queryset(self) -> QuerySet[Session]:
        return Session.objects.for_user(self.request.user).live(timezone.now()).order_by("-created_at", "pk")


class SessionListView(OwnSessions, generics.ListAPIView[Session]):
    @docs.list_sessions
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @docs.end_other_sessions
    def delete(self, request: Request) -> Response:
        tokens.revoke_other_sessions(self.request.user, self.request.auth.session_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionDetailView(OwnSessions):
    @docs.end_session
    def delete(self, request: Request, pk: str) -> Response:
        tokens.revoke_session(self.get_object(), by=self.request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
