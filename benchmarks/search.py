"""How long a search of stored securities takes: python -m benchmarks.search [SECURITIES ...]

Names are made of 20,000 invented words of uneven frequency and some 50 common ones, as names of securities are.
"""

import random
import string
import sys
import time
from collections.abc import Callable, Iterator
from statistics import quantiles
from typing import Any

from benchmarks.scratch import database_seconds, execute, scratch_database

SIZES = (10_000, 100_000, 1_000_000)
QUERIES_OF_A_KIND = 60
ROWS = 10_000
COMMON = (
    "Apple", "Bank", "Energy", "Global", "Capital", "Health", "Technologies", "Resources", "Gold", "Mining", "Pharma",
    "Systems", "Industries", "International", "Financial", "Partners", "Income", "Growth", "Index", "Equity", "Bond",
    "Real", "Estate", "Insurance", "Oil", "Gas", "Solar", "Water", "Digital", "Media", "Motors", "Airlines", "Foods",
    "Networks", "Software", "American", "European", "Asia", "Pacific", "China", "Japan", "First", "National", "United",
    "General", "Royal", "Blue", "Green", "Silver", "North", "South", "West", "East",
)  # fmt: skip
LEGAL = ("Inc.", "Corp.", "Corporation", "plc", "AG", "SE", "Ltd.", "Holdings", "Group", "Trust", "Fund", "ETF", "N.V.")
EXCHANGES = ("", ".L", ".DE", ".PA", ".TO", ".AX", ".HK", ".T", ".SW", ".MI")
DRAWN = random.Random(7)  # noqa: S311 - the same names at every run


def main(sizes: list[int]) -> None:
    with scratch_database("search"):
        from currencies.catalogue import ensure_currency
        from finances.users.models import User

        ensure_currency("USD")
        user, rows, there = User.objects.create(email="reader@example.test"), names(), 0
        table: dict[str, list[str]] = {}
        for size in sizes:
            fill(rows, size - there)
            there = size
            for kind, draw in KINDS.items():
                table.setdefault(kind, []).append(measured(draw, user))
        print_table(sizes, table)


def fill(rows: Iterator[tuple[str, str]], wanted: int) -> None:
    from django.db import connection

    from securities.models import Security

    for _ in range(0, wanted, ROWS):
        Security.objects.bulk_create(
            [
                Security(symbol=symbol, name=name, currency_id="USD")
                for symbol, name in (next(rows) for _ in range(ROWS))
            ]
        )
    execute("vacuum analyze securities_security" if connection.vendor == "postgresql" else "analyze")


def names() -> Iterator[tuple[str, str]]:
    """Unlike symbols, and names that share words."""
    syllables = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
    words = ["".join(DRAWN.choices(syllables, k=DRAWN.choice((2, 2, 3, 3, 4)))).capitalize() for _ in range(20_000)]
    often, seen = [1 / (place + 5) for place in range(len(words))], set()
    while True:
        symbol = "".join(DRAWN.choices(string.ascii_uppercase, k=DRAWN.choice((2, 3, 4, 4, 5, 5))))
        symbol += DRAWN.choice(EXCHANGES)
        if symbol not in seen:
            seen.add(symbol)
            middle = [
                DRAWN.choice(COMMON if DRAWN.random() < 0.6 else words) for _ in range(DRAWN.choice((0, 1, 1, 2)))
            ]
            yield symbol, " ".join([DRAWN.choices(words, often)[0], *middle, DRAWN.choice(LEGAL)])


def measured(draw: Callable[[], str], user: Any) -> str:
    """CPU of process and database, and the 95th percentile of wall time, in milliseconds, of different searches."""
    from securities.models import Security

    texts, taken = [draw() for _ in range(QUERIES_OF_A_KIND)], []
    cpu = time.process_time() + database_seconds()
    for text in texts:
        began = time.perf_counter()
        list(Security.objects.search(text, user=user, limit=10))
        taken.append((time.perf_counter() - began) * 1000)
    cpu = (time.process_time() + database_seconds() - cpu) / len(texts) * 1000
    return f"{cpu:.1f} / {quantiles(taken, n=100)[94]:.1f}"


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
        "| ms, CPU / p95 of wall | " + " | ".join(f"{size:,}" for size in sizes) + " |",
        "|---" * (len(sizes) + 1) + "|",
    ]
    lines += [f"| {kind} | {' | '.join(cells)} |" for kind, cells in table.items()]
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
