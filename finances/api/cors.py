"""CORS for those who need it: most requests come from no other origin, and say so by sending none."""

from corsheaders import middleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers


class CorsMiddleware(middleware.CorsMiddleware):
    def add_response_headers(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if "HTTP_ORIGIN" in request.META:
            return super().add_response_headers(request, response)
        # A cache between must know that another origin gets another answer. Django would make a table of all headers.
        if request._cors_enabled:  # type: ignore[attr-defined]
            patch_vary_headers(response, ["origin"])
        return response
