"""What every write of the API has in common: done once for its key, to what its caller has seen, and on the trail.

A view that writes outside auth/ is a `Writes`. Its handlers are called inside one transaction, together with the key's
row and the trail's entry: all of it is committed, or nothing.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from finances.api.conditional import ConditionalReads, body_tag
from finances.api.idempotency import Attempt, attempt_of
from finances.api.json import ExactJSONRenderer
from finances.api.preconditions import require, wanted_tags
from finances.audit.trail import record
from finances.errors import NotFound, PreconditionFailed

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
VERBS = {"POST": "create", "PUT": "replace", "PATCH": "change", "DELETE": "delete"}
STANDARD = {"create": "create", "update": "replace", "partial_update": "change", "destroy": "delete"}
ONE_OBJECT = frozenset({"retrieve", *STANDARD})
"""Actions of viewsets that answer with one object."""
Handler = Callable[[], Response]


class Writes(ConditionalReads):
    audited_as: ClassVar[str] = ""
    """What the trail calls the objects; of a viewset the name under which the router knows it."""
    object_methods: ClassVar[frozenset[str]] = frozenset()
    """Methods that answer with one object, whose tag If-Match may name. Viewsets know them by their actions."""
    calls_out: ClassVar[frozenset[str]] = frozenset()
    """Actions that ask somebody over the network, so that no transaction may span them."""
    tags_all_reads: ClassVar[bool] = False

    action: str
    basename: str

    def prepare_write(self, request: Request) -> None:
        """What has to be done before the transaction begins."""

    def lock_object(self, request: Request) -> None:
        """Keep others from changing the object that the path names until the transaction ends. Raises NotFound."""

    def named_id(self, request: Request) -> str:
        """What the path names, for the trail."""
        return "/".join(map(str, self.kwargs.values()))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        handler = getattr(self, method, None)
        if request.method in UNSAFE and handler is not None:
            # As viewsets do it: the instance serves this one request.
            setattr(self, method, partial(self._write, handler))

    def is_tagged(self, request: Request) -> bool:
        return super().is_tagged(request) and (self.tags_all_reads or self.answers_one_object(request.method or ""))

    def _write(self, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        run = partial(handler, request, *args, **kwargs)
        attempt = attempt_of(request) if request.method == "POST" else None
        earlier = attempt and attempt.answer()
        if earlier:
            return earlier
        if getattr(self, "action", None) in self.calls_out:
            return self._call_out(request, attempt, run)
        self.prepare_write(request)
        return self._write_once(request, attempt, run)

    @transaction.atomic
    def _write_once(self, request: Request, attempt: Attempt | None, run: Handler) -> HttpResponse:
        if attempt and not attempt.begin():
            return attempt.earlier()
        self._check_precondition(request)
        # Before: Django takes the id from a user who is deleted.
        actor_id, named = request.user.pk, self.named_id(request)
        response = run()
        if response.data is not None and self.answers_one_object(request.method or ""):
            response["ETag"] = _tag(response)
        self._record(request, response.data, actor_id, named)
        if attempt:
            attempt.finish(response)
        return response

    def _call_out(self, request: Request, attempt: Attempt | None, run: Handler) -> HttpResponse:
        """The entry says what was asked for: what became of it is in the record of syncs."""
        if attempt is None:
            self._record(request, None, request.user.pk, self.named_id(request))
            return run()
        with attempt.claimed() as is_first:
            if not is_first:
                return attempt.earlier()
            self._record(request, None, request.user.pk, self.named_id(request))
            response = run()
            attempt.finish(response)
        return response

    def _check_precondition(self, request: Request) -> None:
        tags = None if request.method == "POST" else wanted_tags(request._request)
        if tags is None:
            if request.method == "DELETE" and self.answers_one_object("DELETE"):
                # Of several at once a single one finds it.
                self.lock_object(request)
            return
        try:
            self.lock_object(request)
            current = self._read_object(request)
        except NotFound:
            if request.method != "PUT":
                raise
            raise PreconditionFailed from None  # there is nothing yet
        require(tags, None if current is None else _tag(current))

    def _read_object(self, request: Request) -> Response | None:
        """What GET of the same path answers, if that is one object."""
        if not self.answers_one_object(request.method or ""):
            return None
        read: Any = getattr(self, "retrieve", None) or self.get  # type: ignore[attr-defined]
        response: Response = read(request, **self.kwargs)
        return response

    def answers_one_object(self, method: str) -> bool:
        action = getattr(self, "action", None)
        return action in ONE_OBJECT if action else method in self.object_methods

    def _record(self, request: Request, data: Any, actor_id: UUID | None, named: str) -> None:
        shown = data if isinstance(data, dict) else {}
        action = getattr(self, "action", None)
        record(
            STANDARD.get(action, action) if action else VERBS[request.method or ""],
            self.audited_as or self.basename,
            shown.get("id") or named or shown.get("code", ""),
            actor_id=actor_id,
            # Only names that an answer has, too: others are the sender's own words.
            fields=set(shown).intersection(request.data) if isinstance(request.data, dict) else (),
        )


def _tag(response: Response) -> str:
    return body_tag(ExactJSONRenderer().render(response.data))
