"""Rows as lines of JSON: exact, and alike on both engines.

Decimals are strings, times UTC, days ISO dates, ids text, bytes base64, floats the shortest digits that mean the same
number.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

import orjson

BATCH = 5_000
"""Rows in memory at a time."""
OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


def line_of_cells(cells: tuple[Any, ...]) -> bytes:
    """With the keys of JSON columns sorted: PostgreSQL does not keep their order."""
    return orjson.dumps(cells, _plain, OPTIONS | orjson.OPT_SORT_KEYS)


def line_of_fields(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, _plain, OPTIONS)


def in_batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        # SQLite keeps the sign of a zero, PostgreSQL does not.
        return format(value if value else value.copy_abs(), "f")
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no form in an archive.")
