"""Sessions of JSON Web Tokens: issue, rotate, end. A session's row decides which refresh token is the newest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from rest_framework_simplejwt.utils import datetime_from_epoch

from finances import errors
from finances.audit.trail import record
from finances.users.clients import UNKNOWN, Client
from finances.users.models import Session, SessionQuerySet, User
from finances.users.principal_cache import changing
from finances.users.signing import InvalidToken, RefreshToken, read_token

REUSE_GRACE = timedelta(seconds=10)
"""A client that refreshes twice at once is clumsy; one that comes back later holds a stolen or leaked token."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105


def issue_tokens(user: User, client: Client = UNKNOWN, *, otp_verified: bool = False) -> TokenPair:
    """Start a session."""
    refresh = RefreshToken()
    session = Session.objects.create(
        user=user,
        current_jti=refresh["jti"],
        expires_at=_expiry(refresh),
        otp_verified=otp_verified,
        address=client.address,
        user_agent=client.user_agent,
    )
    return _sign(refresh, user=user, session_id=str(session.pk))


def rotate(refresh_token: str, client: Client = UNKNOWN) -> TokenPair:
    """Exchange a session's newest refresh token for the next pair.

    Of several callers with the same token exactly one gets a pair; the others, and whoever comes with a token that was
    replaced, get InvalidToken. One replaced more than REUSE_GRACE ago revokes the session, for two parties hold it.
    """
    presented, now = read_token(RefreshToken, refresh_token), timezone.now()
    user, successor = _user_of(presented), RefreshToken()
    rotation = {"current_jti": successor["jti"], "previous_jti": presented["jti"], "rotated_at": now}
    whence = {"address": client.address, "user_agent": client.user_agent}
    _update_session(presented, now, **rotation, **whence, expires_at=_expiry(successor))
    return _sign(successor, user=user, session_id=presented["sid"])


def end_session(refresh_token: str) -> None:
    """Revoke the session of its newest refresh token. Raises InvalidToken like `rotate`."""
    presented, now = read_token(RefreshToken, refresh_token), timezone.now()
    user = _user_of(presented)
    with changing(user.pk):
        ended = _newest(presented, now).update(revoked_at=now)
    if not ended:
        _refuse(presented, now)


@transaction.atomic
def revoke_session(session: Session, *, by: User) -> None:
    """Raises NotFound if it has ended already, perhaps by another call at the same moment."""
    if not Session.objects.filter(pk=session.pk).revoke(timezone.now(), of=session.user_id):
        raise errors.NotFound
    record("revoke", "session", session.pk, actor_id=by.pk)


@transaction.atomic
def revoke_other_sessions(user: User, own: UUID) -> None:
    """All of the user's but the session `own`."""
    now = timezone.now()
    Session.objects.for_user(user).live(now).exclude(pk=own).revoke(now, of=user.pk)
    record("revoke_others", "session", own, actor_id=user.pk)


def _user_of(token: RefreshToken) -> User:
    user = User.objects.filter(pk=token["sub"], is_active=True).first()
    if user is None or token.get("ver") != user.token_version:
        raise InvalidToken
    return user


def _update_session(presented: RefreshToken, now: datetime, **changes: object) -> None:
    """Change the session if `presented` is its newest token: one statement, so that one of many callers wins."""
    if not _newest(presented, now).update(**changes):
        _refuse(presented, now)


def _newest(presented: RefreshToken, now: datetime) -> SessionQuerySet:
    return Session.objects.filter(pk=presented["sid"], current_jti=presented["jti"]).live(now)


def _refuse(presented: RefreshToken, now: datetime) -> None:
    """Forgiven is the last token just after its rotation, and no older one then; else the session ends."""
    jti = presented["jti"]
    forgiven = Q(current_jti=jti) | Q(previous_jti=jti, rotated_at__gte=now - REUSE_GRACE)
    reused = Session.objects.filter(pk=presented["sid"]).live(now).exclude(forgiven)
    if reused.exists():
        reused.revoke(now, of=UUID(presented["sub"]))
    raise InvalidToken


def _sign(refresh: RefreshToken, *, user: User, session_id: str) -> TokenPair:
    refresh["sub"], refresh["ver"], refresh["sid"] = str(user.pk), user.token_version, session_id
    return TokenPair(access_token=str(refresh.access_token), refresh_token=str(refresh))


def _expiry(refresh: RefreshToken) -> datetime:
    return datetime_from_epoch(refresh["exp"])
