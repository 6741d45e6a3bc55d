"""Which securities match a text best, found through indexes however many there are.

Each kind of match is asked for in the order of an index and ends with as many as are wanted, and only where the better
ones have left room: so the cost does not grow with the number of matches. One's own securities are few and read whole.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, CharField, F, IntegerField, UUIDField, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Upper

from finances.statements import Parameter
from securities.models.collation import Bytewise

LAST = "\U0010ffff"
"""Sorts behind every other character."""
SHORTEST_PART = 3
"""What is shorter occurs inside most names, and says nothing there."""


class Tier(NamedTuple):
    """One kind of match; a name or symbol that matches in a better way is not of it."""

    name: str
    condition: str
    along: str
    """The index that it walks where it finds too little by another, and its order."""


TIERS = (
    Tier("by_symbol", "{symbol} between %(symbol)s and %(symbol_end)s", "symbol"),
    Tier("by_name", "{name} between upper(%(text)s) and upper(%(text_end)s)", "name"),
    Tier("by_word", r"%(has_word)s and {folded} like upper(%(word)s) escape '\'", "symbol"),
    Tier("by_part", r"%(has_part)s and {folded} like upper(%(part)s) escape '\'", "symbol"),
)
ENGINES = {
    # Told by a condition that there is no room, PostgreSQL does not begin; told by a limit, SQLite.
    "postgresql": {
        "symbol": 'symbol collate "C"', "name": 'upper(name) collate "C"', "folded": "upper(name)", "hint": "",
        "room": " and {taken} < %(limit)s", "limit": "%(limit)s",
        # Not joined but looked up by key: it takes an array for short, and a join for one with the whole table.
        "among": "securities_security.id = any(array({candidates}))",
    },
    # Without statistics SQLite takes any index that holds the owner. Its LIKE folds by itself.
    "sqlite": {
        "symbol": "symbol", "name": "upper(name)", "folded": "name", "hint": " indexed by security_listed_{along}",
        "room": "", "limit": "case when {taken} < %(limit)s then %(limit)s else 0 end",
        "among": "securities_security.id in ({candidates})",
    },
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


PARAMETERS = {
    **{name: Parameter(name, CharField()) for name in ("symbol", "symbol_end", "text", "text_end", "word", "part")},
    "has_word": Parameter("has_word", BooleanField()),
    "has_part": Parameter("has_part", BooleanField()),
    "owner": Parameter("owner", UUIDField()),
    "limit": Parameter("limit", IntegerField()),
}
"""What stands in a statement for the values of `terms`."""


def terms(text: str, *, owner: UUID, limit: int) -> dict[str, Any]:
    """What the SQL asks with, by the names of its placeholders. Wildcards in `text` stand for themselves."""
    literal = connection.ops.prep_for_like_query(text)
    # An index of trigrams knows letters and digits alone.
    has_word = any(character.isalnum() for character in text)
    return {
        "symbol": text.upper(), "symbol_end": text.upper() + LAST,
        "text": text, "text_end": text + LAST,
        "word": f"% {literal}%", "part": f"%{literal}%",
        "has_word": has_word, "has_part": has_word and len(text) >= SHORTEST_PART,
        "owner": owner, "limit": limit,
    }  # fmt: skip


def is_candidate(given: Mapping[str, Any]) -> RawSQL:
    """Of the best `limit` listed securities, perhaps some more, and all matching ones of `owner`."""
    condition = ENGINES[connection.vendor]["among"].format(candidates=_candidates_sql(connection.vendor))
    return _raw(condition, given, output_field=BooleanField())


def rank(given: Mapping[str, Any]) -> RawSQL:
    """0 the symbol itself, 1 it begins the symbol, 2 the name, 3 another word of the name, 4 it stands inside one."""
    return _raw(_rank_sql(connection.vendor), given, output_field=IntegerField())


def best_first() -> tuple[Any, ...]:
    """A total order of rows with `rank`: by symbol, those whose name begins with the text by name."""
    name = Case(When(rank=2, then=Bytewise(Upper("name"))), default=Value(""), output_field=CharField())
    return F("rank"), name, Bytewise("symbol"), F("pk")


def _raw(sql: str, given: Mapping[str, Any], **options: Any) -> RawSQL:
    return RawSQL(PLACEHOLDER.sub("%s", sql), [given[name] for name in PLACEHOLDER.findall(sql)], **options)  # noqa: S611


@cache
def _rank_sql(vendor: str) -> str:
    kinds = " ".join(f"when {tier.condition} then {place}" for place, tier in enumerate(TIERS[:3], start=1))
    return f"case when symbol = %(symbol)s then 0 {kinds} else 4 end".format(**ENGINES[vendor])


@cache
def _candidates_sql(vendor: str) -> str:
    engine = ENGINES[vendor]
    listed = ", ".join(f"{tier.name} as ({_tier_sql(place, engine)})" for place, tier in enumerate(TIERS))
    found = " union all ".join(f"select id from {tier.name}" for tier in TIERS)  # noqa: S608
    matches = " or ".join(f"({tier.condition})" for tier in TIERS)
    own = f"select id from securities_security where owner_id = %(owner)s and ({matches})"  # noqa: S608
    return f"with {listed} {found} union all {own}".format(**engine)


def _tier_sql(place: int, engine: dict[str, str]) -> str:
    tier, better = TIERS[place], TIERS[:place]
    taken = " + ".join(f"(select count(*) from {other.name})" for other in better) or "0"  # noqa: S608
    table = f"securities_security{engine['hint'].format(along=tier.along)}"
    conditions = " and ".join([tier.condition, *(f"not ({other.condition})" for other in better)])
    room, limit = (engine[name].format(taken=taken) for name in ("room", "limit"))
    order = engine[tier.along]
    return f"select id from {table} where owner_id is null and {conditions}{room} order by {order}, id limit {limit}"  # noqa: S608
