"""Reads from a replica of the database, where there is one (DATABASE_REPLICA_URL).

A view that takes part says so by `ReplicaReads`. For the rest of its request the name "default" stands for the
replica's connection, in this thread alone, so that every query of it goes there and none has to name a database.
"""

import time
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from finances.api.repeats import STANDING
from finances.api.requests import Handler

log = structlog.get_logger(__name__)
PRIMARY, REPLICA = "default", "replica"
CHECK_SECONDS = 1.0
GONE_SECONDS = 5.0
"""How long a replica that failed is left alone: asking costs a request its wait."""
ALIVE = "wrote:alive"
"""Always in a cache that works."""
SINCE_LAST_REPLAY = """
select case
    when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() and exists (select from pg_stat_wal_receiver) then 0
    else extract(epoch from now() - pg_last_xact_replay_timestamp()) end
"""


class ReplicaReads(APIView):
    """GET and HEAD from the replica, unless it lags or the user has written of late."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if REPLICA in settings.DATABASES and request.method in SAFE_METHODS:
            _turn(request)


class ReplicaMiddleware:
    """Ends what ReplicaReads began. A request that failed there is answered by the primary: the client never learns of
    a replica that is gone."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            response = self.get_response(request)
        finally:
            turned = _turn_back(request)
        if turned and response.status_code >= 500:
            _state.distrust()
            request.primary_only = True  # type: ignore[attr-defined]
            response = self.get_response(request)
        if request.method not in SAFE_METHODS and response.status_code < 500:
            _note_write(request)
        return response


class _State:
    """What this process last found out about the replica."""

    def __init__(self) -> None:
        self._fresh, self._ask_at = False, float("-inf")

    def is_fresh(self) -> bool:
        if time.monotonic() >= self._ask_at:
            self._ask_at = time.monotonic() + CHECK_SECONDS  # first, so that other threads do not ask too
            behind = lag()
            self._fresh = behind <= settings.REPLICA_LAG_SECONDS
            if behind == float("inf"):
                self.distrust()
        return self._fresh

    def distrust(self) -> None:
        self._fresh, self._ask_at = False, time.monotonic() + GONE_SECONDS


_state = _State()


def lag() -> float:
    """Seconds; infinite for a replica that does not answer or follows nobody."""
    try:
        with connections[REPLICA].cursor() as cursor:
            cursor.execute(SINCE_LAST_REPLAY)
            (seconds,) = cursor.fetchone()
    except DatabaseError as error:
        log.warning("replica_unavailable", error=type(error).__name__)
        return float("inf")
    return float("inf") if seconds is None else float(seconds)


def _turn(request: Request) -> None:
    plain: Any = request._request
    if getattr(plain, "primary_only", False) or not _state.is_fresh() or _has_written(request):
        return
    # What the replica says may be older than the versions that stand.
    setattr(plain, STANDING, None)
    plain.primary = connections[PRIMARY]
    connections[PRIMARY] = connections[REPLICA]


def _turn_back(request: Any) -> bool:
    if not hasattr(request, "primary"):
        return False
    connections[PRIMARY] = request.primary
    del request.primary
    return True


def _has_written(request: Request) -> bool:
    """Without a cache nobody knows, so everybody has."""
    found = cache.get_many([_key(request.user.pk), ALIVE])
    if ALIVE not in found:
        cache.set(ALIVE, True, timeout=None)
        return True
    return _key(request.user.pk) in found


def _note_write(request: HttpRequest) -> None:
    # None where no view took the request.
    user = getattr(request, "user", None)
    if REPLICA in settings.DATABASES and user is not None and user.is_authenticated:
        cache.set(_key(user.pk), True, timeout=settings.REPLICA_LAG_SECONDS + CHECK_SECONDS + 1)


def _key(user: Any) -> str:
    return f"wrote:{user}"
