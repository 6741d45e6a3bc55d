"""Idempotency-Key: a write that is done once, however often it is sent."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from finances.api.exceptions import InvalidHeader
from finances.api.json import ExactJSONRenderer
from finances.errors import InProgress, KeyReused
from finances.idempotency.models import IdempotencyKey

PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")
CLAIM = timedelta(minutes=2)
"""Longer than any request that calls others over the network lasts."""


class Attempt:
    """A request that came with a key."""

    def __init__(self, request: Request, key: str) -> None:
        owner: Any = request.user
        self._rows = IdempotencyKey.objects.filter(owner=owner, key=key)
        self._row = IdempotencyKey(owner=owner, key=key, fingerprint=fingerprint(request))

    def answer(self) -> HttpResponse | None:
        """What was answered before; None where nothing was. Raises KeyReused, InProgress."""
        found = self._rows.first()
        if found is None:
            return None
        # Deleted only if nobody else has done so and begun anew.
        if IdempotencyKey.objects.filter(pk=found.pk).expired(timezone.now()).delete()[0]:
            return None
        if found.fingerprint != self._row.fingerprint:
            raise KeyReused
        if found.status is None:
            raise InProgress
        headers = {**found.headers, "Idempotent-Replayed": "true"}
        return HttpResponse(bytes(found.body), status=found.status, headers=headers, content_type="application/json")

    def begin(self, *, claimed_until: datetime | None = None) -> bool:
        """Whether this is the first of its key. One that has begun elsewhere and is not committed is waited for."""
        self._row.created_at, self._row.claimed_until = timezone.now(), claimed_until
        try:
            with transaction.atomic():
                self._row.save(force_insert=True)
        except IntegrityError:
            return False
        return True

    def finish(self, response: Response) -> None:
        """Keep the answer."""
        row = self._row
        # The type is only a template's default until the response is rendered.
        row.headers = {name: text for name, text in response.items() if name != "Content-Type"}
        row.status = response.status_code
        row.body = ExactJSONRenderer().render(response.data)
        row.save(update_fields=["status", "headers", "body"])

    def earlier(self) -> HttpResponse:
        """The answer of the request that was first. Raises KeyReused, InProgress."""
        found = self.answer()
        if found is None:  # it has failed meanwhile
            raise InProgress
        return found

    @contextmanager
    def claimed(self) -> Iterator[bool]:
        """`begin`, committed before what it is for, and undone if that fails."""
        is_first = self.begin(claimed_until=timezone.now() + CLAIM)
        try:
            yield is_first
        except Exception:
            if is_first:
                IdempotencyKey.objects.filter(pk=self._row.pk).delete()
            raise


def attempt_of(request: Request) -> Attempt | None:
    """None without a key. Raises InvalidHeader (422)."""
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not PRINTABLE.fullmatch(key):
        message = "Give 1 to 255 printable ASCII characters."
        raise InvalidHeader({"Idempotency-Key": [ErrorDetail(message, "invalid")]})
    return Attempt(request, key)


def fingerprint(request: Request) -> str:
    """Of method, path with its query, and what the body says: neither spaces nor a multipart boundary count."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(json.dumps(_plain(request.data), sort_keys=True, default=repr).encode())
    return digest.hexdigest()


def _plain(data: Any) -> Any:
    if not isinstance(data, QueryDict):
        return data
    return {name: [_part(value) for value in values] for name, values in data.lists()}


def _part(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    content = hashlib.sha256(b"".join(value.chunks())).hexdigest()
    value.seek(0)
    return [value.name, content]
