"""Compiled statements: values are bound at each run, pages carry their total."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db.models import (
    Avg,
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    DecimalField,
    ExpressionWrapper,
    FloatField,
    IntegerField,
    JSONField,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, TruncDay

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


ONE = Value(1, IntegerField())


@pytest.mark.usefixtures("_groups")
@pytest.mark.parametrize(
    "column",
    [
        Cast(ONE, FloatField()),
        ExpressionWrapper(ONE, FloatField()),
        ExpressionWrapper(Value(1.0, FloatField()), IntegerField()),
        Sum(Cast("pk", BigIntegerField())),
        Avg("pk"),
        Cast(ONE, DecimalField(max_digits=12, decimal_places=4)),
        ExpressionWrapper(Value("[1, null]", CharField()), JSONField()),
        Cast(Value(None), FloatField()),
        ExpressionWrapper(Value(None, CharField()), JSONField()),
        TruncDay(Value(datetime(2026, 1, 31, 9, 30, tzinfo=UTC), DateTimeField())),
    ],
)
def test_a_column_that_is_made_is_converted_as_the_orm_does(column: Any) -> None:
    made = Group.objects.annotate(made=column).order_by("name")
    found = Statement(made, ["name", "made"]).rows()

    assert found == list(made.values_list("name", "made"))
    assert [type(cell) for _, cell in found] == [type(cell) for cell in made.values_list("made", flat=True)]


@pytest.mark.usefixtures("_groups")
def test_cells_of_one_column_are_converted_each_by_itself() -> None:
    made = Case(When(name="b", then=Value("[1]")), When(name="c", then=Value("{}")), output_field=JSONField())

    found = Statement(Group.objects.annotate(made=made).order_by("name"), ["made", "name"]).rows()

    assert found == [(None, "a"), ([1], "b"), ({}, "c"), (None, "d")]


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
