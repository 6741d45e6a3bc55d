"""Whole columns as parameters and results of one statement, on PostgreSQL.

A column goes over as an array in PostgreSQL's binary form, made from numpy's memory: neither side takes a step for each
figure, and there is no table to stage rows in. Packed columns come back as bytea in binary form: as text, which
Django's cursors ask for, they would cost both sides as much again as making them.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection
from psycopg.adapt import Dumper
from psycopg.pq import Format


class Kind(NamedTuple):
    """https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat"""

    array_oid: int
    element_oid: int
    dtype: str


TIMES = Kind(1185, 1184, ">i8")
"""timestamptz, in microseconds since 2000-01-01 UTC."""
DAYS = Kind(1182, 1082, ">i4")
"""date, in days since 2000-01-01."""
DOUBLES = Kind(1022, 701, ">f8")
INTEGERS = Kind(1016, 20, ">i8")
FLAGS = Kind(1000, 16, "?")


@dataclass(frozen=True)
class Column:
    kind: Kind
    values: npt.NDArray[Any]
    """(n,); nothing in it is null."""


class _ColumnDumper(Dumper):
    format = Format.BINARY

    def get_key(self, obj: Column, format: Any) -> Any:  # noqa: A002 - psycopg's name
        return Column, obj.kind

    def upgrade(self, obj: Column, format: Any) -> Dumper:  # noqa: A002
        dumper = _ColumnDumper(self.cls)
        dumper.oid = obj.kind.array_oid
        return dumper

    def dump(self, obj: Column) -> bytes:
        # array_recv: dimensions, whether there are nulls, element type, length, first index; length and value of each.
        dtype = np.dtype(obj.kind.dtype)
        elements = np.empty(len(obj.values), dtype=[("length", ">i4"), ("value", dtype)])
        elements["length"], elements["value"] = dtype.itemsize, obj.values
        return struct.pack(">iiIii", 1, 0, obj.kind.element_oid, len(elements), 1) + elements.tobytes()


def fetch_row(sql: str, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    """The one row of a statement with Columns among its parameters."""
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def fetch_packed(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement that answers bytea."""
    with _cursor(binary=True) as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _cursor(*, binary: bool = False) -> Any:
    connection.ensure_connection()
    # Django's own cursor writes parameters into the text, which has no place for binary ones.
    cursor = psycopg.Cursor(connection.connection)
    cursor.format = Format.BINARY if binary else Format.TEXT
    cursor.adapters.register_dumper(Column, _ColumnDumper)
    wrap: Any = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return wrap(cursor)
