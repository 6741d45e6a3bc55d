"""Lists: pages, their headers, filters, and one total order."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from rest_framework.test import APIClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("finances.api.tests.urls")]
URL = "http://testserver/api/v1/groups"


@pytest.fixture
def _groups() -> None:
    Group.objects.bulk_create([Group(pk=number, name=name) for number, name in enumerate("bacd", start=1)])


def get(query: str = "") -> Any:
    return APIClient().get(f"/api/v1/groups{query}")


def names(response: Any) -> str:
    return "".join(row["name"] for row in response.json())


@pytest.mark.usefixtures("_groups")
def test_list_that_fits_has_a_count_and_no_links() -> None:
    response = get()

    assert response.json() == [{"name": "d"}, {"name": "c"}, {"name": "a"}, {"name": "b"}]
    assert response["X-Total-Count"] == "4"
    assert "Link" not in response


@pytest.mark.usefixtures("_groups")
def test_first_page_links_on() -> None:
    response = get("?limit=2&name=")

    assert names(response) == "dc"
    assert response["X-Total-Count"] == "4"
    assert response["Link"] == (
        f'<{URL}?limit=2&name=&skip=2>; rel="next", '
        f'<{URL}?limit=2&name=>; rel="first", '
        f'<{URL}?limit=2&name=&skip=2>; rel="last"'
    )


@pytest.mark.usefixtures("_groups")
def test_middle_page_links_both_ways() -> None:
    response = get("?skip=1&limit=1")

    assert names(response) == "c"
    assert response["Link"] == (
        f'<{URL}?limit=1&skip=2>; rel="next", '
        f'<{URL}?limit=1>; rel="prev", '
        f'<{URL}?limit=1>; rel="first", '
        f'<{URL}?limit=1&skip=3>; rel="last"'
    )


@pytest.mark.usefixtures("_groups")
def test_page_beyond_the_end_is_empty() -> None:
    response = get("?skip=4")

    assert (response.json(), response["X-Total-Count"]) == ([], "4")


@pytest.mark.parametrize(
    ("query", "name", "message", "code"),
    [
        ("limit=1001", "limit", "Ensure this value is less than or equal to 1000.", "max_value"),
        ("limit=0", "limit", "Ensure this value is greater than or equal to 1.", "min_value"),
        ("limit=ten", "limit", "A valid integer is required.", "invalid"),
        ("limit=1%00", "limit", "A valid integer is required.", "invalid"),
        ("limit=" + "9" * 1001, "limit", "String value too large.", "max_string_length"),
        ("skip=-1", "skip", "Ensure this value is greater than or equal to 0.", "min_value"),
        ("skip=2147483648", "skip", "Ensure this value is less than or equal to 2147483647.", "max_value"),
        ("number=NaN", "number", "Enter a number.", "invalid"),
        ("key=x", "key", "Enter a valid UUID.", "invalid"),
        ("name=a%00b", "name", "Null characters are not allowed.", "null_characters_not_allowed"),
        ("ordering=name,password", "ordering",
         "Select a valid choice. password is not one of the available choices.", "invalid_choice"),
        ("ordering=%00", "ordering",
         "Select a valid choice. \x00 is not one of the available choices.", "invalid_choice"),
    ],
)  # fmt: skip
def test_invalid_parameter_is_refused(query: str, name: str, message: str, code: str) -> None:
    response = get(f"?{query}")

    assert (response.status_code, response.json()) == (
        422,
        {"detail": [{"loc": ["query", name], "msg": message, "type": code}], "code": "validation_error"},
    )


@pytest.mark.usefixtures("_groups")
@pytest.mark.parametrize(
    ("query", "found"),
    [("?name=a", "a"), ("?number=4", "d"), ("?number=1e30", ""), ("?ordering=name", "abcd"), ("?ordering=", "dcab")],
)
def test_filter_and_order(query: str, found: str) -> None:
    assert names(get(query)) == found


@pytest.mark.parametrize("direction", ["", "-"])
def test_order_is_total(direction: str) -> None:
    from finances.api.tests.urls import GroupFilter

    ordered = GroupFilter(data={"ordering": f"{direction}name"}, queryset=Group.objects.order_by("-pk")).qs

    assert ordered.query.order_by == (f"{direction}name", "pk")


@pytest.fixture
def _sessions() -> None:
    for hour in (1, 2, 3):
        Session.objects.create(pk=f"at-{hour}", session_data="", expire_date=datetime(2024, 1, 1, hour, tzinfo=UTC))


@pytest.mark.usefixtures("_sessions")
@pytest.mark.parametrize("moment", ["2024-01-01T02:00:00Z", "2024-01-01T03:00:00%2B01:00"])
def test_updated_since_includes_the_moment(moment: str) -> None:
    assert APIClient().get(f"/sessions?updated_since={moment}").json() == ["at-2", "at-3"]


@pytest.mark.parametrize("moment", ["yesterday", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"])
def test_updated_since_an_impossible_moment_is_refused(moment: str) -> None:
    response = APIClient().get(f"/sessions?updated_since={moment}")

    assert (response.status_code, response.json()) == (
        422,
        {
            "detail": [{"loc": ["query", "updated_since"], "msg": "Enter a valid date/time.", "type": "invalid"}],
            "code": "validation_error",
        },
    )
