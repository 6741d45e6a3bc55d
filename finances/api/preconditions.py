"""If-Match: a write that is done only to what its caller has seen."""

import re

from django.http import HttpRequest
from rest_framework.exceptions import ErrorDetail

from finances.api.conditional import GZIP_SUFFIX
from finances.api.exceptions import InvalidHeader
from finances.errors import PreconditionFailed

TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
LONGEST = 4096
ANY = "*"


def wanted_tags(request: HttpRequest) -> frozenset[str] | None:
    """The tags of which one must be the current one; None without the header. Raises InvalidHeader (422)."""
    text: str | None = request.META.get("HTTP_IF_MATCH")
    if text is None:
        return None
    tags = [tag.strip() for tag in text.split(",")]
    if len(text) > LONGEST or (tags != [ANY] and not all(TAG.fullmatch(tag) for tag in tags)):
        message = 'Give the ETag as it was answered, in its quotes ("..."), several with commas between, or *.'
        raise InvalidHeader({"If-Match": [ErrorDetail(message, "invalid")]})
    return frozenset(tags)


def require(tags: frozenset[str], current: str | None) -> None:
    """`current`: the tag of what is there, None for what has none. Weak tags never match. Raises PreconditionFailed."""
    held = {tag.replace(f'{GZIP_SUFFIX}"', '"') for tag in tags}
    if ANY not in held and current not in held:
        raise PreconditionFailed
