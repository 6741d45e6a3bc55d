"""Structured logs: JSON lines in production, readable lines elsewhere.

Every line carries what is bound to the request (request_id, user_id). Values under a name that may hold a secret or
personal data are replaced, and so are tokens and e-mail addresses inside any text, whoever logs them.
"""

import json
import logging.config
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, BinaryIO, cast

import orjson
import structlog

REDACTED = "[redacted]"
REDACTED_KEYS = frozenset({"password", "token", "access", "refresh", "access_token", "refresh_token", "email",
                           "authorization", "cookie", "secret"})  # fmt: skip
# JSON Web Tokens, anything that looks like an address, and the tokens of links.
REDACTED_TEXT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*|[\w.%+-]+@[\w-]+(?:\.[\w-]+)+|(?<=token=)[\w.~%+-]+")

PLAIN = frozenset({str, int, float, bool, type(None)})


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor that blanks secrets, after everything else is text."""
    # Django attaches the request itself, whose text holds the query string.
    event.pop("request", None)
    if _is_harmless(event):
        return event
    return {key: _blank(key, value) for key, value in event.items()}


def _is_harmless(event: MutableMapping[str, Any]) -> bool:
    """Most lines are: told without looking at each value by itself."""
    values = event.values()
    return (
        _are_harmless(tuple(event))
        and PLAIN.issuperset(map(type, values))
        and not _is_suspect("\n".join(map(str, values)))
    )


@lru_cache(maxsize=256)
def _are_harmless(keys: tuple[Any, ...]) -> bool:
    return REDACTED_KEYS.isdisjoint([str(key).lower() for key in keys])


def _blank(key: Any, value: Any) -> Any:
    if str(key).lower() in REDACTED_KEYS:
        return REDACTED
    if isinstance(value, dict):
        return {inner: _blank(inner, item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_blank(key, item) for item in value]
    return value if isinstance(value, int | float | None) else _clean(str(value))


def _clean(text: str) -> str:
    return REDACTED_TEXT.sub(REDACTED, text) if _is_suspect(text) else text


def _is_suspect(text: str) -> bool:
    """Whether REDACTED_TEXT can be in it, at a tenth of the cost."""
    return "@" in text or "eyJ" in text or "token=" in text


def _json(event: dict[str, Any], **_options: Any) -> str:
    return _json_bytes(event).decode()


def _json_bytes(event: dict[str, Any], **_options: Any) -> bytes:
    try:
        return orjson.dumps(event, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        # Text that is no UTF-8, and integers beyond 64 bits.
        return json.dumps(event).encode()


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_config(*, as_json: bool, level: str) -> dict[str, Any]:
    """The `logging.config` dictionary; standard-library loggers pass through the same processors."""
    # A plain traceback: the pretty one prints local variables, passwords among them.
    renderer = (
        structlog.processors.JSONRenderer(serializer=_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    redact,
                    renderer,
                ],
                "foreign_pre_chain": [structlog.stdlib.ExtraAdder(), *SHARED_PROCESSORS],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Named so that the handlers of Django's defaults go: each line once, in one form.
            "django": {"level": level},
            # Its lines repeat the completed event without the request's fields.
            "django.request": {"level": "ERROR"},
            # The lines of `runserver`, which hold query strings.
            "django.server": {"level": "CRITICAL"},
            "yfinance": {"level": "CRITICAL"},
        },
    }


def configure(options: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG hook, for LOGGING's `as_json` and `level`: the standard library, then structlog."""
    logging.config.dictConfig(logging_config(**options))
    # What no line shows need not be found out for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    if options["as_json"]:
        structlog.configure(**straight_to(cast("BinaryIO", Unfailing(sys.stderr.buffer)), level=options["level"]))
    else:
        structlog.configure(**through_the_standard_library())


class Unfailing:
    """A stream that fails nobody's request when its line cannot be written: the disk is full, the reader gone."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, line: bytes) -> None:
        with suppress(OSError):
            self._stream.write(line)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def straight_to(stream: BinaryIO, *, level: str) -> dict[str, Any]:
    """structlog's configuration in production: its own lines are written at once, at a quarter of what a record of the
    standard library costs. Each request writes two."""
    return {
        "processors": [
            *SHARED_PROCESSORS,
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(serializer=_json_bytes),
        ],
        "logger_factory": structlog.BytesLoggerFactory(stream),
        "wrapper_class": structlog.make_filtering_bound_logger(level),
        "cache_logger_on_first_use": True,
    }


def through_the_standard_library() -> dict[str, Any]:
    return {
        "processors": [
            structlog.stdlib.filter_by_level,
            *SHARED_PROCESSORS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        "logger_factory": structlog.stdlib.LoggerFactory(),
        "wrapper_class": structlog.stdlib.BoundLogger,
        "cache_logger_on_first_use": True,
    }
