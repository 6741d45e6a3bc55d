"""What a search finds among stored securities, and in which order: the same on every engine."""

from importlib import import_module

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from finances.users.models import User
from securities.models import Security
from securities.tests.factories import SecurityFactory

PG = connection.vendor == "postgresql"


def found(text: str, user: User, limit: int = 10) -> list[str]:
    return [security.symbol for security in Security.objects.search(text, user=user, limit=limit)]


@pytest.fixture
def _banks() -> None:
    for symbol, name in [
        ("AAA", "Overbanked Trust"),
        ("BBB", "First Bank of Nowhere"),
        ("CCC", "Banking Ltd."),
        ("DDD", "Bank & Co."),
        ("BANKX", "Something else"),
        ("BANK", "Something"),
        ("EEE", "Unrelated"),
    ]:
        SecurityFactory.create(symbol=symbol, name=name)


@pytest.mark.usefixtures("_banks")
def test_better_kinds_of_match_come_first(alice: User) -> None:
    assert found("bank", alice) == ["BANK", "BANKX", "DDD", "CCC", "BBB", "AAA"]


@pytest.mark.usefixtures("_banks")
def test_a_limit_keeps_the_best(alice: User) -> None:
    for limit in range(1, 7):
        assert found("BANK", alice, limit) == ["BANK", "BANKX", "DDD", "CCC", "BBB", "AAA"][:limit]


@pytest.mark.usefixtures("_banks")
def test_ranks(alice: User) -> None:
    assert [security.rank for security in Security.objects.search("bank", user=alice, limit=10)] == [0, 1, 2, 2, 3, 4]


def test_two_letters_are_looked_for_where_words_begin(alice: User) -> None:
    SecurityFactory.create(symbol="AAA", name="Xylophone")
    SecurityFactory.create(symbol="BBB", name="Big Lyre")

    assert found("ly", alice) == ["BBB"]
    assert found("lyr", alice) == ["BBB"]
    assert found("lop", alice) == ["AAA"]


def test_several_words_are_one_text(alice: User) -> None:
    SecurityFactory.create(symbol="AAA", name="Real Estate Fund")
    SecurityFactory.create(symbol="BBB", name="Estate of Real Worth")

    assert found("real est", alice) == ["AAA"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "B_nk", "%ank", "ba\\nk"])
def test_wildcards_stand_for_themselves(alice: User, text: str) -> None:
    SecurityFactory.create(symbol="AAA", name="First Bank")

    assert found(text, alice) == []


def test_wildcards_are_found(alice: User) -> None:
    SecurityFactory.create(symbol="AAA", name="Notes 100% A_B\\C")

    assert [found(text, alice) for text in ("100%", "a_b", "b\\c")] == [["AAA"]] * 3


def test_own_ones_are_ranked_with_the_listed(alice: User, charlie: User) -> None:
    SecurityFactory.create(symbol="HOUSES", name="Houses plc")
    SecurityFactory.create(symbol="HOUSE", name="Mine", owner=alice)
    SecurityFactory.create(symbol="HOUSE", name="Not mine", owner=charlie)

    assert found("house", alice) == ["HOUSE", "HOUSES"]
    assert found("mine", alice) == ["HOUSE"]
    assert found("house", charlie, limit=1) == ["HOUSE"]


def test_one_statement_finds_all(alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(5):
        SecurityFactory.create(symbol=f"A{number}", name="Bank")

    with django_assert_num_queries(1):
        assert len(found("bank", alice)) == 5


@pytest.mark.skipif(not PG, reason="the extension is PostgreSQL's")
@pytest.mark.usefixtures("_banks")
def test_a_role_that_may_not_add_the_extension_searches_without(
    alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    search = import_module("securities.migrations.0005_search")
    with connection.cursor() as cursor:
        cursor.execute("drop extension pg_trgm cascade")
        cursor.execute("create role without_rights")
        cursor.execute("set local role without_rights")
        search.add_trigrams(None, connection.schema_editor(atomic=False))
        cursor.execute("reset role")

    assert "No index of trigrams: permission denied to create extension" in capsys.readouterr().out
    assert found("bank", alice) == ["BANK", "BANKX", "DDD", "CCC", "BBB", "AAA"]
