"""Judging Yahoo's HTTP answers before the library sees them."""

import json
from typing import Any, Protocol
from urllib.parse import urlsplit

from finances.yahoo.faults import (
    CredentialsRefused,
    EmptyAnswer,
    Fault,
    Garbage,
    NoAnswer,
    TooManyRequests,
    fault_for_reason,
    retry_after_seconds,
)

DATA = "/finance/"
"""In the path of every address that serves data; cookies, crumbs and consent live elsewhere."""

SHORT = 4096
"""Bytes within which an answer may be an error in disguise; anything longer carries data."""


class Answer(Protocol):
    url: str
    status_code: int
    content: bytes
    headers: Any


def check_answer(asked: str, answer: Answer) -> None:
    """Raises a Fault unless the answer to the address `asked` is JSON without an error.

    What is no data passes, and so does a consent page, to which Yahoo may redirect: the library fills in its form
    and comes back with the data.
    """
    place = urlsplit(answer.url)
    is_data = DATA in place.path or DATA in urlsplit(asked).path
    if not is_data or (place.hostname or "").endswith("consent.yahoo.com"):
        return
    status = answer.status_code
    if status == 429:
        raise TooManyRequests("HTTP 429", retry_after_seconds(answer.headers.get("Retry-After")))
    if status >= 500:
        raise NoAnswer(f"HTTP {status}")
    if status in (401, 403):
        raise CredentialsRefused(f"HTTP {status}")
    if status >= 400:
        raise _described(answer) or Garbage(f"HTTP {status}")
    if not answer.content.lstrip()[:1] == b"{":
        raise Garbage("not JSON")
    if "/chart/" in place.path and len(answer.content) < SHORT:
        _check_chart(answer)


def _described(answer: Answer) -> Fault | None:
    """The fault that an error body such as {"chart": {"error": {"description": ...}}} describes; None without one."""
    try:
        body = next(iter(json.loads(answer.content).values()))
        return fault_for_reason(str(body["error"]["description"]))
    except (ValueError, LookupError, TypeError, AttributeError, StopIteration):
        return None


def _check_chart(answer: Answer) -> None:
    """A chart without a result: Yahoo says why, or has nothing to tell."""
    try:
        chart = json.loads(answer.content)["chart"]
        empty = not chart["result"]
    except (ValueError, LookupError, TypeError) as error:
        raise Garbage("a chart without a result") from error
    if empty:
        raise _described(answer) or EmptyAnswer("a chart without a result")
