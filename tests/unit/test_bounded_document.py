"""Whatever the API takes has a bound that the OpenAPI document tells: no string, number or list without an end."""

from collections.abc import Iterator
from typing import Any

import yaml

from tests.installation import ROOT

METHODS = ("get", "post", "put", "patch", "delete")
OF_ONE_LENGTH = {"uuid", "date", "date-time", "binary"}
"""Formats that have a length of their own; a file's is the body's."""
Found = tuple[str, dict[str, Any]]


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
    return loaded


def parts(schema: dict[str, Any], where: str, known: dict[str, Any]) -> Iterator[Found]:
    """All that is not made of other parts."""
    while "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    yield where, schema
    for kind in ("oneOf", "anyOf", "allOf"):
        for one in schema.get(kind, ()):
            yield from parts(one, where, known)
    for name, inner in schema.get("properties", {}).items():
        yield from parts(inner, f"{where}.{name}", known)
    if "items" in schema:
        yield from parts(schema["items"], f"{where}[]", known)


def taken() -> Iterator[Found]:
    spec = document()
    known = spec["components"]["schemas"]
    for path, operations in spec["paths"].items():
        for method in METHODS:
            operation = operations.get(method, {})
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield from parts(content["schema"], f"{method.upper()} {path}: body", known)
            for parameter in operation.get("parameters", ()):
                yield from parts(parameter["schema"], f"{method.upper()} {path}: {parameter['name']}", known)


def is_bounded(schema: dict[str, Any]) -> bool:
    match schema.get("type"):
        case "string":
            return bool({"maxLength", "enum", "pattern"} & schema.keys()) or schema.get("format") in OF_ONE_LENGTH
        case "integer":
            return {"minimum", "maximum"} <= schema.keys()
        case "array":
            # A list of choices stands in a query string, which the server bounds.
            return "maxItems" in schema or "enum" in schema["items"]
        case "object":
            return "properties" in schema
        case None:
            return bool({"oneOf", "anyOf", "allOf", "enum"} & schema.keys())
    return schema["type"] in ("number", "boolean")


def test_all_that_is_taken_is_bounded() -> None:
    found = list(taken())

    assert len(found) > 400
    assert [(where, schema) for where, schema in found if not is_bounded(schema)] == []
