"""Reading as of one moment, however long it takes and whatever is written meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """All reads inside see the database as it was at the first of them, and nobody waits for them. Inside a transaction
    of the caller's, that one decides."""
    if connection.in_atomic_block:
        yield
        return
    with _unlocked(), transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
        yield


@contextmanager
def _unlocked() -> Iterator[None]:
    """The settings have SQLite take the write lock at BEGIN; a reader needs none."""
    wrapper: Any = connection
    mode = getattr(wrapper, "transaction_mode", None)
    wrapper.transaction_mode = None
    try:
        yield
    finally:
        wrapper.transaction_mode = mode
