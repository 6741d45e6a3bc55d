"""Signed tokens: signature, expiry and type are simplejwt's; keys that are being replaced are taken for a while."""

import time
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.conf import settings
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken, TokenError

from finances import errors

ALGORITHM = "HS256"
LEEWAY = timedelta(minutes=10)
"""Clocks of several servers may be so far apart: a token may come from what looks like the future."""
Kind = TypeVar("Kind", bound=tokens.Token)


class InvalidToken(errors.Unauthenticated):
    """The token is malformed, forged, expired, replaced or revoked, or its user is gone."""

    code = "token_not_valid"
    message = "The token is invalid or has expired."


class KeyRing(TokenBackend):
    """Signs with the newest key, and takes the signatures of JWT_SIGNING_KEY_FALLBACKS too."""

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        try:
            return super().decode(token, verify)
        except TokenBackendExpiredToken:
            raise
        except TokenBackendError:
            for key in settings.JWT_SIGNING_KEY_FALLBACKS:
                if payload := _decode_with(key, token):
                    return payload
            raise


class AccessToken(tokens.AccessToken):
    _token_backend = KeyRing(ALGORITHM, settings.JWT_SIGNING_KEY, leeway=LEEWAY)


class RefreshToken(tokens.RefreshToken):
    _token_backend = AccessToken._token_backend
    access_token_class = AccessToken


def read_token(kind: type[Kind], raw: str) -> Kind:
    """Raises InvalidToken."""
    try:
        token = kind(raw)  # type: ignore[arg-type]
        for claim in ("sub", "sid"):
            UUID(str(token.get(claim)))
    except (TokenError, ValueError, RecursionError) as error:
        # The last: a forged header may hold JSON nested deeper than the decoder goes.
        raise InvalidToken from error
    if token["exp"] <= time.time():  # simplejwt looks away for the LEEWAY
        raise InvalidToken
    return token


class Claims(NamedTuple):
    """What an access token says."""

    user: UUID
    session: UUID
    token_version: Any
    expires_at: float


def read_access_token(raw: str) -> Claims:
    """Of one that may have expired meanwhile: a client's next request comes with the same token, whose signature, type
    and claims are as good as before; only time goes on. Raises InvalidToken, which is not kept."""
    return _verified(raw, tuple(settings.JWT_SIGNING_KEY_FALLBACKS))


@lru_cache(maxsize=4096)
def _verified(raw: str, fallbacks: tuple[str, ...]) -> Claims:
    """`fallbacks` since a key that is taken no more ends what was verified with it."""
    token = read_token(AccessToken, raw)
    return Claims(UUID(token["sub"]), UUID(token["sid"]), token.get("ver"), token["exp"])


def _decode_with(key: str, token: Any) -> dict[str, Any] | None:
    try:
        return TokenBackend(ALGORITHM, key, leeway=LEEWAY).decode(token)
    except TokenBackendExpiredToken:
        raise
    except TokenBackendError:
        return None
