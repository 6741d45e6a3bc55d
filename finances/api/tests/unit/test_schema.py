"""The OpenAPI document says of every operation what the contract promises of all."""

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


@pytest.fixture(scope="module")
def schema() -> Any:
    generator: Any = SchemaGenerator
    return generator(urlconf="finances.api.tests.urls").get_schema(public=True)


def test_document_is_valid(schema: Any) -> None:
    validate_schema(schema)  # type: ignore[no-untyped-call]


def test_open_list_declares_its_parameters_headers_and_errors(schema: Any) -> None:
    operation = schema["paths"]["/api/v1/groups"]["get"]
    pages = [parameter for parameter in operation["parameters"] if parameter["name"] in ("skip", "limit")]

    assert sorted(operation["responses"]) == ["200", "422", "429", "default"]
    assert list(operation["responses"]["200"]["headers"]) == ["X-Total-Count", "Link"]
    assert [parameter["schema"] for parameter in pages] == [
        {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
        {"type": "integer", "minimum": 0, "maximum": 2147483647, "default": 0},
    ]


def test_guarded_detail_declares_its_errors(schema: Any) -> None:
    responses = schema["paths"]["/guarded/{id}"]["get"]["responses"]

    assert sorted(responses) == ["200", "401", "403", "404", "422", "429", "default"]
    assert {status: responses[status]["content"] for status in ("401", "403", "404", "429", "default")} == (
        dict.fromkeys(("401", "403", "404", "429", "default"), PROBLEM)
    )


def test_violation_has_its_shape(schema: Any) -> None:
    assert schema["components"]["schemas"]["Violation"]["properties"]["loc"]["items"] == {
        "oneOf": [{"type": "string"}, {"type": "integer"}]
    }
