"""Many rows into an empty table, from JSON values: COPY on PostgreSQL, one prepared INSERT on SQLite."""

from base64 import b64decode
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from django.db import connection
from django.db.models import BinaryField, JSONField, Model

from finances.data_versions import outdate

Cell = Callable[[Any], Any]
Batches = Iterable[list[list[Any]]]


def load_rows(model: type[Model], names: list[str], batches: Batches) -> int:
    """How many; they are checked against the tables that they point to at the end of the transaction at the latest."""
    fields = [_field(model, name) for name in names]
    load = _copy if connection.vendor == "postgresql" else _insert
    return load(model, fields, batches)


def _field(model: type[Model], name: str) -> Any:
    return next(field for field in model._meta.local_concrete_fields if field.attname == name)


TO_COPY: dict[Any, Cell] = {JSONField: lambda value: orjson.dumps(value).decode(), BinaryField: b64decode}


def _copy(model: type[Model], fields: list[Any], batches: Batches) -> int:
    """Text as PostgreSQL reads it, which JSON's is but for JSON itself and bytes."""
    odd = {at: form for at, field in enumerate(fields) for kind, form in TO_COPY.items() if isinstance(field, kind)}
    statement, count = f"COPY {_target(model, fields)} FROM STDIN", 0
    with connection.cursor() as cursor:
        _check_early(cursor, model)
        for batch in batches:
            with cursor.copy(statement) as copy:
                for row in batch:
                    for at, form in odd.items():
                        row[at] = None if row[at] is None else form(row[at])
                    copy.write_row(row)
            count += len(batch)
    outdate(connection, statement)
    return count


def _check_early(cursor: Any, model: type[Model]) -> None:
    """At the end of each statement, and not for millions of rows at the end of all; what points to rows of its own
    table may come before them."""
    own = any(field.related_model is model for field in model._meta.local_fields)
    cursor.execute(f"SET CONSTRAINTS ALL {'DEFERRED' if own else 'IMMEDIATE'}")


def _insert(model: type[Model], fields: list[Any], batches: Batches) -> int:
    cells = [_cell(field) for field in fields]
    marks = ", ".join(["%s"] * len(fields))
    count = 0
    with connection.cursor() as cursor:
        for batch in batches:
            rows = [[cell(value) if cell else value for cell, value in zip(cells, row, strict=True)] for row in batch]
            cursor.executemany(f"INSERT INTO {_target(model, fields)} VALUES ({marks})", rows)  # noqa: S608 - our names
            count += len(batch)
    return count


def _target(model: type[Model], fields: list[Any]) -> str:
    quote = connection.ops.quote_name
    return f"{quote(model._meta.db_table)} ({', '.join(quote(field.column) for field in fields)})"


PLAIN = frozenset(
    {"BooleanField", "CharField", "TextField", "DateField", "FloatField", "AutoField", "BigAutoField", "IntegerField",
     "BigIntegerField", "SmallIntegerField", "PositiveIntegerField", "PositiveSmallIntegerField"}
)  # fmt: skip
"""What SQLite keeps as JSON has it."""


def _cell(field: Any) -> Cell | None:
    """What makes of JSON's value the database's; None where they are the same."""
    target = field.target_field if field.is_relation else field
    if target.get_internal_type() in PLAIN:
        return None
    if isinstance(target, JSONField):
        return lambda value: None if value is None else target.get_db_prep_save(value, connection)
    return lambda value: target.get_db_prep_save(target.to_python(value), connection)
