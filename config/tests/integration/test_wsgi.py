"""What the server calls: bodies are lists, and liveness is answered as Django would."""

import io
from typing import Any

import pytest
from rest_framework.test import APIClient
from structlog.testing import capture_logs

from config.wsgi import application

REQUEST_ID = "request-1"


def ask(path: str, method: str = "GET") -> tuple[str, dict[str, str], Any]:
    """Status line, headers and body."""
    answered: list[Any] = []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SCRIPT_NAME": "", "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_X_REQUEST_ID": REQUEST_ID, "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
    }  # fmt: skip
    body = application(environ, lambda *answer: answered.extend(answer))  # type: ignore[arg-type]
    status, headers = answered
    return status, dict(headers), body


def test_a_body_is_a_list() -> None:
    status, headers, body = ask("/api/v1/users/me")

    expected = b'{"detail":"Authentication credentials were not provided.","code":"not_authenticated"}'
    assert (status, headers["Content-Length"], body) == ("401 Unauthorized", str(len(expected)), [expected])


def test_head_has_the_headers_of_get() -> None:
    got, head = ask("/api/v1/users/me"), ask("/api/v1/users/me", "HEAD")

    assert head[:2] == got[:2]


def test_a_stream_stays_one() -> None:
    status, headers, body = ask("/static/rest_framework/css/default.css")

    assert (status, isinstance(body, list)) == ("200 OK", False)
    assert len(b"".join(body)) == int(headers["Content-Length"])
    body.close()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_liveness_is_as_django_has_it(method: str) -> None:
    response = APIClient(headers={"X-Request-ID": REQUEST_ID}).generic(method, "/health")

    status, headers, body = ask("/health", method)

    assert status == f"{response.status_code} {response.reason_phrase}"
    assert headers == dict(response.items())
    assert body == [response.content] or method == "HEAD"


def test_liveness_is_logged() -> None:
    with capture_logs() as lines:
        ask("/health")

    what = {"method": "GET", "path": "/health", "client_ip": "127.0.0.1", "log_level": "info"}
    assert lines[0] == {**what, "event": "request_started"}
    assert {**lines[1], "duration_ms": 0} == {
        **what, "event": "request_completed", "status_code": 200, "duration_ms": 0
    }  # fmt: skip
