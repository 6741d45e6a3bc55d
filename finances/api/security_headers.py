"""What browsers may do with an answer: a policy for each kind of page, and the headers that all answers have."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from finances.api.back_office import BACK_OFFICE

FRAMED_BY_NOBODY = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
DATA = f"default-src 'none'; {FRAMED_BY_NOBODY}"
OFFICE = f"default-src 'self'; img-src 'self' data:; {FRAMED_BY_NOBODY}"
DOCS = (
    # The bundles style elements as they draw them, and search in a worker of their own making.
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    f"worker-src 'self' blob:; {FRAMED_BY_NOBODY}"
)
DOCS_PAGES = ("/api/docs", "/api/redoc")
ALL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # In the place of the server's own, which names the software.
    "Server": "finances",
}


class SecurityHeadersMiddleware:
    """Outermost of those that answer, so that probes and static files have them, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Content-Security-Policy"] = policy_of(request.path)
        for name, text in ALL.items():
            response[name] = text
        return response


def policy_of(path: str) -> str:
    if path.startswith(BACK_OFFICE):
        return OFFICE
    return DOCS if path in DOCS_PAGES else DATA
