"""Compiled statements: values are bound at each run, pages carry their total."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db.models import CharField

from finances.statements import Page, PagedStatement, Parameter, Statement
from finances.users.models import User

NAME = Parameter("name", CharField())


@pytest.fixture
def _groups() -> None:
    Group.objects.bulk_create([Group(name=name) for name in "abcd"])


def named() -> Statement:
    return Statement(Group.objects.filter(name=NAME), ["name"])


@pytest.mark.usefixtures("_groups")
def test_each_run_binds_its_own_values() -> None:
    statement = named()

    assert [statement.rows(name=name) for name in ("a", "c", "nobody")] == [[("a",)], [("c",)], []]


@pytest.mark.usefixtures("_groups")
@pytest.mark.parametrize("name", ["' OR 1=1 --", "%s", "%", "a'; DROP TABLE auth_group; --", "\\", '"'])
def test_a_value_is_never_part_of_the_text(name: str) -> None:
    statement = named()

    assert statement.rows(name=name) == []
    Group.objects.create(name=name)
    assert statement.rows(name=name) == [(name,)]


@pytest.mark.usefixtures("_groups")
def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError, match="name"):
        named().rows(other="a")


def test_values_are_as_the_orm_reads_them(alice: User) -> None:
    columns = ["pk", "is_active", "created_at", "email"]
    statement = Statement(User.objects.filter(pk=Parameter("pk", User._meta.get_field("id"))), columns)

    assert statement.rows(pk=alice.pk) == list(User.objects.values_list(*columns))


@pytest.mark.usefixtures("_groups")
@pytest.mark.parametrize(
    ("skip", "limit", "expected"),
    [
        (0, 2, Page([("a", 4), ("b", 4)], 4)),
        (3, 2, Page([("d", 4)], 4)),
        (4, 2, Page([], 4)),
    ],
)
def test_a_page_has_the_total(skip: int, limit: int, expected: Page, django_assert_num_queries: Any) -> None:
    statement = PagedStatement(Group.objects.order_by("name"), ["name"])

    with django_assert_num_queries(1 if expected.rows else 2):
        assert statement.page(skip, limit) == expected


def test_of_nothing_there_is_one_empty_page(django_assert_num_queries: Any) -> None:
    statement = PagedStatement(Group.objects.filter(name=NAME).order_by("name"), ["name"])

    with django_assert_num_queries(1):
        assert statement.page(0, 10, name="nobody") == Page([], 0)
