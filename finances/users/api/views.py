"""Registering, logging in, and people."""

from dataclasses import asdict
from typing import Any

from rest_framework import generics, status
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from finances import background, errors
from finances.api.throttles import LoginThrottle
from finances.api.writes import Writes
from finances.users import hashing, tokens
from finances.users.api import docs
from finances.users.api.filters import UserFilter
from finances.users.api.serializers import (
    LoginSerializer,
    MeSerializer,
    RefreshSerializer,
    RegisterSerializer,
    UserSerializer,
    UserStatusSerializer,
)
from finances.users.api.throttles import NewEmailThrottle
from finances.users.authentication import bearer_token
from finances.users.clients import read_client
from finances.users.credentials import check_credentials, register_user
from finances.users.groups import is_support
from finances.users.models import User
from finances.users.permissions import BySession
from finances.users.verification import allow_change, change_account, send_verification

OF_USER = frozenset({"GET", "HEAD", "PATCH", "DELETE"})


class CredentialsView(APIView):
    """For callers without an access token; one in the header is not looked at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (LoginThrottle,)


class SessionView(APIView):
    """For people who have logged in: what a personal token must not reach."""

    request: Any  # its user is one of ours: the permissions let nobody else in
    permission_classes: Any = (IsAuthenticated, BySession)


class PasswordView(CredentialsView):
    """Refuses at once while more passwords are being checked than the server has room for: a flood must be cheap."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        hashing.PLACES.refuse_if_full()
        super().initial(request, *args, **kwargs)


class RegisterView(PasswordView):
    @docs.register
    def post(self, request: Request) -> Response:
        registration = RegisterSerializer(data=request.data)
        registration.is_valid(raise_exception=True)
        user = register_user(**registration.validated_data)
        background.mail.later(send_verification, user)
        return Response(UserSerializer(user).data, status=status.HTTP_201_CREATED)


class LoginView(PasswordView):
    @docs.login
    def post(self, request: Request) -> Response:
        login = LoginSerializer(data=request.data)
        login.is_valid(raise_exception=True)
        client = read_client(request)
        user, otp_verified = check_credentials(client=client, **login.validated_data)
        return token_response(tokens.issue_tokens(user, client, otp_verified=otp_verified))


class RefreshView(CredentialsView):
    @docs.refresh
    def post(self, request: Request) -> Response:
        return token_response(tokens.rotate(_refresh_token(request), read_client(request)))


class LogoutView(CredentialsView):
    @docs.logout
    def post(self, request: Request) -> Response:
        tokens.end_session(_refresh_token(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _refresh_token(request: Request) -> str:
    """From the body, else the header: clients tend to send their access token in the header always."""
    body = RefreshSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    token = body.validated_data.get("refresh_token", bearer_token(request))
    if token is None:
        raise errors.Unauthenticated("Authentication credentials were not provided.")
    return str(token)


def token_response(pair: tokens.TokenPair) -> Response:
    return Response(asdict(pair), headers={"Cache-Control": "no-store"})


class MeView(Writes):
    request: Any  # its user is one of ours: the default permission lets nobody else in
    throttle_classes = (*APIView.throttle_classes, NewEmailThrottle)
    audited_as = "user"
    object_methods = OF_USER

    def named_id(self, request: Request) -> str:
        return str(self.request.user.pk)

    def prepare_write(self, request: Request) -> None:
        if request.method == "PATCH":
            changes = MeSerializer(data=request.data, context={"user": self.request.user})
            changes.is_valid(raise_exception=True)
            self._change = allow_change(self.request.user, read_client(request), **changes.validated_data)

    def lock_object(self, request: Request) -> None:
        withheld, self.request.user = self.request.user.privileges_withheld, User.objects.lock(self.request.user.pk)
        if withheld:
            self.request.user.withhold_privileges()

    def get_permissions(self) -> list[Any]:
        deletes = self.request.method == "DELETE"
        return [*super().get_permissions(), *([BySession()] if deletes else [])]

    @docs.read_me
    def get(self, request: Request) -> Response:
        return Response(UserSerializer(self.request.user).data)

    @docs.change_me
    def patch(self, request: Request) -> Response:
        change_account(self.request.user, self._change)
        return Response(UserSerializer(self.request.user).data)

    @docs.delete_me
    def delete(self, request: Request) -> Response:
        self.request.user.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class ManagesPeople(BasePermission):
    """Staff read about everybody; only superusers change or delete staff, and Support changes nobody."""

    def has_object_permission(self, request: Any, view: Any, obj: User) -> bool:
        if request.method in SAFE_METHODS:
            return True
        return obj.is_manageable_by(request.user) and not is_support(request.user)


class UserListView(generics.ListAPIView[User]):
    queryset = User.objects.order_by("created_at", "pk")
    permission_classes = (IsAdminUser,)
    serializer_class = UserSerializer
    filterset_class = UserFilter

    @docs.list_users
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class UserView(Writes, generics.GenericAPIView[User]):
    queryset = User.objects.all()
    permission_classes = (IsAdminUser, ManagesPeople)
    serializer_class = UserSerializer
    audited_as = "user"
    object_methods = OF_USER

    def lock_object(self, request: Request) -> None:
        User.objects.lock(self.get_object().pk)

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
