"""JSON Web Tokens: issue, rotate, end, and authenticate requests by them.

Signature, expiry and token type are simplejwt's. A session row decides which refresh token is the newest.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

import structlog
from django.db.models import Q
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token
from rest_framework_simplejwt.utils import datetime_from_epoch

from finances import errors
from finances.users.models import Session, User
from finances.users.principals import read_principal

REUSE_GRACE = timedelta(seconds=10)
"""A client that refreshes twice at once is clumsy; one that comes back later holds a stolen or leaked token."""

Kind = TypeVar("Kind", bound=Token)


class InvalidToken(errors.Unauthenticated):
    """The token is malformed, forged, expired, replaced or revoked, or its user is gone."""

    code = "token_not_valid"
    message = "The token is invalid or has expired."


@dataclass(frozen=True, slots=True)
class TokenPair:
    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105


def issue_tokens(user: User) -> TokenPair:
    """Start a session."""
    refresh = RefreshToken()
    session = Session.objects.create(user=user, current_jti=refresh["jti"], expires_at=_expiry(refresh))
    return _sign(refresh, user=user, session_id=str(session.pk))


def rotate(refresh_token: str) -> TokenPair:
    """Exchange a session's newest refresh token for the next pair.

    Of several callers with the same token exactly one gets a pair; the others, and whoever comes with a token that was
    replaced, get InvalidToken. One replaced more than REUSE_GRACE ago revokes the session, for two parties hold it.
    """
    presented, now = _read(RefreshToken, refresh_token), timezone.now()
    user, successor = _user_of(presented), RefreshToken()
    rotation = {"current_jti": successor["jti"], "previous_jti": presented["jti"], "rotated_at": now}
    _update_session(presented, now, **rotation, expires_at=_expiry(successor))
    return _sign(successor, user=user, session_id=presented["sid"])


def end_session(refresh_token: str) -> None:
    """Revoke the session of its newest refresh token. Raises InvalidToken like `rotate`."""
    presented, now = _read(RefreshToken, refresh_token), timezone.now()
    _user_of(presented)
    _update_session(presented, now, revoked_at=now)


def bearer_token(request: Request) -> str | None:
    """What follows `Bearer` in the Authorization header; None without one or with another scheme."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class AccessTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`, and the user as they are now."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        raw = bearer_token(request)
        if raw is None:
            return None
        try:
            token = _signed_access(raw)
            if token["exp"] <= time.time():
                raise InvalidToken
            user = _checked(token, read_principal)
        except InvalidToken as error:
            raise exceptions.AuthenticationFailed(str(error), code=error.code) from error
        structlog.contextvars.bind_contextvars(user_id=str(user.pk))
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _read(kind: type[Kind], raw: str) -> Kind:
    try:
        token = kind(raw)  # type: ignore[arg-type]
        for claim in ("sub", "sid"):
            UUID(str(token.get(claim)))
    except (TokenError, ValueError, RecursionError) as error:
        # The last: a forged header may hold JSON nested deeper than the decoder goes.
        raise InvalidToken from error
    return token


@lru_cache(maxsize=4096)
def _signed_access(raw: str) -> AccessToken:
    """A client's next request comes with the same token, whose signature, type and claims are as good as before; only
    time goes on. Raises InvalidToken, which is not kept."""
    return _read(AccessToken, raw)


def _user_of(token: Token) -> User:
    return _checked(token, lambda pk: User.objects.get(pk=pk))


def _checked(token: Token, read: Callable[[UUID], User]) -> User:
    try:
        user = read(UUID(token["sub"]))
    except User.DoesNotExist as error:
        raise InvalidToken from error
    if not user.is_active or token.get("ver") != user.token_version:
        raise InvalidToken
    return user


def _update_session(presented: RefreshToken, now: datetime, **changes: object) -> None:
    """Change the session if `presented` is its newest token: one statement, so that one of many callers wins."""
    session, jti = Session.objects.filter(pk=presented["sid"]), presented["jti"]
    if session.live(now).filter(current_jti=jti).update(**changes):
        return
    # Forgiven is the last token just after its rotation, and no older one then.
    forgiven = Q(current_jti=jti) | Q(previous_jti=jti, rotated_at__gte=now - REUSE_GRACE)
    session.live(now).exclude(forgiven).update(revoked_at=now)
    raise InvalidToken


def _sign(refresh: RefreshToken, *, user: User, session_id: str) -> TokenPair:
    refresh["sub"], refresh["ver"], refresh["sid"] = str(user.pk), user.token_version, session_id
    return TokenPair(access_token=str(refresh.access_token), refresh_token=str(refresh))


def _expiry(refresh: RefreshToken) -> datetime:
    return datetime_from_epoch(refresh["exp"])
