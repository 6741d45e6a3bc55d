"""JSON in and out without losing a digit."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

import orjson
from django.conf import settings
from django.utils.functional import Promise
from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

MAX_DEPTH = 32


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "body_too_large"
    default_detail = "The request body is too large."


class ExactJSONParser(BaseParser):
    """Numbers with a fraction become Decimal, so that money is exact from request to row.

    What is not strictly JSON (NaN, lone surrogates, numbers no double can hold), and bodies nested deeper than
    MAX_DEPTH, are refused (422); bodies over MAX_BODY_BYTES answer 413.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = _read(stream, parser_context or {})
        try:
            # orjson is strict and cheap, and turns fractions into floats; the standard library keeps them.
            depth = _depth(orjson.loads(raw))
        except orjson.JSONDecodeError as error:
            raise ParseError("The body is not valid JSON.", code="json_invalid") from error
        if depth > MAX_DEPTH:
            raise ParseError("The body is nested too deeply.", code="json_invalid")
        return json.loads(raw, parse_float=Decimal)


def _read(stream: IO[bytes], parser_context: Mapping[str, Any]) -> bytes:
    """The body, of which no more than the limit is read whatever length is stated."""
    request = parser_context.get("request")
    stated = request.META.get("CONTENT_LENGTH") if request else None
    if int(stated or 0) > settings.MAX_BODY_BYTES:
        raise BodyTooLarge
    raw = stream.read(settings.MAX_BODY_BYTES + 1)
    if len(raw) > settings.MAX_BODY_BYTES:
        raise BodyTooLarge
    return raw


def _depth(data: Any) -> int:
    """Levels of containers in `data`, counted level by level so that depth costs no recursion."""
    depth, level = 0, [data]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    return depth


class ExactJSONRenderer(BaseRenderer):
    """orjson. A Decimal that no serializer has made a string is an error, never silently a float."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        # None is the body of a 204.
        return b"" if data is None else orjson.dumps(data, default=_lazy_text, option=orjson.OPT_UTC_Z)


def _lazy_text(value: Any) -> str:
    """Text that the caller's language decides late; anything else orjson does not know is a mistake."""
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")


class JSONOnlyNegotiation(DefaultContentNegotiation):
    """The API speaks JSON whatever Accept says: a client that asks for something else still gets an answer."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
