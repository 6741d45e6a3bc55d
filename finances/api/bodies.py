"""Rendered bodies kept as they are sent, compressed ones too: a repeated read costs neither figures nor rendering."""

from collections.abc import Callable

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse

from finances.api.compression import SMALLEST, accepts_gzip, compress, mark_compressed
from finances.api.conditional import not_modified, tag_held, tagged

KEPT_SECONDS = 60 * 60
LARGEST = 512 * 1024
"""Bytes; larger ones are rendered each time, so that a few of them do not push all others out."""


def kept_answer(request: HttpRequest, tag: str, render: Callable[[], bytes]) -> HttpResponse:
    """200 with the JSON that `render` makes, or 304. `tag` names everything that the body depends on."""
    if held := tag_held(request, tag):
        return not_modified(held)
    wants_gzip = accepts_gzip(request)
    key = f"{tag}:{'gzip' if wants_gzip else 'plain'}"
    kept: tuple[bytes, bool] | None = caches["bodies"].get(key)
    if kept is None:
        kept = _rendered(render, wants_gzip)
        if len(kept[0]) <= LARGEST:
            caches["bodies"].set(key, kept, KEPT_SECONDS)
    body, is_compressed = kept
    response = tagged(HttpResponse(body, content_type="application/json"), tag)
    return mark_compressed(response) if is_compressed else response


def _rendered(render: Callable[[], bytes], wants_gzip: bool) -> tuple[bytes, bool]:
    body = render()
    return (compress(body), True) if wants_gzip and len(body) >= SMALLEST else (body, False)
