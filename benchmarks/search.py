"""How long a search of stored securities takes: python -m benchmarks.search [SECURITIES ...]

Names are made of 20,000 invented words of uneven frequency and some 50 common ones, as names of securities are.
"""

import random
import string
import sys
import time
from collections.abc import Callable
from statistics import quantiles
from typing import Any

from benchmarks.scratch import database_seconds, execute, scratch_database

SIZES = (10_000, 100_000, 1_000_000)
QUERIES_OF_A_KIND = 60
WORDS = 20_000
COMMON = (
    "Apple", "Bank", "Energy", "Global", "Capital", "Health", "Technologies", "Resources", "Gold", "Mining", "Pharma",
    "Systems", "Industries", "International", "Financial", "Partners", "Income", "Growth", "Index", "Equity", "Bond",
    "Real", "Estate", "Insurance", "Oil", "Gas", "Solar", "Water", "Digital", "Media", "Motors", "Airlines", "Foods",
    "Networks", "Software", "American", "European", "Asia", "Pacific", "China", "Japan", "First", "National", "United",
    "General", "Royal", "Blue", "Green", "Silver", "North", "South", "West", "East",
)  # fmt: skip
LEGAL = ("Inc.", "Corp.", "Corporation", "plc", "AG", "SE", "Ltd.", "Holdings", "Group", "Trust", "Fund", "ETF", "N.V.")
ENGINES = {
    "postgresql": {
        "uuid": "gen_random_uuid()", "letter": "chr", "analyze": "vacuum analyze securities_security",
        # Of a million names it is made in a tenth of the time that adding each to it takes.
        "before": "drop index security_name_trigrams",
        "after": "create index security_name_trigrams on securities_security using gin (upper(name) gin_trgm_ops) "
        "with (fastupdate = off)",
    },
    "sqlite": {
        "uuid": "lower(hex(randomblob(16)))", "letter": "char", "analyze": "analyze",
        "before": "select 1", "after": "select 1",
    },
}  # fmt: skip
FILL = """
with recursive numbers(n) as (select cast({first} as bigint) union all select n + 1 from numbers where n < {last}),
drawn as (
    -- Unlike codes below 4 * 26^4, and dice.
    select n, n * 1234577 % 1827904 as code, n * 48271 % 2147483647 as a, n * 69621 % 2147483647 as b,
        n * 40692 % 2147483399 as c, n * 39373 % 2147483647 as d
    from numbers
)
insert into securities_security (uuid, symbol, name, currency_code, security_type, exchange, quote_unit, sector,
    industry, isin, time_zone, is_active, inactive_reason, data_version, created_at, updated_at)
select {uuid},
    {letter}(65 + cast(code / 70304 as int)) || {letter}(65 + cast(code / 2704 % 26 as int))
        || {letter}(65 + cast(code / 104 % 26 as int)) || {letter}(65 + cast(code / 4 % 26 as int))
        || case code % 4 when 0 then '' when 1 then '.L' when 2 then '.DE' else '.TO' end,
    first.text || case when d % 4 = 0 then '' when d % 5 < 3 then ' ' || common.text else ' ' || other.text end
        || case when c % 4 = 0 then ' ' || second.text else '' end || ' ' || legal.text,
    'USD', 'OTHER', '', '', '', '', '', 'UTC', true, '', n, current_timestamp, current_timestamp
from drawn
-- The product of two dice: words of low number come often.
join bench_word first on first.id = a % 20000 * (b % 20000) / 20000
join bench_word other on other.id = c % 20000
join bench_common common on common.id = d % {common}
join bench_common second on second.id = b % {common}
join bench_legal legal on legal.id = c % {legal}
"""
DRAWN = random.Random(7)  # noqa: S311 - the same names at every run


def main(sizes: list[int]) -> None:
    with scratch_database("search"):
        from currencies.catalogue import ensure_currency
        from finances.users.models import User

        ensure_currency("USD")
        user, there = User.objects.create(email="reader@example.test"), 0
        make_words()
        table: dict[str, list[str]] = {}
        for size in sizes:
            fill(there + 1, size)
            there = size
            for kind, draw in KINDS.items():
                table.setdefault(kind, []).append(measured(draw, user))
        print_table(sizes, table)


def make_words() -> None:
    """Tables of words by number, from 0 on: invented ones, common ones, and the forms of companies."""
    from django.db import connection

    syllables = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
    invented = ["".join(DRAWN.choices(syllables, k=DRAWN.choice((2, 2, 3, 3, 4)))).capitalize() for _ in range(WORDS)]
    with connection.cursor() as cursor:
        for table, words in (("word", invented), ("common", COMMON), ("legal", LEGAL)):
            cursor.execute(f"create table bench_{table} (id integer primary key, text varchar(40))")
            cursor.executemany(f"insert into bench_{table} values (%s, %s)", list(enumerate(words)))  # noqa: S608


def fill(first: int, last: int) -> None:
    """Securities of these numbers, made where they are stored."""
    from django.db import connection

    engine = ENGINES[connection.vendor]
    rows = FILL.format(first=first, last=last, common=len(COMMON), legal=len(LEGAL), **engine)
    execute(engine["before"], rows, engine["after"], engine["analyze"])


def measured(draw: Callable[[], str], user: Any) -> str:
    """CPU of process and database, and of wall time the median and 95th percentile, in milliseconds, of different
    searches."""
    from securities.search import search_stored

    texts, taken = [draw() for _ in range(QUERIES_OF_A_KIND)], []
    search_stored("warm", limit=10, user=user)
    cpu = time.process_time() + database_seconds()
    for text in texts:
        began = time.perf_counter()
        search_stored(text, limit=10, user=user)
        taken.append((time.perf_counter() - began) * 1000)
    cpu = (time.process_time() + database_seconds() - cpu) / len(texts) * 1000
    cuts = quantiles(taken, n=100)
    return f"{cpu:.1f} / {cuts[49]:.1f} / {cuts[94]:.1f}"


def stored_name() -> str:
    from securities.models import Security

    pks = Security.objects.order_by("pk").values_list("pk", flat=True)
    return str(Security.objects.get(pk=DRAWN.randint(pks[0], pks.reverse()[0])).name)


def letters(count: int) -> str:
    return "".join(DRAWN.choices(string.ascii_uppercase, k=count))


def inside(name: str) -> str:
    word = max(name.split(), key=len)
    return word[1:6]


KINDS: dict[str, Callable[[], str]] = {
    "one letter": lambda: letters(1),
    "two letters": lambda: letters(2),
    "four letters": lambda: letters(4),
    "a common word": lambda: DRAWN.choice([*COMMON, *LEGAL]),
    "the beginning of a name": lambda: stored_name()[:6],
    "two words from within a name": lambda: " ".join(stored_name().split()[-2:]),
    "a part of a word": lambda: inside(stored_name()),
    "nothing": lambda: letters(9),
}


def print_table(sizes: list[int], table: dict[str, list[str]]) -> None:
    lines = [
        "| ms, CPU / p50 / p95 of wall | " + " | ".join(f"{size:,}" for size in sizes) + " |",
        "|---" * (len(sizes) + 1) + "|",
    ]
    lines += [f"| {kind} | {' | '.join(cells)} |" for kind, cells in table.items()]
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
