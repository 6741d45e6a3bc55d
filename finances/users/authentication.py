"""Who a request comes from: by the access token of a session, or by a personal access token."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from finances import data_versions
from finances.api.counted import Found, count_and_read
from finances.api.repeats import STANDING, Standing
from finances.api.throttles import COUNTED, RequestThrottle
from finances.users import principal_cache
from finances.users.models import PersonalToken, Session, User
from finances.users.personal_tokens import PREFIX, read_personal_token
from finances.users.principal_cache import GetMany
from finances.users.principals import Principal, session_principal
from finances.users.signing import Claims, InvalidToken, read_access_token


@dataclass(frozen=True, slots=True)
class SessionGrant:
    """`request.auth` of a request with an access token."""

    session_id: UUID
    otp_verified: bool


def bearer_token(request: Request) -> str | None:
    """What follows `Bearer` in the Authorization header; None without one or with another scheme."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """`request.auth` of a request with a personal access token."""

    token_id: UUID
    scope: str


class AccessTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`, and the user and the session as they are now."""

    def authenticate(self, request: Request) -> tuple[User, SessionGrant] | None:
        raw = bearer_token(request)
        if raw is None or raw.startswith(PREFIX):
            return None
        try:
            claims = read_access_token(raw)
            principal = _principal_of(claims, _counting(request._request, claims))
        except InvalidToken as error:
            raise exceptions.AuthenticationFailed(str(error), code=error.code) from error
        grant = SessionGrant(claims.session, principal.facts["otp_verified"])
        if settings.REQUIRE_STAFF_TOTP and not grant.otp_verified:
            principal.user.withhold_privileges()
        structlog.contextvars.bind_contextvars(user_id=str(principal.user.pk))
        data_versions.act_for(principal.user)
        return principal.user, grant

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class PersonalTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer fin_pat_...`: the user as they are now, less what staff may do."""

    def authenticate(self, request: Request) -> tuple[User, TokenGrant] | None:
        raw = bearer_token(request)
        if raw is None or not raw.startswith(PREFIX):
            return None
        try:
            principal = read_personal_token(raw)
        except InvalidToken as error:
            raise exceptions.AuthenticationFailed(str(error), code=error.code) from error
        grant = TokenGrant(principal.facts["id"], principal.facts["scope"])
        structlog.contextvars.bind_contextvars(user_id=str(principal.user.pk), token_id=str(grant.token_id))
        if grant.scope == PersonalToken.Scope.READ and request.method not in SAFE_METHODS:
            raise exceptions.PermissionDenied("This token only reads.", code="token_read_only")
        principal.user.withhold_privileges()
        data_versions.act_for(principal.user)
        return principal.user, grant


def _counting(request: Any, claims: Claims) -> GetMany | None:
    """The request counts for the throttle that views have by default in the same question to the cache that finds the
    principal, and the versions of what they see; None for who was counted before."""
    if hasattr(request, COUNTED):
        return None

    def get_many(names: list[str]) -> dict[str, Any]:
        counter = RequestThrottle().counter_of(claims.user)
        total, found = count_and_read(counter, names, _data_of(claims.user))
        setattr(request, COUNTED, (counter, total))
        _note_standing(request, claims, found)
        return found.values

    return get_many


def _data_of(user: UUID) -> tuple[str, ...]:
    return data_versions.of_user(user) if settings.ANSWERS_KEPT_SECONDS else ()


def _note_standing(request: HttpRequest, claims: Claims, found: Found) -> None:
    """For the answer to be repeated while all that was found here, before it was made, is still so."""
    principal = principal_cache.versions_of(claims.user)
    names = (*principal, *_data_of(claims.user))
    if names == principal or not found.stored or principal_cache.CHANGING in map(found.values.get, principal):
        return
    if found.stored.keys() >= set(names):
        versions = [found.stored[name] for name in names]
        setattr(request, STANDING, Standing(claims.user, claims.expires_at, names, versions))
    else:
        data_versions.give_versions(claims.user)


def _principal_of(claims: Claims, get_many: GetMany | None) -> Principal:
    if claims.expires_at <= time.time():
        raise InvalidToken
    try:
        principal = session_principal(claims.user, claims.session, get_many)
    except Session.DoesNotExist as error:
        raise InvalidToken from error
    if not principal.user.is_active or claims.token_version != principal.user.token_version:
        raise InvalidToken
    return principal
