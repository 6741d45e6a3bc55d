"""Answers of the site itself: refused requests, unknown addresses and crashes, as JSON outside the admin."""

import sys
from typing import NoReturn

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import csrf, defaults
from django.views.decorators.csrf import csrf_exempt

from finances import errors


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse({"detail": "Bad request.", "code": "bad_request"}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _in_admin(request):
        return defaults.permission_denied(request, exception)
    body = {"detail": "You do not have permission to perform this action.", "code": "permission_denied"}
    return JsonResponse(body, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if _in_admin(request):
        return csrf.csrf_failure(request, reason)
    return forbidden(request, PermissionDenied())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _in_admin(request):
        return defaults.page_not_found(request, exception)
    return JsonResponse({"detail": "Not found.", "code": "not_found"}, status=404)


def crash(request: HttpRequest) -> HttpResponse:
    # Django calls this while it handles the exception. Failures of middleware (a session that cannot be saved) come
    # here only: each middleware turns what the next one raises into a response, so no other could catch them.
    error = sys.exception()
    if isinstance(error, OperationalError | InterfaceError):
        error = errors.DatabaseUnavailable()
    if isinstance(error, errors.Unavailable):
        return unavailable(error)
    if _in_admin(request):
        return defaults.server_error(request)
    return JsonResponse({"detail": "Internal server error", "code": "error"}, status=500)


def unavailable(error: errors.Unavailable) -> HttpResponse:
    body = {"detail": str(error), "code": error.code}
    return JsonResponse(body, status=503, headers={"Retry-After": str(error.retry_after)})


@csrf_exempt
def nowhere(request: HttpRequest) -> NoReturn:
    raise Http404


def _in_admin(request: HttpRequest) -> bool:
    return request.path.startswith("/admin/")
