"""One's own sessions: where one is logged in, and ending that."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from finances.audit.trail import record
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
        own, user = self.request.auth.session_id, self.request.user
        others = self.get_queryset().exclude(pk=own).order_by()
        with transaction.atomic():
            others.revoke(timezone.now(), of=user.pk)  # type: ignore[attr-defined]
            record("revoke_others", "session", own, actor_id=user.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionDetailView(OwnSessions):
    @docs.end_session
    def delete(self, request: Request, pk: str) -> Response:
        session, user = self.get_object(), self.request.user
        with transaction.atomic():
            Session.objects.filter(pk=session.pk).revoke(timezone.now(), of=user.pk)
            record("revoke", "session", session.pk, actor_id=user.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
