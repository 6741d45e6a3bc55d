"""The site around the API: docs that need no internet, the schema, CORS, headers, and unknown addresses."""

import re
from typing import Any

import pytest
import yaml
from rest_framework.test import APIClient

APP = "https://app.example.test"


def get(path: str, **headers: str) -> Any:
    return APIClient().get(path, headers=headers)


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc"])
def test_docs_load_nothing_from_elsewhere(path: str) -> None:
    answer = get(path)
    page = answer.content.decode()
    assets = re.findall(r'(?:src|href|url)\s*[=:]\s*"([^"]+)"', page)

    assert [asset for asset in assets if asset.startswith("/static/")] != []
    assert [asset for asset in assets if re.match(r"(?:[a-z]+:)?//", asset)] == ["https://redocly.com/redoc/"] * (
        path == "/api/redoc"
    )
    assert answer["Content-Security-Policy"].startswith("default-src 'self';")


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc"])
def test_docs_assets_exist(path: str) -> None:
    from django.contrib.staticfiles.finders import find

    assets = re.findall(r'"/static/([^"]+)"', get(path).content.decode())

    assert [asset for asset in assets if find(asset) is None] == []


def test_schema_is_yaml() -> None:
    response = get("/api/schema")

    assert response["Content-Type"] == "application/vnd.oai.openapi; charset=utf-8"
    assert yaml.safe_load(response.content)["info"]["title"] == "Finances API"


def test_schema_is_json_on_request() -> None:
    response = get("/api/schema?format=json")

    assert response["Content-Type"] == "application/vnd.oai.openapi+json"
    assert response.json() == yaml.safe_load(get("/api/schema").content)


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/v1/", "/nowhere", "/api/v1/%00", "/administrators"])
def test_unknown_address(path: str) -> None:
    response = get(path)

    assert (response.status_code, response.json()) == (404, {"detail": "Not found.", "code": "not_found"})


def test_listed_origin_may_read() -> None:
    response = get("/api/v1/nowhere", Origin=APP)

    assert response["Access-Control-Allow-Origin"] == APP
    exposed = "X-Total-Count, Link, ETag, X-Request-ID, Retry-After, Idempotent-Replayed"
    assert response["Access-Control-Expose-Headers"] == exposed
    assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.parametrize("origin", ["https://evil.example", "https://app.example.test.evil.example", "null"])
def test_other_origin_may_not_read(origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in get("/api/v1/nowhere", Origin=origin)


def test_origin_may_not_read_outside_the_api() -> None:
    assert "Access-Control-Allow-Origin" not in get("/health", Origin=APP)


def test_preflight_allows_the_token() -> None:
    response = APIClient().options(
        "/api/v1/accounts",
        headers={
            "Origin": APP,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization",
        },
    )

    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == APP
    assert "authorization" in response["Access-Control-Allow-Headers"].split(", ")
    assert "PATCH" in response["Access-Control-Allow-Methods"].split(", ")


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/docs"])
def test_security_headers(path: str) -> None:
    response = get(path)

    assert {name: response[name] for name in ("X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options")} == {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }


NOTHING = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"


@pytest.mark.parametrize("path", ["/api/v1/accounts", "/nowhere", "/health", "/health/db", "/api/schema", "/static/x"])
def test_data_may_load_nothing(path: str) -> None:
    response = get(path)

    assert response["Content-Security-Policy"] == NOTHING
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/api/docs", "/api/redoc"])
def test_pages_run_no_script_of_their_own(path: str) -> None:
    page = get(path)
    policy = dict(part.split(" ", 1) for part in page["Content-Security-Policy"].split("; "))

    assert (policy["default-src"], policy["frame-ancestors"]) == ("'self'", "'none'")
    assert "script-src" not in policy
    assert re.findall(r"<script>|<script type=.text/javascript.>|javascript:|\son[a-z]+=", page.content.decode()) == []


@pytest.mark.parametrize("path", ["/api/v1/accounts", "/nowhere", "/admin/login/", "/api/docs", "/health"])
def test_no_answer_names_what_it_was_made_with(path: str) -> None:
    response = get(path)
    told = f"{dict(response.items())}".lower()

    assert response["Server"] == "finances"
    assert not response.has_header("X-Powered-By")
    assert [name for name in ("django", "granian", "python", "postgres") if name in told] == []
