"""Middleware: request ids, request logs, and the answer to a database that is down."""

import re
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

log = structlog.get_logger("finances.requests")
WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
Handler = Callable[[HttpRequest], HttpResponse]


class RequestLogMiddleware:
    """Gives each request an id (the client's when well-formed), logs its start and end, answers with the id."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Of `headers` a dictionary would be made, from the whole environment.
        request_id = request.META.get("HTTP_X_REQUEST_ID", "")
        if not WELL_FORMED_ID.fullmatch(request_id):
            request_id = str(uuid.uuid4())
        # Threads are reused; what the last request bound (its user) is not this one's.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self._log(request)
        structlog.contextvars.clear_contextvars()
        response["X-Request-ID"] = request_id
        return response

    def _log(self, request: HttpRequest) -> HttpResponse:
        # The path alone: query strings may hold what must not be kept.
        what = {"method": request.method, "path": request.path, "client_ip": client_ip(request)}
        started = time.perf_counter()
        log.info("request_started", **what)
        response = self.get_response(request)
        _read_to_the_end(request)
        duration_ms = round((time.perf_counter() - started) * 1000, 2)
        log.info("request_completed", **what, status_code=response.status_code, duration_ms=duration_ms)
        return response


def _read_to_the_end(request: HttpRequest) -> None:
    """The server drops a connection whose request was refused unread, and the client's next request with it."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and 0 < int(length) <= settings.MAX_BODY_BYTES:
        with suppress(OSError):  # the client has gone
            request.read()


def client_ip(request: HttpRequest) -> str | None:
    """The address that throttles count by, too: X-Forwarded-For is believed as far as TRUSTED_PROXIES reaches."""
    if api_settings.NUM_PROXIES == 0:
        return cast("str | None", request.META.get("REMOTE_ADDR"))
    return cast("str | None", BaseThrottle().get_ident(cast("Any", request)))
