"""Log lines are JSON in production and hold no secret, whoever writes them."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from logging.config import DictConfigurator
from typing import Any, BinaryIO, cast

import pytest
import structlog
from rest_framework.test import APIClient

from finances.api import requests
from finances.logs import Unfailing, _blank, logging_config, redact, straight_to

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
SECRETS = [TOKEN, "correct horse", "alice@example.test"]


@pytest.fixture(params=[True, False], ids=["json", "console"])
def output(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.BytesIO]:
    """What is written as in production or in development, by the standard library's loggers and by structlog's."""
    configurator = DictConfigurator(logging_config(as_json=request.param, level="INFO"))
    stream = io.BytesIO()
    handler = logging.StreamHandler(io.TextIOWrapper(stream, write_through=True))
    handler.setFormatter(configurator.configure_formatter(dict(configurator.config["formatters"]["structured"])))
    logging.getLogger().addHandler(handler)
    former = structlog.get_config()
    if request.param:
        structlog.configure(**straight_to(stream, level="INFO"))
        # The module's own is kept as it was first used.
        monkeypatch.setattr(requests, "log", structlog.get_logger("finances.requests"))
    yield stream
    structlog.configure(**former)
    logging.getLogger().removeHandler(handler)


def lines(output: io.BytesIO) -> list[dict[str, Any]]:
    """Each line but its time, and but the copy of the text that pytest's own handler leaves on the record."""
    found = [json.loads(line) for line in output.getvalue().decode().splitlines()]
    return [{key: value for key, value in line.items() if key not in ("timestamp", "message")} for line in found]


only_json = pytest.mark.parametrize("output", [True], indirect=True)


@pytest.mark.urls("finances.api.tests.urls")
def test_login_leaves_no_secret(output: io.BytesIO) -> None:
    body = {"email": "alice@example.test", "password": "correct horse"}
    client = APIClient(headers={"Authorization": f"Bearer {TOKEN}"})

    client.post(f"/login?token={TOKEN}&email=alice@example.test", body)

    assert "request_completed" in output.getvalue().decode()
    assert [secret for secret in SECRETS if secret in output.getvalue().decode()] == []


@only_json
@pytest.mark.urls("finances.api.tests.urls")
def test_crash_is_logged_without_the_query(output: io.BytesIO) -> None:
    APIClient(raise_request_exception=False).get("/faults/crash?token=secret", headers={"X-Request-ID": "request-1"})

    crash = lines(output)[1]

    assert crash.pop("exception").endswith("RuntimeError: secret detail")
    assert crash == {
        "event": "Server Error (500): /faults/crash",
        "level": "error",
        "logger": "django.request",
        "request_id": "request-1",
        "status_code": 500,
    }


@only_json
def test_third_party_line_has_the_same_form(output: io.BytesIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="request-1"):
        logging.getLogger("library").warning("mail to %s", "alice@example.test", extra={"Token": "t", "tries": 2})

    assert lines(output)[0] == {
        "event": "mail to [redacted]",
        "level": "warning",
        "logger": "library",
        "request_id": "request-1",
        "Token": "[redacted]",
        "tries": 2,
    }


@only_json
def test_nested_values_are_blanked(output: io.BytesIO) -> None:
    structlog.get_logger("test").info("sent", headers={"Authorization": "x", "n": 1}, to=["alice@example.test"])

    line = lines(output)[0]

    assert (line["headers"], line["to"]) == ({"Authorization": "[redacted]", "n": 1}, ["[redacted]"])


def test_traceback_shows_no_variables(output: io.BytesIO) -> None:
    password = "correct horse"
    try:
        raise ValueError(f"refused {SECRETS[2]}" + password[:0])
    except ValueError:
        logging.getLogger("library").error("failed", exc_info=sys.exc_info())

    assert "ValueError: refused [redacted]" in output.getvalue().decode()
    assert [secret for secret in SECRETS if secret in output.getvalue().decode()] == []


@only_json
def test_a_request_is_two_lines_with_these_fields(output: io.BytesIO) -> None:
    APIClient().get("/health?token=secret", headers={"X-Request-ID": "request-1"})

    started, completed = lines(output)

    common = {
        "level": "info", "logger": "finances.requests", "request_id": "request-1", "method": "GET", "path": "/health",
        "client_ip": "127.0.0.1",
    }  # fmt: skip
    assert started == {**common, "event": "request_started"}
    assert completed.pop("duration_ms") >= 0
    assert completed == {**common, "event": "request_completed", "status_code": 200}


@pytest.mark.parametrize(
    "event",
    [
        {"event": "plain", "n": 1, "f": 0.5, "b": True, "none": None},
        {"event": "plain", "Password": "x"},
        {"event": "mail to alice@example.test"},
        {"event": "plain", "why": f"token {TOKEN}"},
        {"event": "plain", "why": f"https://app.example.test/reset-password?token={'t' * 43}"},
        {"event": "plain", "nested": {"token": "x"}},
        {"event": "plain", "list": ["alice@example.test", 1]},
        {"event": "plain", "error": ValueError("alice@example.test")},
        {"event": "plain", "request": "GET /?token=x"},
    ],
)
def test_a_harmless_line_is_told_from_the_others(event: dict[str, Any]) -> None:
    blanked = {key: _blank(key, value) for key, value in event.items() if key != "request"}

    assert redact(None, "info", dict(event)) == blanked


def test_the_token_of_a_link_is_blanked() -> None:
    body = """b'{"body": "https://app.example.test/reset-password?token=a-B_9&lang=en\\\\n"}'"""

    line = redact(None, "error", {"event": f"Received unregistered task: {body}"})

    assert line["event"] == f"Received unregistered task: {body.replace('a-B_9', '[redacted]')}"


@only_json
def test_a_level_is_kept(output: io.BytesIO) -> None:
    structlog.configure(**straight_to(output, level="WARNING"))

    structlog.get_logger("test").info("no")
    structlog.get_logger("test").warning("yes")

    assert [line["event"] for line in lines(output)] == ["yes"]


@only_json
def test_an_exception_of_ours_has_its_traceback(output: io.BytesIO) -> None:
    try:
        raise ValueError(f"refused {SECRETS[2]}")
    except ValueError:
        structlog.get_logger("test").exception("failed")

    line = lines(output)[0]

    assert line.pop("exception").endswith("ValueError: refused [redacted]")
    assert line == {"event": "failed", "level": "error", "logger": "test"}


def test_a_line_that_cannot_be_written_fails_nobody() -> None:
    with open("/dev/full", "wb", buffering=0) as full:
        with pytest.raises(OSError, match="No space left"):
            full.write(b"a line")
        stream = cast("BinaryIO", Unfailing(full))
        structlog.BytesLogger(stream).info(b"a line")
