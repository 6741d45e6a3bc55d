"""Every response carries its request's id, and every request leaves two lines in the log."""

import re
from typing import Any

import pytest
import structlog
from pytest_django import Settings
from rest_framework.test import APIClient
from structlog.testing import capture_logs

pytestmark = pytest.mark.urls("finances.api.tests.urls")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def answered_id(sent: str | None) -> str:
    headers = {} if sent is None else {"X-Request-ID": sent}
    return str(APIClient().get("/values", headers=headers)["X-Request-ID"])


@pytest.mark.parametrize("sent", ["12345678", "a.B_c-9" * 9])
def test_well_formed_id_is_kept(sent: str) -> None:
    assert answered_id(sent) == sent


@pytest.mark.parametrize("sent", [None, "", "1234567", "a" * 65, "with space", "line\nbreak", "émigré-1"])
def test_id_is_made_where_none_is_well_formed(sent: str | None) -> None:
    assert UUID.fullmatch(answered_id(sent))


@pytest.mark.parametrize("path", ["/nowhere", "/faults/crash", "/plain/crash", "/faults/conflict"])
def test_error_carries_the_id(path: str) -> None:
    response = APIClient(raise_request_exception=False).get(path, headers={"X-Request-ID": "request-1"})

    assert response["X-Request-ID"] == "request-1"


def logged(path: str, **headers: str) -> list[Any]:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        APIClient().get(path, headers={"X-Request-ID": "request-1", **headers})
    return lines


def test_request_is_logged_without_its_query(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finances.api.requests.time.perf_counter", iter([1.0, 1.0425]).__next__)
    what = {
        "method": "GET", "path": "/range", "client_ip": "127.0.0.1", "request_id": "request-1", "log_level": "info"
    }  # fmt: skip

    assert logged("/range?start_date=secret") == [
        {"event": "request_started", **what},
        {"event": "request_completed", **what, "status_code": 422, "duration_ms": 42.5},
    ]


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "192.0.2.7")])
def test_forwarded_address_is_logged_when_trusted(settings: Settings, proxies: int, address: str) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}

    assert logged("/values", **{"X-Forwarded-For": "203.0.113.1, 192.0.2.7"})[0]["client_ip"] == address


def test_what_a_request_binds_is_logged_and_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from finances.api.tests.urls import ValuesView

    monkeypatch.setattr(
        ValuesView, "perform_authentication", lambda *_: structlog.contextvars.bind_contextvars(user_id="alice")
    )
    users = [line.get("user_id") for path in ("/values", "/nowhere") for line in logged(path)]

    assert users == [None, "alice", None, None]
    assert structlog.contextvars.get_contextvars() == {}
