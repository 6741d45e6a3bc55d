"""The WSGI entry point."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.http import HttpResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django = get_wsgi_application()
# Neither Redis's connections nor local memory are given up between requests, and asking each costs a twentieth of one.
request_finished.disconnect(close_caches)
# Each request ends by giving its connections back to the pool; the next has none to give, and no list of its queries.
request_started.disconnect(close_old_connections)
if not settings.DEBUG:
    request_started.disconnect(reset_queries)
if settings.TIMER:
    from finances.sync.schedule import keep_time  # whose models want Django set up

    keep_time()

# They need the settings.
from finances.api.health import ALIVE, ProbeMiddleware  # noqa: E402
from finances.api.requests import RequestLogMiddleware  # noqa: E402
from finances.api.security_headers import SecurityHeadersMiddleware  # noqa: E402

alive = RequestLogMiddleware(SecurityHeadersMiddleware(ProbeMiddleware(cast(Any, django.get_response))))


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Django's, with a body that is whole as a list: any other iterable the server passes on piece by piece, through a
    channel that costs more than a small body."""
    # Whether the process serves needs none of what surrounds a request: signals, connections, addresses.
    answer = _alive if environ["PATH_INFO"] == ALIVE else django
    response = answer(environ, start_response)
    if not isinstance(response, HttpResponse):
        return response
    try:
        return [response.content]
    finally:
        response.close()


def _alive(environ: "WSGIEnvironment", start_response: "StartResponse") -> HttpResponse:
    response = alive(WSGIRequest(environ))
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return response
