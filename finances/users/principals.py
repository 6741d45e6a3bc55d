"""The user of a request and the grant by which they come, from the cache where that is as true as the database."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F

from finances.users import principal_cache
from finances.users.models import PersonalToken, Session, User

COLUMNS = tuple(field.attname for field in User._meta.concrete_fields if field.attname != "password")
TOKEN_FACTS = ("id", "scope", "expires_at", "last_used_at")
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Principal:
    user: User
    """Without the password's hash, which is read when it is asked for."""
    facts: Facts
    """What is to know of the grant."""


def read_principal(
    pk: UUID, grant: str, read: Callable[[], Principal], get_many: principal_cache.GetMany | None = None
) -> Principal:
    """The user `pk` by the grant of that name; `read` asks the database, and what it raises is not kept. `get_many`
    asks instead of the cache's own."""
    kept, versions = principal_cache.find(pk, grant, get_many)
    # Another release's columns may be others.
    if kept is not None and tuple(kept["user"]) == COLUMNS:
        return Principal(User.from_db(DEFAULT_DB_ALIAS, COLUMNS, kept["user"].values()), kept["facts"])
    principal = read()
    if versions is not None:
        values = {name: getattr(principal.user, name) for name in COLUMNS}
        principal_cache.keep(grant, {"user": values, "facts": principal.facts}, versions)
    return principal


def session_principal(pk: UUID, session_id: UUID, get_many: principal_cache.GetMany | None = None) -> Principal:
    """Raises Session.DoesNotExist when it is revoked or gone."""

    def read() -> Principal:
        row = Session.objects.filter(revoked_at=None, user=pk).select_related("user").defer("user__password")
        session = row.get(pk=session_id)
        return Principal(session.user, {"otp_verified": session.otp_verified})

    return read_principal(pk, f"session:{session_id}", read, get_many)


def token_principal(pk: UUID, token_hash: str) -> Principal:
    """Raises PersonalToken.DoesNotExist when it is revoked, or overtaken by a change of the password or the account."""

    def read() -> Principal:
        rows = PersonalToken.objects.filter(user=pk, token_version=F("user__token_version"))
        token = rows.select_related("user").defer("user__password").get(token_hash=token_hash)
        return Principal(token.user, {name: getattr(token, name) for name in TOKEN_FACTS})

    return read_principal(pk, token_grant(token_hash), read)


def token_grant(token_hash: str) -> str:
    return f"token:{token_hash}"
