"""Answers and inputs that many tests share."""

from typing import Any

from finances.api.json import ExactJSONRenderer
from finances.users.tests.bodies import NOT_FOUND

NOBODYS_ID = "6b1d2f0c-9d0e-4a53-9f6a-3f1b7a2d9c11"
TOO_LARGE = "9" * 400
PER_RESPONSE = {"Date", "X-Request-ID"}


def violations(response: Any) -> list[list[str | int]]:
    """Where the body was refused."""
    assert response.status_code == 422, response.content
    assert response.json()["code"] == "validation_error"
    return [violation["loc"] for violation in response.json()["detail"]]


def assert_hidden(response: Any, missing: Any) -> None:
    """Both say that there is nothing, in the same words and headers."""
    assert (response.status_code, response.json()) == (404, NOT_FOUND)
    assert (missing.status_code, missing.json()) == (404, NOT_FOUND)
    assert headers_of(response) == headers_of(missing)


def headers_of(response: Any) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in PER_RESPONSE}


def serialized(serializer: Any) -> bytes:
    """The body that a serializer itself would answer."""
    return ExactJSONRenderer().render(serializer.data)
