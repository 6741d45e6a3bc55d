"""JSON keeps every digit on the way in and out, and what is not JSON is refused."""

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

pytestmark = pytest.mark.urls("finances.api.tests.urls")
INVALID = "The body is not valid JSON."


def refusal(message: str) -> dict[str, object]:
    return {"detail": [{"loc": ["body"], "msg": message, "type": "json_invalid"}], "code": "validation_error"}


def post(body: bytes, path: str = "/echo", content_type: str = "application/json") -> tuple[int, object]:
    response = APIClient(raise_request_exception=False).post(path, body, content_type=content_type)
    return response.status_code, response.json()


def test_fraction_becomes_decimal() -> None:
    assert post(b'{"a": 0.1000000000000000055, "b": 1e2, "c": 12345678901234567890}') == (
        200,
        {"a": "Decimal('0.1000000000000000055')", "b": "Decimal('1E+2')", "c": "12345678901234567890"},
    )


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b'{"a": 1,}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_invalid_json_is_refused(body: bytes) -> None:
    assert post(body) == (422, refusal(INVALID))


def test_depth_at_the_limit_is_accepted() -> None:
    nested = b"[" * 31 + b"]" * 31

    assert post(b'{"a": ' + nested + b"}") == (200, {"a": nested.decode()})


def test_depth_over_the_limit_is_refused() -> None:
    assert post(b'{"a": ' + b"[" * 32 + b"]" * 32 + b"}") == (422, refusal("The body is nested too deeply."))


def test_body_at_the_limit_is_accepted(settings: Settings) -> None:
    settings.MAX_BODY_BYTES = 10

    assert post(b'{"a": "x"}') == (200, {"a": "'x'"})


TOO_LARGE = {"detail": "The request body is too large.", "code": "body_too_large"}


def test_body_over_the_limit_is_refused(settings: Settings) -> None:
    settings.MAX_BODY_BYTES = 10

    assert post(b'{"a": "xyz"}') == (413, TOO_LARGE)


def test_stated_length_over_the_limit_is_refused_unread(settings: Settings) -> None:
    settings.MAX_BODY_BYTES = 10
    client = APIClient()

    response = client.generic("POST", "/echo", "{}", content_type="application/json", CONTENT_LENGTH="11")

    assert (response.status_code, response.json()) == (413, TOO_LARGE)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_other_content_type_is_refused(content_type: str) -> None:
    assert post(b"a=1", content_type=content_type) == (
        415,
        {"detail": f'Unsupported media type "{content_type}" in request.', "code": "unsupported_media_type"},
    )


def test_values_have_one_form() -> None:
    response = APIClient().get("/values")

    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "id": "00000000-0000-0000-0000-000000000001",
        "at": "2024-02-29T12:30:00Z",
        "on": "2024-02-29",
        "lazy": "Monday",
        "text": "words",
    }


def test_accept_header_of_another_type_still_gets_json() -> None:
    response = APIClient().get("/values", headers={"Accept": "text/html"})

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_serializer_data_is_rendered() -> None:
    body = b'{"email": "a@example.test", "lines": [{"amount": 50000.00}]}'

    assert post(body, "/orders") == (
        201,
        {"email": "a@example.test", "lines": [{"amount": "50000.00000000", "tags": []}]},
    )


def test_no_content_has_no_body() -> None:
    assert APIClient().delete("/orders").content == b""


def test_bare_decimal_is_an_error() -> None:
    response = APIClient(raise_request_exception=False).get("/decimal")

    assert (response.status_code, response.json()) == (500, {"detail": "Internal server error", "code": "error"})
