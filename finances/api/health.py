"""Liveness and readiness for probes: no authentication, no throttle, outside /api/v1.

A middleware answers them and not the URLs: probes ask by address, in plain HTTP, and are to be answered before the
host check and the redirect to HTTPS.
"""

from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

POOL_SECONDS = 1.0
"""How long a probe waits for a connection; less than a request does, since probes have short patience."""
NEVER_CACHED = "max-age=0, no-cache, no-store, must-revalidate, private"
HEALTHY = b'{"status":"healthy"}'
ALIVE = "/health"


def health() -> HttpResponse:
    return HttpResponse(HEALTHY, content_type="application/json")


def health_db() -> JsonResponse:
    try:
        _ask_database()
    except (DatabaseError, psycopg.Error):
        return JsonResponse({"status": "unhealthy", "database": "disconnected"}, status=503)
    return JsonResponse({"status": "healthy", "database": "connected"})


def _ask_database() -> None:
    pool = getattr(connection, "pool", None)  # PostgreSQL has one
    if pool is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    else:
        pool.open()
        with pool.connection(timeout=POOL_SECONDS) as pooled:
            pooled.execute("SELECT 1")


def health_redis() -> JsonResponse:
    if not settings.REDIS_URL:
        return JsonResponse({"status": "healthy", "redis": "not_configured"})
    # The cache swallows the errors of its Redis; its client does not.
    backend: Any = cache
    try:
        backend.client.get_client().ping()
    except RedisError:
        return JsonResponse({"status": "unhealthy", "redis": "disconnected"}, status=503)
    return JsonResponse({"status": "healthy", "redis": "connected"})


PROBES: dict[str, Callable[[], HttpResponse]] = {ALIVE: health, "/health/db": health_db, "/health/redis": health_redis}


class ProbeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        check = PROBES.get(request.path)
        if check is None:
            return self.get_response(request)
        response = check() if request.method in ("GET", "HEAD") else _refused(request)
        response["Cache-Control"] = NEVER_CACHED
        return response


def _refused(request: HttpRequest) -> JsonResponse:
    body = {"detail": f'Method "{request.method}" not allowed.', "code": "method_not_allowed"}
    return JsonResponse(body, status=405, headers={"Allow": "GET, HEAD"})
