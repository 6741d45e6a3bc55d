"""Query parameters are typed, defaulted, and refused all at once."""

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.test import APIClient, APIRequestFactory

from finances.api.parameters import read_parameters

pytestmark = pytest.mark.urls("finances.api.tests.urls")


class Flags(serializers.Serializer[Any]):
    adjusted = serializers.BooleanField(default=True)


def test_absent_and_blank_parameters_take_their_defaults() -> None:
    response = APIClient().get("/range?start_date=2024-02-29&adjusted=")

    assert response.json() == {"start_date": "2024-02-29", "adjusted": True}


def test_parameters_that_stand_elsewhere_are_passed_over() -> None:
    response = APIClient().get("/range?limit=5")

    assert (response.status_code, response.json()["detail"]) == (
        422,
        [{"loc": ["query", "start_date"], "msg": "This field is required.", "type": "required"}],
    )


@pytest.mark.parametrize("query", ["", "skip=1"])
def test_what_nothing_asked_for_gives_belongs_to_each_request(query: str) -> None:
    request = Request(APIRequestFactory().get(f"/?{query}"))

    read_parameters(Flags, request).clear()

    assert read_parameters(Flags, request) == {"adjusted": True}


def test_invalid_parameters_are_refused_together() -> None:
    response = APIClient().get("/range?start_date=2023-02-29&adjusted=perhaps&query=a%00b")

    assert (response.status_code, response.json()) == (
        422,
        {
            "detail": [
                {"loc": ["query", "start_date"],
                 "msg": "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.", "type": "invalid"},
                {"loc": ["query", "adjusted"], "msg": "Must be a valid boolean.", "type": "invalid"},
                {"loc": ["query", "query"],
                 "msg": "Null characters are not allowed.", "type": "null_characters_not_allowed"},
            ],
            "code": "validation_error",
        },
    )  # fmt: skip
