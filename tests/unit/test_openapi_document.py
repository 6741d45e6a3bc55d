"""docs/openapi.yaml is what front ends are generated from: it must be the one the code makes, and complete."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from tests.installation import ROOT

COMMITTED = ROOT / "docs/openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
OPEN = {"register", "login", "refresh", "logout", "forgot-password", "reset-password", "verify-email"}


def operations() -> Iterator[Any]:
    document = yaml.safe_load(COMMITTED.read_text())
    for path, described in document["paths"].items():
        for method in METHODS:
            if method in described:
                yield pytest.param(path, described[method], id=f"{method.upper()} {path}")


@lru_cache
def generated() -> bytes:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return bytes(OpenApiYamlRenderer().render(schema, renderer_context={}))  # type: ignore[no-untyped-call]


def test_the_committed_document_is_the_generated_one() -> None:
    assert COMMITTED.read_bytes() == generated(), "run `make schema`"


@pytest.mark.parametrize(("path", "operation"), list(operations()))
def test_every_operation_is_complete(path: str, operation: dict[str, Any]) -> None:
    assert operation.get("summary")
    assert operation.get("description")
    assert expected_errors(path) <= operation["responses"].keys()
    assert [name for name, body in bodies(operation) if not body.get("examples")] == []


def expected_errors(path: str) -> set[str]:
    expected = {"422", "429"}
    if path.rsplit("/", 1)[-1] not in OPEN:
        expected.add("401")
    if "{" in path:
        expected.add("404")
    return expected


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The bodies that are sent, files among them, and those that a success answers."""
    if "requestBody" in operation:
        (sent,) = operation["requestBody"]["content"].values()
        yield "request", sent
    for status, response in operation["responses"].items():
        if status.startswith("2") and "content" in response:
            (answered,) = response["content"].values()
            yield status, answered
