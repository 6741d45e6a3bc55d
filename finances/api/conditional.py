"""Answers that cost little to ask for again: strong entity tags, and 304 for a client that has the body already.

RFC 9110 wants another strong tag for another content coding: that of a gzip body is the plain one's with `-gzip`
appended, and a client may come back with either.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

GZIP_SUFFIX = "-gzip"
PART_OF_BODY = ("X-Total-Count", "Link")
"""Headers that say what the body says: they change the tag too."""


EMPTY: Mapping[str, str] = MappingProxyType({})


def entity_tag(*parts: object) -> str:
    """A strong tag of what `parts` say; their `repr` tells all there is to tell."""
    return tag_of([repr(parts).encode()])


def tag_of(chunks: Iterable[bytes]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for chunk in chunks:
        digest.update(b"%d:" % len(chunk))
        digest.update(chunk)
    return f'"{digest.hexdigest()}"'


def body_tag(content: bytes, headers: Mapping[str, str] | HttpResponse = EMPTY) -> str:
    return tag_of([content, *(headers.get(name, "").encode() for name in PART_OF_BODY)])


def gzip_tag(tag: str) -> str:
    return f'{tag[:-1]}{GZIP_SUFFIX}"'


def tag_held(request: HttpRequest, tag: str) -> str | None:
    """The tag under which the client holds the body of `tag`, if it says so in If-None-Match."""
    held = {one.removeprefix("W/") for one in parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))}
    return next((one for one in (tag, gzip_tag(tag)) if held & {one, "*"}), None)


def tagged(response: HttpResponse, tag: str) -> HttpResponse:
    """Clients may keep it for their user, and ask each time whether it still holds."""
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def not_modified(tag: str) -> HttpResponse:
    return tagged(HttpResponseNotModified(), tag)


class ConditionalReads(APIView):
    """Gives each 200 of a GET a tag of its body, unless the view has given one already."""

    def is_tagged(self, request: Request) -> bool:
        return request.method in ("GET", "HEAD")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code != 200 or response.has_header("ETag") or not self.is_tagged(request):
            return response
        if not isinstance(response, Response):
            return _tagged_by_body(request._request, response)
        # A response that its renderer has still to render.
        response.add_post_render_callback(partial(_tagged_by_body, request._request))
        return response


def _tagged_by_body(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    tag = body_tag(response.content, response)
    held = tag_held(request, tag)
    return not_modified(held) if held else tagged(response, tag)
