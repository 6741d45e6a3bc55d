"""Uploaded files, within the bound that holds for every body."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import MultiPartParser

from finances.api.json import BodyTooLarge


class BoundedMultiPartParser(MultiPartParser):
    """multipart/form-data up to MAX_BODY_BYTES; larger is 413. No more than the stated length is ever read."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_BODY_BYTES:
            raise BodyTooLarge
        return super().parse(stream, media_type, parser_context)
