"""Every error has its status, body and headers, and none shows anything internal."""

from typing import Any

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.urls("finances.api.tests.urls")
DOWN = {"detail": "The database does not answer at present.", "code": "database_unavailable"}
CRASH = {"detail": "Internal server error", "code": "error"}


def call(path: str, method: str = "get", **options: Any) -> Any:
    return getattr(APIClient(raise_request_exception=False), method)(path, **options)


@pytest.mark.parametrize(
    ("name", "status", "detail", "code"),
    [
        ("rule", 400, "The start comes after the end.", "rule_violation"),
        ("data", 400, "A value is outside what can be stored.", "rule_violation"),
        ("suspicious", 400, "Bad request.", "bad_request"),
        ("unauthenticated", 401, "The pair is wrong.", "not_authenticated"),
        ("forbidden", 403, "This account is disabled.", "permission_denied"),
        ("denied", 403, "You do not have permission to perform this action.", "permission_denied"),
        ("missing", 404, "Not found.", "not_found"),
        ("http404", 404, "Not found.", "not_found"),
        ("conflict", 409, "It is in use.", "conflict"),
        ("integrity", 409, "This conflicts with what is stored.", "conflict"),
        ("crash", 500, "Internal server error", "error"),
        ("generic", 500, "Internal server error", "error"),
        ("nameless", 500, "Internal server error", "error"),
        ("operational", 503, DOWN["detail"], DOWN["code"]),
        ("interface", 503, DOWN["detail"], DOWN["code"]),
        ("yahoo", 503, "Yahoo Finance asks for fewer requests at present.", "yahoo_rate_limited"),
    ],
)
def test_error_has_its_status_and_body(name: str, status: int, detail: str, code: str) -> None:
    response = call(f"/faults/{name}")

    assert (response.status_code, response.json()) == (status, {"detail": detail, "code": code})
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize(("name", "seconds"), [("operational", "5"), ("yahoo", "7")])
def test_unavailable_says_when_to_retry(name: str, seconds: str) -> None:
    assert call(f"/faults/{name}")["Retry-After"] == seconds


def test_unauthenticated_names_the_scheme() -> None:
    assert call("/faults/unauthenticated")["WWW-Authenticate"] == 'Bearer realm="api"'


def test_unknown_method_is_refused() -> None:
    response = call("/values", "put")

    assert (response.status_code, response.json()) == (
        405,
        {"detail": 'Method "PUT" not allowed.', "code": "method_not_allowed"},
    )
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_violations_come_all_at_once() -> None:
    body = {"email": "nobody", "lines": [{"amount": "1"}, {"amount": "x", "tags": ["fine", "too long"]}]}

    response = call("/orders", "post", data=body)

    assert (response.status_code, response.json()) == (
        422,
        {
            "detail": [
                {"loc": ["body", "email"], "msg": "Enter a valid email address.", "type": "invalid"},
                {"loc": ["body", "lines", 1, "amount"], "msg": "A valid number is required.", "type": "invalid"},
                {"loc": ["body", "lines", 1, "tags", 1],
                 "msg": "Ensure this field has no more than 5 characters.", "type": "max_length"},
            ],
            "code": "validation_error",
        },
    )  # fmt: skip


def test_violation_of_the_whole_names_no_field() -> None:
    response = call("/orders", "post", data={"email": "a@example.test", "lines": []})

    assert response.json() == {
        "detail": [{"loc": ["body"], "msg": "An order has lines.", "type": "empty"}],
        "code": "validation_error",
    }


@pytest.mark.parametrize(("name", "message"), [("lines", "\\u0000"), ("email", "a\\u0000@example.test")])
def test_nul_in_a_body_is_a_violation(name: str, message: str) -> None:
    response = call("/orders", "post", data=f'{{"{name}": "{message}"}}'.encode(), content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (422, "validation_error")


def test_too_many_parameters_are_refused() -> None:
    response = call("/range?" + "&".join(["a=1"] * 1001))

    assert (response.status_code, response.json()) == (400, {"detail": "Bad request.", "code": "bad_request"})


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("crash", 500, CRASH),
        ("operational", 503, DOWN),
        ("interface", 503, DOWN),
        ("http404", 404, {"detail": "Not found.", "code": "not_found"}),
        ("suspicious", 400, {"detail": "Bad request.", "code": "bad_request"}),
        ("denied", 403, {"detail": "You do not have permission to perform this action.", "code": "permission_denied"}),
    ],
)
def test_error_outside_the_api_is_json_too(name: str, status: int, body: dict[str, str]) -> None:
    response = call(f"/plain/{name}")

    assert (response.status_code, response.json()) == (status, body)


@pytest.mark.parametrize(("name", "status"), [("crash", 500), ("http404", 404), ("denied", 403)])
def test_error_in_the_admin_is_a_page(name: str, status: int) -> None:
    response = call(f"/admin/plain/{name}")

    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_database_failure_of_a_middleware_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import OperationalError

    def fail(self: Any, must_create: bool = False) -> None:
        raise OperationalError("secret detail")

    monkeypatch.setattr(SessionStore, "save", fail)

    response = call("/admin/session")

    assert (response.status_code, response.json(), response["Retry-After"]) == (503, DOWN, "5")


def test_nul_in_a_path_is_not_found() -> None:
    response = call("/faults/%00")

    assert (response.status_code, response.json()) == (404, {"detail": "Not found.", "code": "not_found"})


def test_forged_host_is_refused_as_json() -> None:
    response = call("/values", headers={"Host": "evil.example"})

    assert (response.status_code, response.json()) == (400, {"detail": "Bad request.", "code": "bad_request"})
