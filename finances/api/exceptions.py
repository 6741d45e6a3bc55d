"""Errors to HTTP, in this one place.

`{"detail": "...", "code": "..."}`; for a 422 `detail` lists every violation as {"loc", "msg", "type"}.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import exceptions
from rest_framework.response import Response

from finances import errors
from finances.api.json import BodyTooLarge

STATUS_OF_FAMILY: tuple[tuple[type[errors.FinancesError], int], ...] = (
    (errors.RuleViolation, 400),
    (errors.Unauthenticated, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.TooManyAttempts, 429),
    (errors.PreconditionFailed, 412),
    (errors.Unavailable, 503),
)
INVALID = (exceptions.ValidationError, exceptions.ParseError)
# The names under which DRF and Django file what concerns no single field.
WHOLE = frozenset({"non_field_errors", "__all__"})


class InvalidParameters(exceptions.ValidationError):
    """Violations in the query string rather than in the body."""


class InvalidHeader(exceptions.ValidationError):
    """Violations in a header."""


class BadRequest(exceptions.APIException):
    """Django suspects the request itself: an absurd number of parameters, a forged host."""

    status_code = 400
    default_code = "bad_request"
    default_detail = "Bad request."


class MappedError(exceptions.APIException):
    """A FinancesError on its way out."""

    def __init__(self, error: errors.FinancesError) -> None:
        super().__init__(str(error), code=error.code)
        self.facts = error.facts
        self.status_code = next((s for family, s in STATUS_OF_FAMILY if isinstance(error, family)), 500)
        if isinstance(error, errors.RetryLater):
            self.wait = error.retry_after
        if isinstance(error, errors.Unauthenticated):
            self.auth_header = 'Bearer realm="api"'


class ContractHandler(ExceptionHandler):
    def convert_known_exceptions(self, exc: Exception) -> Exception:
        exc = translate(exc)
        return MappedError(exc) if isinstance(exc, errors.FinancesError) else super().convert_known_exceptions(exc)

    def get_response(self, exc: exceptions.APIException, data: dict[str, Any]) -> Response:
        if isinstance(exc, INVALID):
            exc.status_code = 422
        return super().get_response(exc, data)

    def report_exception(self, exc: exceptions.APIException, response: Response) -> None:
        """Crashes only: a 503 is an answer, and the log says what failed where it failed."""
        if exc.status_code == 500:
            super().report_exception(exc, response)


def translate(exc: Exception) -> Exception:
    """Django's own errors in the terms of the contract; others as they are."""
    match exc:
        case OperationalError() | InterfaceError():
            return errors.DatabaseUnavailable()
        case IntegrityError():
            # A constraint decided a race that no check before the write could: the other writer was first.
            return errors.Conflict("This conflicts with what is stored.")
        case DataError():
            return errors.RuleViolation("A value is outside what can be stored.")
        case RequestDataTooBig():
            return BodyTooLarge()
        case SuspiciousOperation():
            return BadRequest()
    return exc


class ContractFormatter(ExceptionFormatter):
    def run(self) -> dict[str, Any]:
        if isinstance(self.exc, INVALID):
            return {"detail": list(violations(self.exc.detail, [self._where()])), "code": "validation_error"}
        if self.exc.status_code == 500:
            return {"detail": "Internal server error", "code": "error"}
        first = next(violations(self.exc.detail, []))
        return {"detail": first["msg"], "code": first["type"], **getattr(self.exc, "facts", {})}

    def _where(self) -> str:
        if isinstance(self.exc, InvalidHeader):
            return "header"
        return "query" if isinstance(self.exc, InvalidParameters) else "body"


def violations(detail: Any, loc: list[str | int]) -> Iterator[dict[str, Any]]:
    """DRF's nested details, flat; positions in lists are numbers in `loc`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from violations(inner, loc if name in WHOLE else [*loc, name])
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            yield from violations(inner, loc if isinstance(inner, exceptions.ErrorDetail) else [*loc, position])
    else:
        yield {"loc": loc, "msg": str(detail), "type": detail.code}
