"""Versions of the stored data in the shared cache: what was made of data is as they are while its versions stand.

Whoever writes to PostgreSQL gives the data that they wrote another version when they have committed, before they answer
anybody: the backend sees to it for every statement of Django's. A reader takes the versions before the rows, so that
what they read is at least as new: at worst it is thrown away although it still holds.
"""

import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

MARKET = "data-version:market"
PEOPLE = "data-version:people"
EVERYTHING = frozenset({MARKET, PEOPLE})
VERSIONS = {
    "securities": {MARKET}, "currencies": {MARKET}, "accounts": {PEOPLE},
    # Of these nothing is made that is kept under a version, but for runs of syncs (`known_at`): what tells when figures
    # were recorded is committed with the figures.
    **dict.fromkeys(["audit", "auth", "django", "idempotency", "otp", "sync", "users"], frozenset[str]()),
}  # fmt: skip
"""By the app that a table is of, what a change of it replaces. What is not here replaces everything."""
VERSION_SECONDS = 24 * 60 * 60
RETRY_SECONDS = 0.2
"""Between two attempts to replace what the cache did not take."""
WRITTEN = re.compile(
    r'\b(?:insert\s+into|delete\s+from|merge\s+into|(?<!for )(?<!key )update)\s+(?:only\s+)?"?(?!set\b)([a-z]+)', re.I
)
ANYTHING = re.compile(r"\s*(?:truncate|copy|alter|create|drop)\b", re.I)


class _Acting(threading.local):
    """Not of the context, which threads that a request starts have from it: they may write to anybody's accounts."""

    user: UUID | None = None


_acting = _Acting()


def of_user(pk: UUID) -> tuple[str, ...]:
    """The names of all versions that what this user sees depends on."""
    return MARKET, PEOPLE, _own(pk)


def act_for(user: Any) -> None:
    """This thread's writes to accounts are to those of `user` alone, unless they are staff; until `act_for_all`."""
    _acting.user = None if user.is_staff else user.pk


def act_for_all() -> None:
    """This thread's writes may be to anybody's accounts."""
    _acting.user = None


def give_versions(pk: UUID) -> None:
    """To those data of `of_user` that have none: they were never written, or the cache has lost them."""
    for name in of_user(pk):
        cache.add(name, secrets.token_hex(8), VERSION_SECONDS)


def note_writes(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """An execute wrapper of Django's."""
    try:
        return execute(sql, params, many, context)
    finally:
        # Also if it failed: a connection that is lost does not say whether it was done.
        outdate(context["connection"], sql)


def outdate(connection: Any, sql: Any) -> None:
    """Call it after a statement that went past Django's `execute`, as COPY does, on a connection of its."""
    if not settings.ANSWERS_KEPT_SECONDS:
        return
    # psycopg's composed statements have no text before they are sent.
    for name in outdated_by(sql) if isinstance(sql, str) else EVERYTHING:
        who = _acting.user
        _after_commit(connection, Replacing(_own(who) if who and name == PEOPLE else name))


@lru_cache(maxsize=1024)
def outdated_by(sql: str) -> frozenset[str]:
    """The names of the versions that a statement replaces; MARKET or PEOPLE too often rather than too seldom."""
    if sql.startswith("SELECT"):
        return frozenset()
    if ANYTHING.match(sql):
        return EVERYTHING
    apps = WRITTEN.findall(sql)
    return frozenset().union(*(VERSIONS.get(app.lower(), EVERYTHING) for app in apps))


@dataclass(frozen=True)
class Replacing:
    name: str

    def __call__(self) -> None:
        if not _replace(self.name):
            _owed.add(self.name)


def _replace(name: str) -> bool:
    """Whether Redis has taken it; other caches do not tell."""
    shared: Any = cache
    return bool(shared.set(name, secrets.token_hex(8), VERSION_SECONDS))


class _Owed:
    """Versions that the cache did not take when they were to be replaced. A thread goes on trying until nothing is kept
    any more that was made under them; processes do not end before."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, name: str) -> None:
        with self._lock:
            is_first = not self._until
            self._until[name] = time.monotonic() + settings.ANSWERS_KEPT_SECONDS
        if is_first:
            threading.Thread(target=self._settle, name="versions").start()

    def _settle(self) -> None:
        while self._until:
            time.sleep(RETRY_SECONDS)
            for name, until in list(self._until.items()):
                if time.monotonic() < until and not _replace(name):
                    break  # nor would it take the others now
                self._forget(name, until)

    def _forget(self, name: str, until: float) -> None:
        with self._lock:
            # Unless it was owed once more meanwhile.
            if self._until.get(name) == until:
                del self._until[name]


_owed = _Owed()


def _after_commit(connection: Any, replacing: Replacing) -> None:
    # Once for all statements of a transaction; those of a savepoint that is undone are taken from the list.
    if all(function != replacing for _, function, _ in connection.run_on_commit):
        connection.on_commit(replacing)


def _own(pk: UUID) -> str:
    return f"data-version:{pk}"
