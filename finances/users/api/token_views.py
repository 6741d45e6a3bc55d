"""One's own personal access tokens."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from finances.users import personal_tokens
from finances.users.api import token_docs as docs
from finances.users.api.token_serializers import MadeTokenSerializer, NewTokenSerializer, PersonalTokenSerializer
from finances.users.api.views import SessionView
from finances.users.models import PersonalToken


class OwnTokens(SessionView, generics.GenericAPIView[PersonalToken]):
    queryset = PersonalToken.objects.all()
    serializer_class = PersonalTokenSerializer

    def get_queryset(self) -> QuerySet[PersonalToken]:
        return PersonalToken.objects.for_user(self.request.user).live(timezone.now()).order_by("-created_at", "pk")


class TokenListView(OwnTokens, generics.ListAPIView[PersonalToken]):
    @docs.list_tokens
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @docs.make_token
    def post(self, request: Request) -> Response:
        asked = NewTokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        token, secret = personal_tokens.make_token(self.request.user, **asked.validated_data)
        body = MadeTokenSerializer(token, context={"secret": secret}).data
        return Response(body, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


class TokenDetailView(OwnTokens):
    @docs.revoke_token
    def delete(self, request: Request, pk: str) -> Response:
        personal_tokens.revoke_token(self.get_object(), by=self.request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
