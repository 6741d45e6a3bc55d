"""Registering, logging in, and people."""

from dataclasses import asdict
from typing import Any

from rest_framework import generics, status
from rest_framework.permissions import AllowAny, BasePermission, IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from finances import errors
from finances.api.throttles import LoginThrottle
from finances.users import tokens
from finances.users.api import docs
from finances.users.api.filters import UserFilter
from finances.users.api.serializers import (
    LoginSerializer,
    ProfileSerializer,
    RefreshSerializer,
    RegisterSerializer,
    UserSerializer,
    UserStatusSerializer,
)
from finances.users.credentials import check_credentials, register_user
from finances.users.models import User


class CredentialsView(APIView):
    """For callers without an access token; one in the header is not looked at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (LoginThrottle,)


class RegisterView(CredentialsView):
    @docs.register
    def post(self, request: Request) -> Response:
        registration = RegisterSerializer(data=request.data)
        registration.is_valid(raise_exception=True)
        user = register_user(**registration.validated_data)
        return Response(UserSerializer(user).data, status=status.HTTP_201_CREATED)


class LoginView(CredentialsView):
    @docs.login
    def post(self, request: Request) -> Response:
        login = LoginSerializer(data=request.data)
        login.is_valid(raise_exception=True)
        user = check_credentials(**login.validated_data)
        return _token_response(tokens.issue_tokens(user))


class RefreshView(CredentialsView):
    @docs.refresh
    def post(self, request: Request) -> Response:
        return _token_response(tokens.rotate(_refresh_token(request)))


class LogoutView(CredentialsView):
    @docs.logout
    def post(self, request: Request) -> Response:
        tokens.end_session(_refresh_token(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _refresh_token(request: Request) -> str:
    """From the body, else the header: clients tend to send their access token in the header always."""
    body = RefreshSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    token = body.validated_data.get("refresh_token", tokens.bearer_token(request))
    if token is None:
        raise errors.Unauthenticated("Authentication credentials were not provided.")
    return str(token)


def _token_response(pair: tokens.TokenPair) -> Response:
    return Response(asdict(pair), headers={"Cache-Control": "no-store"})


class MeView(APIView):
    request: Any  # its user is one of ours: the default permission lets nobody else in

    @docs.read_me
    def get(self, request: Request) -> Response:
        return Response(UserSerializer(self.request.user).data)

    @docs.change_me
    def patch(self, request: Request) -> Response:
        profile = ProfileSerializer(data=request.data)
        profile.is_valid(raise_exception=True)
        self.request.user.change(**profile.validated_data)
        return Response(UserSerializer(self.request.user).data)

    @docs.delete_me
    def delete(self, request: Request) -> Response:
        self.request.user.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class ManagesPeople(BasePermission):
    """Staff read about everybody; only superusers change or delete staff."""

    def has_object_permission(self, request: Any, view: Any, obj: User) -> bool:
        return request.method in ("GET", "HEAD", "OPTIONS") or obj.is_manageable_by(request.user)


class UserListView(generics.ListAPIView[User]):
    queryset = User.objects.order_by("created_at", "pk")
    permission_classes = (IsAdminUser,)
    serializer_class = UserSerializer
    filterset_class = UserFilter

    @docs.list_users
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class UserView(generics.GenericAPIView[User]):
    queryset = User.objects.all()
    permission_classes = (IsAdminUser, ManagesPeople)
    serializer_class = UserSerializer

    @docs.read_user
    def get(self, request: Request, pk: str) -> Response:
        return Response(UserSerializer(self.get_object()).data)

    @docs.change_user
    def patch(self, request: Request, pk: str) -> Response:
        user = self.get_object()
        changes = UserStatusSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        if "is_active" in changes.validated_data:
            User.objects.filter(pk=user.pk).set_active(changes.validated_data["is_active"])
        return Response(UserSerializer(self.get_object()).data)

    @docs.delete_user
    def delete(self, request: Request, pk: str) -> Response:
        self.get_object().delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
