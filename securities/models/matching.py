"""Which securities match a text best, found through indexes however many there are.

What begins with the text is a range of an index, whatever the text: one plan suits all. What holds it further inside is
found by trigrams where it is rare and in the order of symbols where it is frequent: that is planned for each text. Each
kind of match ends with as many as are wanted, so that the cost does not grow with the number of matches. One's own
securities are few and read whole.
"""

import re
from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, CharField, F, Field, UUIDField, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Upper

from finances.statements import Parameter
from securities.models.collation import Bytewise

LAST = "'\U0010ffff'"
"""Sorts behind every other character."""
SHORTEST_PART = 3
"""What is shorter occurs inside most names, and says nothing there."""


class Rank(IntEnum):
    """Better ones come first; what matches in several ways has the best of them."""

    SYMBOL = 0
    SYMBOL_PREFIX = 1
    NAME_PREFIX = 2
    WORD = 3
    PART = 4


class Tier(NamedTuple):
    """One kind of match."""

    name: str
    condition: str
    along: str
    """The index in whose order it is wanted."""


PREFIXES = {
    Rank.SYMBOL_PREFIX: Tier("by_symbol", f"{{symbol}} between %(symbol)s and %(symbol)s || {LAST}", "symbol"),
    Rank.NAME_PREFIX: Tier("by_name", f"{{name}} between upper(%(text)s) and upper(%(text)s || {LAST})", "name"),
}
INSIDE = {
    Rank.WORD: Tier("by_word", r"{folded} like upper(%(word)s) escape '\'", "symbol"),
    Rank.PART: Tier("by_part", r"{folded} like upper(%(part)s) escape '\'", "symbol"),
}
ENGINES = {
    # Told by a condition that there is no room, PostgreSQL does not begin; told by a limit, SQLite.
    "postgresql": {
        "symbol": 'symbol collate "C"', "name": 'upper(name) collate "C"', "folded": "upper(name)", "hint": "",
        "room": " and {taken} < %(limit)s", "limit": "%(limit)s",
        # Not joined but looked up by key: it takes an array for short, and a join for one with the whole table.
        "among": "securities_security.id = any(array({candidates}))",
        # Values that it saw would make a plan of their own look cheaper than the one for all, which costs no planning.
        "value": "(select %s)",
    },
    # Without statistics SQLite takes any index that holds the owner. Its LIKE folds by itself.
    "sqlite": {
        "symbol": "symbol", "name": "upper(name)", "folded": "name", "hint": " indexed by security_listed_{along}",
        "room": "", "limit": "case when {taken} < %(limit)s then %(limit)s else 0 end",
        "among": "securities_security.id in ({candidates})",
        "value": "%s",
    },
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
AS_IT_IS: "Field[Any, Any]" = Field()
"""Of texts and numbers, which every engine takes and gives as they are; fields of their own would convert each."""

PARAMETERS = {
    **{name: Parameter(name, AS_IT_IS) for name in ("symbol", "text", "word", "part", "limit")},
    "owner": Parameter("owner", UUIDField()),
}
"""What stands in a statement for the values of `terms`."""


def terms(text: str, *, owner: UUID, limit: int) -> dict[str, Any]:
    """What the SQL asks with, by the names of its placeholders. Wildcards in `text` stand for themselves."""
    literal = connection.ops.prep_for_like_query(text)
    # An index of trigrams knows letters and digits alone. Nothing is like None.
    has_word = any(character.isalnum() for character in text)
    return {
        "symbol": text.upper(),
        "text": text,
        "word": f"% {literal}%" if has_word else None,
        "part": f"%{literal}%" if has_word and len(text) >= SHORTEST_PART else None,
        "owner": owner,
        "limit": limit,
    }


def is_prefixed_or_own(given: Mapping[str, Any]) -> RawSQL:
    """Of the best `limit` listed securities that begin with the text, perhaps some more, and all of `owner` that match
    in any way."""
    engine = ENGINES[connection.vendor]
    condition = engine["among"].format(candidates=_candidates_sql(connection.vendor))
    return _raw(condition, given, value=engine["value"], output_field=BooleanField())


def is_listed_inside(kind: Rank, given: Mapping[str, Any]) -> RawSQL:
    """Of the first `limit` listed securities by symbol whose name holds the text as `kind` says, or in a better way."""
    engine = ENGINES[connection.vendor]
    # Keys alone are found in the index of symbols, which holds the names: walking it takes no row from the table.
    candidates = _listed_sql(INSIDE[kind], (), engine).format(**engine)
    return _raw(engine["among"].format(candidates=candidates), given, output_field=BooleanField())


def rank(given: Mapping[str, Any]) -> RawSQL:
    """The Rank of one that matches."""
    return _raw(_rank_sql(connection.vendor), given, output_field=AS_IT_IS)


def best_first() -> tuple[Any, ...]:
    """A total order of rows with `rank`: by symbol, those whose name begins with the text by name."""
    name = Case(
        When(rank=Rank.NAME_PREFIX.value, then=Bytewise(Upper("name"))), default=Value(""), output_field=CharField()
    )
    return F("rank"), name, Bytewise("symbol"), F("pk")


def _raw(sql: str, given: Mapping[str, Any], *, value: str = "%s", **options: Any) -> RawSQL:
    return RawSQL(PLACEHOLDER.sub(value, sql), [given[name] for name in PLACEHOLDER.findall(sql)], **options)  # noqa: S611


@cache
def _rank_sql(vendor: str) -> str:
    known = {**PREFIXES, Rank.WORD: INSIDE[Rank.WORD]}
    kinds = " ".join(f"when {tier.condition} then {place:d}" for place, tier in known.items())
    return f"case when symbol = %(symbol)s then {Rank.SYMBOL:d} {kinds} else {Rank.PART:d} end".format(
        **ENGINES[vendor]
    )


@cache
def _candidates_sql(vendor: str) -> str:
    engine, prefixes = ENGINES[vendor], tuple(PREFIXES.values())
    listed = [_listed_sql(tier, prefixes[:place], engine) for place, tier in enumerate(prefixes)]
    named = ", ".join(f"{tier.name} as ({sql})" for tier, sql in zip(prefixes, listed, strict=True))
    found = " union all ".join(f"select id from {tier.name}" for tier in prefixes)  # noqa: S608
    matches = " or ".join(f"({tier.condition})" for tier in (*prefixes, *INSIDE.values()))
    own = f"select id from securities_security where owner_id = %(owner)s and ({matches})"  # noqa: S608
    return f"with {named} {found} union all {own}".format(**engine)


def _listed_sql(tier: Tier, better: tuple[Tier, ...], engine: dict[str, str]) -> str:
    """Of `tier` and not `better`, where those leave room."""
    taken = " + ".join(f"(select count(*) from {other.name})" for other in better) or "0"  # noqa: S608
    table = f"securities_security{engine['hint'].format(along=tier.along)}"
    conditions = " and ".join([tier.condition, *(f"not ({other.condition})" for other in better)])
    room, limit = (engine[name].format(taken=taken) for name in ("room", "limit"))
    order = engine[tier.along]
    return f"select id from {table} where owner_id is null and {conditions}{room} order by {order}, id limit {limit}"  # noqa: S608
