"""Querysets whose SQL is compiled once, and run with values of each request.

Building and compiling a queryset costs more than PostgreSQL needs to answer it. A Statement keeps what the ORM made of
one; where it holds a Parameter, each run binds its own value, never written into the text.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import repeat
from operator import itemgetter
from types import NoneType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Expression, Field, IntegerField, JSONField, QuerySet, Subquery
from django.db.models.expressions import BaseExpression

PLACEHOLDER = re.compile("%[s%]")
Row = tuple[Any, ...]
NUMBERS = {"FloatField": float, "DecimalField": Decimal}
"""Of expressions' converters, by the type of field; the others make integers."""


class Parameter(Expression):
    """Stands in a queryset for the value called `name`, of a column like `field`."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def __repr__(self) -> str:
        return f"Parameter({self.name!r})"

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return "%s", [self]

    def bind(self, value: Any, connection: Any) -> Any:
        """`value` as the database of `connection` takes it."""
        field: Any = self.output_field
        return field.get_db_prep_value(value, connection=connection, prepared=False)


class Total(Subquery):
    """How many rows a queryset has; PostgreSQL and SQLite ask it once, not for each row."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()

    def __init__(self, queryset: QuerySet[Any]) -> None:
        super().__init__(queryset.order_by().values("pk"))


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    total: int


class Statement:
    """The SQL of `columns` of a queryset, in their order.

    planned  PostgreSQL keeps a plan that suits all values, if it knows one; else it plans for those of each run
    """

    def __init__(self, queryset: QuerySet[Any], columns: Iterable[str], *, planned: bool = True) -> None:
        self._queryset = queryset.values_list(*columns)
        self._planned = planned

    def rows(self, **values: Any) -> list[Row]:
        """All rows, for the Parameters' `values` by name. Raises KeyError where one is not given."""
        return self._run(self._compiled.sql, values)

    def rows_from(self, skip: int, limit: int, /, **values: Any) -> list[Row]:
        return self._run(self._compiled.paged, values, (limit, skip))

    def _run(self, sql: str, values: dict[str, Any], bounds: tuple[int, ...] = ()) -> list[Row]:
        params, converters = self._compiled.params, self._compiled.converters
        database = connections[DEFAULT_DB_ALIAS]  # the proxy `connection` looks for it at each use
        bound = [item.bind(values[item.name], database) if isinstance(item, Parameter) else item for item in params]
        with _cursor(database, planned=self._planned) as cursor:
            cursor.execute(sql, [*bound, *bounds])
            rows: list[Row] = cursor.fetchall()
        return _converted(rows, converters)

    @cached_property
    def _compiled(self) -> "_Compiled":
        compiler = self._queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        found = compiler.get_converters(expression for expression, _, _ in compiler.select)
        converters = [Converter(at, tuple(steps), expression) for at, (steps, expression) in found.items()]
        if connection.vendor != "postgresql":
            return _Compiled(sql, f"{sql} LIMIT %s OFFSET %s", tuple(params), converters)
        sql, numbered = _numbered(sql, params)
        bounds = f"LIMIT ${len(numbered) + 1} OFFSET ${len(numbered) + 2}"
        return _Compiled(sql, f"{sql} {bounds}", numbered, converters)


@dataclass(frozen=True)
class _Compiled:
    sql: str
    paged: str
    """Which takes a limit and an offset after the `params`."""
    params: tuple[Any, ...]
    converters: list["Converter"]


@dataclass(frozen=True)
class Converter:
    """The functions of Django that each cell of the column `at` goes through."""

    at: int
    steps: tuple[Callable[[Any, Any, Any], Any], ...]
    expression: Any

    def changes(self, rows: list[Row]) -> bool:
        """Whether any cell is not of a type that stays: of PostgreSQL's driver numbers come as Django wants them, and
        to look at a column's types costs less than to call a function for each of its cells."""
        return not self._staying.issuperset(map(type, map(itemgetter(self.at), rows)))

    def converted(self, cells: Iterable[Any]) -> Iterable[Any]:
        for step in self.steps:
            cells = map(step, cells, repeat(self.expression), repeat(connection))
        return cells

    @cached_property
    def _staying(self) -> frozenset[type]:
        """Types of values that all steps surely leave as they are."""
        field = self.expression.output_field
        if type(field) is JSONField and self.steps == (field.from_db_value,):
            return frozenset({NoneType})
        is_plain = type(self.expression).convert_value is BaseExpression.convert_value
        if is_plain and self.steps == (self.expression.convert_value,):
            return frozenset({NoneType, NUMBERS.get(field.get_internal_type(), int)})
        return frozenset()


def _numbered(sql: str, params: Iterable[Any]) -> tuple[str, tuple[Any, ...]]:
    """With PostgreSQL's own placeholders, which psycopg need not look for, and what they stand for, by number: a
    Parameter is sent once, wherever it stands."""
    items: dict[object, Any] = {}
    keys = []
    for at, item in enumerate(params):
        keys.append(item.name if isinstance(item, Parameter) else at)
        items.setdefault(keys[-1], item)
    numbers = {key: number for number, key in enumerate(items, start=1)}
    following = iter(keys)
    text = PLACEHOLDER.sub(lambda found: "%" if found[0] == "%%" else f"${numbers[next(following)]}", sql)
    return text, tuple(items.values())


class PagedStatement:
    """A page of a queryset and the length of the whole, in one statement."""

    def __init__(self, queryset: QuerySet[Any], columns: Iterable[str]) -> None:
        self._statement = Statement(queryset.annotate(total=Total(queryset)), [*columns, "total"])

    def page(self, skip: int, limit: int, /, **values: Any) -> Page:
        rows = self._statement.rows_from(skip, limit, **values)
        # Beyond the end there is no row to carry the total.
        counted = rows or (self._statement.rows_from(0, 1, **values) if skip else [])
        return Page(rows, total=counted[0][-1] if counted else 0)


def _cursor(database: Any, *, planned: bool) -> Any:
    """PostgreSQL's takes its own placeholders; SQLite keeps the statements of every cursor."""
    binding = getattr(database, "binding_cursor", None)
    return binding(planned=planned) if binding else database.cursor()


def _converted(rows: list[Row], converters: Iterable[Converter]) -> list[Row]:
    due = [converter for converter in converters if converter.changes(rows)]
    if not due:
        return rows
    columns = list(zip(*rows, strict=True))
    for converter in due:
        columns[converter.at] = tuple(converter.converted(columns[converter.at]))
    return list(zip(*columns, strict=True))
