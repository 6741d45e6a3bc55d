"""Personal access tokens, by which scripts act for their user."""

import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from finances import errors
from finances.audit.trail import record
from finances.users import principal_cache
from finances.users.models import PersonalToken, User, hash_secret
from finances.users.principals import Principal, token_grant, token_principal
from finances.users.signing import InvalidToken

PREFIX = "fin_pat_"
"""By which people and scanners of leaked secrets know what they see."""
TOKENS_AT_MOST = 50
LIFETIME_AT_MOST = timedelta(days=366)
NOTED_EVERY = timedelta(minutes=1)


class TooManyTokens(errors.RuleViolation):
    code = "too_many_tokens"
    message = f"There are {TOKENS_AT_MOST} tokens already. Revoke one first."


def make_token(user: User, *, name: str, scope: str, expires_at: datetime) -> tuple[PersonalToken, str]:
    """The row and the secret, which nobody can tell again. Raises TooManyTokens."""
    secret = PREFIX + secrets.token_urlsafe(32)
    facts = {"token_hash": hash_secret(secret), "token_version": user.token_version}
    with transaction.atomic():
        User.objects.lock(user.pk)  # two at once count one after the other
        if PersonalToken.objects.for_user(user).live(timezone.now()).count() >= TOKENS_AT_MOST:
            raise TooManyTokens
        token = PersonalToken.objects.create(user=user, name=name, scope=scope, expires_at=expires_at, **facts)
        record("create", "personal-token", token.pk, actor_id=user.pk, fields=["name", "scope", "expires_at"])
    return token, secret


@transaction.atomic
def revoke_token(token: PersonalToken, *, by: User) -> None:
    """Raises NotFound if it has ended already, perhaps by another call at the same moment."""
    if not PersonalToken.objects.filter(pk=token.pk).revoke(of=token.user_id):
        raise errors.NotFound
    record("revoke", "personal-token", token.pk, actor_id=by.pk)


def read_personal_token(secret: str) -> Principal:
    """Whose it is, and its facts; notes now and then that it was used. Raises InvalidToken."""
    token_hash, now = hash_secret(secret), timezone.now()
    try:
        principal = token_principal(owner_of(token_hash), token_hash)
    except PersonalToken.DoesNotExist as error:
        raise InvalidToken from error
    if not principal.user.is_active or principal.facts["expires_at"] <= now:
        raise InvalidToken
    _note_use(principal, token_hash, now)
    return principal


@lru_cache(maxsize=4096)
def owner_of(token_hash: str) -> UUID:
    """This never changes; whether the token still counts is another question. Raises PersonalToken.DoesNotExist."""
    return PersonalToken.objects.values_list("user", flat=True).get(token_hash=token_hash)


def _note_use(principal: Principal, token_hash: str, now: datetime) -> None:
    noted = principal.facts["last_used_at"]
    if noted is not None and noted > now - NOTED_EVERY:
        return
    due = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
    PersonalToken.objects.filter(due, pk=principal.facts["id"]).update(last_used_at=now)
    principal_cache.forget(token_grant(token_hash))
