"""Who a token's user is, without asking the database at each request.

A principal is the user's row less the password and what is to know of the grant (a session, a personal token), kept for
half a minute under the grant's name, together with two versions that were read before the rows: the user's own and that
of all users. It counts only as long as both still stand in the cache. A change of the user or of their grants
takes a version away when it begins, so that nobody believes or stores anything while it lasts, and again when it is
committed: whoever had read the row before then finds another version than the one it writes under. So a change acts
at the next request, and a reader that was overtaken by it is never believed.

The cache may be empty, full or away: then the row is read. Where it is away just while a change is committed, and
back with an old principal, that one counts for the rest of its half minute. The same holds for what is written past
these doors (SQL by hand, `loaddata`). Groups and permissions are no part of it: they are always read.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction

KEPT_SECONDS = 30
CHANGING_SECONDS = 2 * KEPT_SECONDS
"""How long a change that never ends, its process having died, keeps principals from being believed or stored."""
VERSION_SECONDS = 24 * 60 * 60
CHANGING = ""
EVERYONE = "principal-version:all"
Values = dict[str, Any]
Versions = tuple[str, str]
GetMany = Callable[[list[str]], dict[str, Any]]


def find(pk: UUID, grant: str, get_many: GetMany | None = None) -> tuple[Values | None, Versions | None]:
    """The values that are still true, of the user `pk` by this grant; else None and the versions under which `keep` may
    store them, which are None while somebody changes them or the cache is away. `get_many` asks instead of the cache's
    own."""
    names = versions_of(pk)
    found = (get_many or cache.get_many)([*names, _kept(grant)])
    missing = [name for name in names if name not in found]
    for name in missing:
        # Whichever of several readers is first; the others read what it wrote.
        cache.add(name, secrets.token_hex(8), VERSION_SECONDS)
    if missing:
        found |= cache.get_many(missing)
    versions = (found.get(EVERYONE, CHANGING), found.get(_own(pk), CHANGING))
    if CHANGING in versions:
        return None, None
    kept_under, values = found.get(_kept(grant), (None, None))
    return (values, versions) if kept_under == versions else (None, versions)


def keep(grant: str, values: Values, versions: Versions) -> None:
    """`versions` are those found before the rows were read."""
    cache.set(_kept(grant), (versions, values), KEPT_SECONDS)


def forget(grant: str) -> None:
    """For facts that may be out of date for a while, unlike those that `changing` guards."""
    cache.delete(_kept(grant))


@contextmanager
def changing(pk: UUID | None = None) -> Iterator[None]:
    """A transaction around a change to one user and their grants, or to any number of them."""
    name = EVERYONE if pk is None else _own(pk)
    with transaction.atomic():
        cache.set(name, CHANGING, CHANGING_SECONDS)
        yield
        transaction.on_commit(partial(cache.delete, name))


def versions_of(pk: UUID) -> Versions:
    """The names of both versions."""
    return EVERYONE, _own(pk)


def _own(pk: UUID) -> str:
    return f"principal-version:{pk}"


def _kept(grant: str) -> str:
    return f"principal:{grant}"
