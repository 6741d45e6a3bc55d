"""What a search finds among stored securities, and in which order: the same on every engine."""

import random
from importlib import import_module

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from finances.users.models import User
from securities.models import Security
from securities.search import RANK, RANKED, SYMBOL, search_stored
from securities.tests.factories import SecurityFactory

PG = connection.vendor == "postgresql"
OWNER = RANKED.index("owner_id")


def found(text: str, user: User, limit: int = 10) -> list[str]:
    return [row[SYMBOL] for row in search_stored(text, user=user, limit=limit)]


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
    assert [row[RANK] for row in search_stored("bank", user=alice, limit=10)] == [0, 1, 2, 2, 3, 4]


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


@pytest.mark.usefixtures("_banks")
def test_no_more_statements_than_wanted(alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for limit, count in ((1, 1), (4, 1), (5, 2), (6, 3), (10, 3)):
        with django_assert_num_queries(count):
            found("bank", alice, limit)
    with django_assert_num_queries(2):
        found("ba", alice)
    with django_assert_num_queries(1):
        found("&", alice)


@pytest.mark.skipif(not PG, reason="SQLite plans in no time")
@pytest.mark.usefixtures("_banks")
def test_what_begins_with_a_text_is_planned_once(alice: User) -> None:
    with connection.cursor() as cursor:
        # As if there were a million on its few pages: the more, the dearer a plan for all texts looks.
        cursor.execute("update pg_class set reltuples = 1e6, relpages = 1 where relname = 'securities_security'")
        for text in ("bank", "nothing", "b", "first", "over") * 4:
            found(text, alice, 1)
        cursor.execute(
            "select generic_plans > 0, custom_plans from pg_prepared_statements where statement like '%by_symbol%'"
        )

        assert cursor.fetchall() == [(True, 5)]


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


WORDS = ("Bank", "Banking", "bank_a", "Over", "Overbank", "A", "Ba", "50%", "b\\k", "&")
TEXTS = ("a", "b", "ba", "bank", "BANKING", "nk", "ank", "over", "a b", "k_", "_", "50%", "%", "b\\k", "&", "none")


@pytest.fixture
def _many(alice: User, charlie: User) -> None:
    """Ties of every kind, most of them listed. In the order of their symbols, so that keys break ties of names as
    symbols do."""
    drawn = random.Random(3)
    for symbol in sorted({"".join(drawn.choices("ABK%_", k=drawn.randint(1, 4))) for _ in range(150)}):
        for owner in (None, alice, charlie):
            if owner is None or drawn.random() < 0.2:
                name = " ".join(drawn.choices(WORDS, k=drawn.randint(1, 3)))
                SecurityFactory.create(symbol=symbol, name=name, owner=owner)


def plain_rank(security: Security, text: str) -> int | None:
    symbol, name, text = security.symbol, security.name.upper(), text.upper()
    has_letters = any(character.isalnum() for character in text)
    kinds = [
        symbol == text,
        symbol.startswith(text),
        name.startswith(text),
        has_letters and f" {text}" in name,
        has_letters and len(text) >= 3 and text in name,
    ]
    return kinds.index(True) if True in kinds else None


def plainly_ranked(text: str, user: User) -> list[tuple[str, object]]:
    """Symbol and owner of all that match, ranked one by one."""
    seen = [security for security in Security.objects.all() if security.owner_id in (None, user.pk)]
    ranked = [(plain_rank(security, text), security) for security in seen]
    keys = [
        (rank, security.name.upper() if rank == 2 else "", security.symbol, security.pk, security.owner_id)
        for rank, security in ranked
        if rank is not None
    ]
    return [(symbol, owner) for _, _, symbol, _, owner in sorted(keys)]


@pytest.mark.usefixtures("_many")
def test_they_are_as_if_all_were_ranked(alice: User) -> None:
    for text in TEXTS:
        plain = plainly_ranked(text, alice)
        for limit in (1, 2, 5, 20, 50):
            rows = search_stored(text, user=alice, limit=limit)
            assert [(row[SYMBOL], row[OWNER]) for row in rows] == plain[:limit], (text, limit)
