"""The HTTP session that is handed to yfinance: every request of the library passes through it.

It bounds each request in time and rate, and raises a Fault for what the library would swallow, repeat with other
cookies, or keep in a cache of its own. Imported lazily, with yfinance.
"""

import os
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn
from urllib.parse import urlsplit

from curl_cffi.requests import Response, Session
from django.conf import settings

from finances.yahoo.answers import check_answer
from finances.yahoo.budget import seconds_left
from finances.yahoo.faults import CredentialsRefused, Fault, NoAnswer, TooManyRequests, retry_after_seconds
from finances.yahoo.pace import take_slot

REST_SECONDS = 60.0
"""How long a way to cookies or crumbs that failed is left alone; charts and searches need neither."""

COOKIE_HOSTS = ("fc.yahoo.com", "guce.yahoo.com")
CRUMB_PATH = "/v1/test/getcrumb"
LONGEST_CRUMB = 64
NEEDS_CRUMB = ("/v7/finance/quote", "/v10/finance/quoteSummary/")


class NoCredentialsError(OSError):
    """An OSError, because the library then goes on without a crumb."""


class YahooSession(Session[Response]):
    def __init__(self, certificates: Path) -> None:
        """certificates: a folder for the joined certificate bundle, where several are named."""
        super().__init__(impersonate="chrome", verify=_verify(certificates))  # type: ignore[arg-type]  # or a path
        self._resting: dict[str, float] = {}
        self._credentials_fault: Fault | None = None
        self._dropped_at = -REST_SECONDS

    def drop_credentials(self) -> None:
        self.cookies.clear()
        self._dropped_at = monotonic()

    def request(self, method: Any, url: str, **options: Any) -> Response:  # type: ignore[override]
        """One request within the budget. Raises Fault, or curl_cffi's own errors (OSError) for a broken connection."""
        place = urlsplit(url)
        if place.hostname in COOKIE_HOSTS or place.path == CRUMB_PATH:
            return self._request_credentials(method, url, options)
        if place.path.startswith(NEEDS_CRUMB) and "crumb" not in (options.get("params") or {}):
            raise self._credentials_fault or CredentialsRefused("no crumb")
        response = self._send(method, url, options, share=1.0)
        check_answer(url, response)
        return response

    def _send(self, method: Any, url: str, options: dict[str, Any], *, share: float) -> Response:
        """share: the part of the time left, and of YAHOO_TIMEOUT, that the request may take."""
        take_slot()
        left = seconds_left()
        if left < 0.05:
            raise NoAnswer("the time budget is spent")
        asked = options.get("timeout") or settings.YAHOO_TIMEOUT
        options["timeout"] = min(asked, settings.YAHOO_TIMEOUT * share, left * share)
        return super().request(method, url, **options)

    def _request_credentials(self, method: Any, url: str, options: dict[str, Any]) -> Response:
        """Cookies and crumbs: never worth more than half the time, and not asked for again soon after a failure."""
        place = urlsplit(url)
        way = f"{place.hostname}{place.path}"
        if monotonic() < self._resting.get(way, 0.0):
            raise NoCredentialsError(f"{way} failed a moment ago")
        try:
            response = self._send(method, url, options, share=0.5)
        except OSError as error:
            self._rest(way, NoAnswer(str(error)))
        if place.path == CRUMB_PATH:
            self._check_crumb(way, response)
        return response

    def _check_crumb(self, way: str, response: Response) -> None:
        status = response.status_code
        if status == 401 and monotonic() - self._dropped_at > REST_SECONDS:
            raise CredentialsRefused("the cookie is rejected")
        if status == 429:
            named = retry_after_seconds(response.headers.get("Retry-After"))
            self._rest(way, TooManyRequests("no crumb: HTTP 429", named))
        crumb = response.text.strip()
        # The library would take any text for a crumb, an error page included, and keep it.
        if status != 200 or not crumb or len(crumb) > LONGEST_CRUMB or crumb[0] in "<{":
            self._rest(way, CredentialsRefused(f"no crumb: HTTP {status}"))
        self._credentials_fault = None

    def _rest(self, way: str, fault: Fault) -> NoReturn:
        self._resting[way] = monotonic() + REST_SECONDS
        self._credentials_fault = fault
        raise NoCredentialsError(str(fault))


def _verify(folder: Path) -> str | bool:
    """What curl is to trust: everything that the usual variables name, as any of them may have been meant."""
    names = ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    paths = dict.fromkeys(path for name in names if (path := os.environ.get(name)) and Path(path).is_file())
    if not paths:
        return True
    if len(paths) == 1:
        return next(iter(paths))
    joined = folder / "certificates.pem"
    joined.write_bytes(b"\n".join(Path(path).read_bytes() for path in paths))
    return str(joined)
