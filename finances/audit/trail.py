"""Writing the trail: call it inside the transaction of the write that it tells of."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone

from finances.audit.models import Entry


def record(
    action: str, object_type: str, object_id: object, *, actor_id: UUID | None, fields: Iterable[str] = ()
) -> None:
    """fields: names of what was set, never what it was set to."""
    context: dict[str, Any] = structlog.contextvars.get_contextvars()
    Entry.objects.create(
        at=timezone.now(),
        actor_id=actor_id,
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        fields=sorted(fields),
        request_id=context.get("request_id", ""),
    )


def is_in_request() -> bool:
    """Whether a request is being answered: its own entry says who acts."""
    return "request_id" in structlog.contextvars.get_contextvars()
