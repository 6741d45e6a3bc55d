"""Query parameters are typed, defaulted, and refused all at once."""

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.urls("finances.api.tests.urls")


def test_absent_and_blank_parameters_take_their_defaults() -> None:
    response = APIClient().get("/range?start_date=2024-02-29&adjusted=")

    assert response.json() == {"start_date": "2024-02-29", "adjusted": True}


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
