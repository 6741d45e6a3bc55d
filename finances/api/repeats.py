"""The same question of the same user is answered as before, as long as nothing that the answer depends on has changed.

A view allows it by `allow_repeats`. What the middleware keeps in the process is found again by all that a request may
say to change its answer: address, query, token, host, and what its headers ask for. Before it is sent again one
question to Redis counts the request for its throttle and tells whether all versions still stand that were read before
the answer was made: of the user and their grants (finances.users.principal_cache) and of the data
(finances.data_versions). So a change acts at the next request. A Redis that was away may have old versions again, so
what was kept before this process connected to it anew is not found any more.

It is kept for half a minute at most, which is how long something counts that was written past these doors, and how
late what depends on the clock alone may be; never beyond midnight in any time zone.
"""

import time
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from finances import data_versions
from finances.api.counted import ask, connects
from finances.api.requests import Handler
from finances.api.throttles import COUNTED, RequestThrottle

LARGEST = 32 * 1024
"""Bytes; with the entries that settings.CACHES allows, 64 MB."""
SAID = (
    "wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME", "PATH_INFO",
    "QUERY_STRING", "HTTP_AUTHORIZATION", "HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_ORIGIN", "HTTP_COOKIE",
)  # fmt: skip
"""All that a repeated answer may depend on; whoever reads another header in a view that allows repeats adds it."""
STANDING = "standing"
"""A request's attribute: the Standing of an answer to it."""
REPEATABLE = "repeatable"


class Standing(NamedTuple):
    """What holds while an answer may be repeated."""

    user: UUID
    token_expires_at: float
    names: Sequence[str]
    versions: Sequence[bytes]
    """As Redis has them, of `names`."""


class Kept(NamedTuple):
    standing: Standing
    response: HttpResponse
    route: str


def allow_repeats(request: HttpRequest) -> None:
    """Call it where the answer depends on nothing but SAID, the database and the clock."""
    setattr(request, REPEATABLE, True)


class RepeatMiddleware:
    """Outside of all that has a part in the answer, and inside of what counts and logs requests."""

    def __init__(self, get_response: Handler) -> None:
        if not settings.ANSWERS_KEPT_SECONDS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._answer(request)
        finally:
            # Threads are reused: the next request's user is not this one's.
            data_versions.act_for_all()

    def _answer(self, request: HttpRequest) -> HttpResponse:
        name = _name(request)
        if name is None:
            return self.get_response(request)
        kept: Kept | None = caches["answers"].get(name)
        if kept is not None and _stands(request, kept):
            return kept.response
        response = self.get_response(request)
        _keep(name, request, response)
        return response


def _name(request: HttpRequest) -> str | None:
    """None for what is not kept: all but reads by the access token of a session."""
    said = request.META
    if request.method != "GET" or not said.get("HTTP_AUTHORIZATION", "").startswith("Bearer ey"):
        return None
    # It divides a quarter of an hour, so that midnight begins another one in every time zone.
    period = int(time.time()) // settings.ANSWERS_KEPT_SECONDS
    return blake2b(repr((period, connects.total, *map(said.get, SAID))).encode(), digest_size=16).hexdigest()


def _stands(request: Any, kept: Kept) -> bool:
    standing, throttle, connected = kept.standing, RequestThrottle(), connects.total
    if standing.token_expires_at <= time.time():
        return False
    counter = throttle.counter_of(standing.user)
    try:
        total, versions = ask(counter, standing.names)
    except RedisError:
        return False
    # Who answers it anew need not count it again.
    setattr(request, COUNTED, (counter, total))
    if connected != connects.total or versions != standing.versions or not throttle.admits(total):
        return False
    structlog.contextvars.bind_contextvars(user_id=str(standing.user))
    request.route = kept.route
    return True


def _keep(name: str, request: Any, response: HttpResponse) -> None:
    standing: Standing | None = getattr(request, STANDING, None)
    if standing is None or not hasattr(request, REPEATABLE) or not _is_fit(response):
        # What was kept does not stand any more, and its requests were counted before their versions could be read.
        caches["answers"].delete(name)
        return
    plain = HttpResponse(response.content, status=response.status_code)
    plain.headers = response.headers
    caches["answers"].set(name, Kept(standing, plain, request.resolver_match.view_name), settings.ANSWERS_KEPT_SECONDS)


def _is_fit(response: HttpResponse) -> bool:
    return response.status_code in (200, 304) and not response.cookies and len(response.content) <= LARGEST
