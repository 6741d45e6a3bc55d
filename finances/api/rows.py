"""Rows as bodies without model instances, and without a serializer for each.

The serializer stays the one declaration of an endpoint's fields. From its class follows which columns are read, and
how each is rendered; a test of each endpoint compares its bodies with the serializer's own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import itemgetter
from typing import Any

from rest_framework import serializers

from finances.api.fields import MoneyField, money_text
from finances.statements import Row

Body = dict[str, Any]
Cells = Callable[[Row], Row]
Field = serializers.Field[Any, Any, Any, Any]
Serializer = serializers.Serializer[Any]
AS_STORED = frozenset(
    kind.to_representation
    for kind in (
        serializers.BooleanField, serializers.CharField, serializers.ChoiceField, serializers.DateField,
        serializers.DateTimeField, serializers.FloatField, serializers.IntegerField, serializers.UUIDField,
    )
)  # fmt: skip
"""Representations that the renderer gives to the stored value itself."""


@dataclass(frozen=True)
class Derived:
    """Fields that no column holds: `function` makes their values, in order, of the `columns`' values."""

    fields: tuple[str, ...]
    columns: tuple[str, ...]
    function: Callable[..., Iterable[Any]]


class Rows:
    """The fields of a serializer as `columns`, lookups to be read, and the bodies that rows of them make.

    derived  the fields that are read from no column of their own
    lookups  the lookup of a source, or of a currency's code, that rows have under another name
    unshown  columns that are read, too, and no field shows
    """

    def __init__(
        self,
        shape: Callable[[], Serializer],
        *derived: Derived,
        lookups: Mapping[str, str] | None = None,
        unshown: Sequence[str] = (),
    ) -> None:
        self._shape = shape
        self._derived = derived
        self._lookups = lookups or {}
        self._unshown = unshown

    @cached_property
    def columns(self) -> tuple[str, ...]:
        needed = [
            *self._stored.values(),
            *self._codes.values(),
            *(name for made in self._derived for name in made.columns),
            *self._unshown,
        ]
        return tuple(dict.fromkeys(needed))

    def picking(self, columns: Sequence[str]) -> Cells:
        """A function that takes the cells of these of `columns` out of a row."""
        return _picking([self.columns.index(column) for column in columns])

    def bodies(self, rows: Iterable[Row], **given: Any) -> list[Body]:
        """Of rows that begin with the cells of `columns`; what is `given` goes to the functions of derived fields."""
        plan = self._plan
        return [self._body(row, plan, given) for row in rows]

    def body_of(self, instance: Any) -> Body:
        """Of an instance that was written, whose attributes are the columns."""
        return self.bodies([tuple(reduce(getattr, column.split("__"), instance) for column in self.columns)])[0]

    def _body(self, row: Row, plan: "_Plan", given: dict[str, Any]) -> Body:
        body = dict(zip(plan.names, plan.cells(row), strict=True))
        for fields, cells, function in plan.derived:
            body.update(zip(fields, function(*cells(row), **given), strict=True))
        for name, place in plan.money:
            if body[name] is not None:
                body[name] = money_text(body[name], row[place])
        for name, render in plan.rendered:
            if body[name] is not None:
                body[name] = render(body[name])
        return body

    @cached_property
    def _plan(self) -> "_Plan":
        place = {column: at for at, column in enumerate(self.columns)}
        return _Plan(
            names=tuple(self._fields),
            cells=_picking([place.get(self._stored.get(name, ""), 0) for name in self._fields]),
            derived=[
                (made.fields, _picking([place[column] for column in made.columns]), made.function)
                for made in self._derived
            ],
            money=[(name, place[column]) for name, column in self._codes.items()],
            rendered=[
                (name, field.to_representation)
                for name, field in self._fields.items()
                if name not in self._codes and not _is_shown_as_stored(field)
            ],
        )

    @cached_property
    def _fields(self) -> dict[str, Field]:
        return {name: field for name, field in self._shape().fields.items() if not field.write_only}

    @cached_property
    def _stored(self) -> dict[str, str]:
        """By field, the column that it shows."""
        derived = {name for made in self._derived for name in made.fields}
        return {name: self._lookup(_source(field)) for name, field in self._fields.items() if name not in derived}

    @cached_property
    def _codes(self) -> dict[str, str]:
        """By amount of money, the column of its currency's code."""
        return {name: self._lookup(f.currency) for name, f in self._fields.items() if isinstance(f, MoneyField)}

    def _lookup(self, source: str) -> str:
        return self._lookups.get(source, source.replace(".", "__"))


@dataclass(frozen=True)
class _Plan:
    names: tuple[str, ...]
    cells: Cells
    """Of a row, one cell for each name; any cell for a derived field, which replaces it."""
    derived: list[tuple[tuple[str, ...], Cells, Callable[..., Iterable[Any]]]]
    money: list[tuple[str, int]]
    rendered: list[tuple[str, Callable[[Any], Any]]]


def _picking(places: Sequence[int]) -> Cells:
    if len(places) > 1:
        return itemgetter(*places)
    [place] = places
    return lambda row: (row[place],)


def _source(field: Field) -> str:
    # A reference is shown by its key, which stands in the row itself.
    return f"{field.source}_id" if isinstance(field, serializers.PrimaryKeyRelatedField) else str(field.source)


def _is_shown_as_stored(field: Field) -> bool:
    by_key = isinstance(field, serializers.PrimaryKeyRelatedField | serializers.BaseSerializer)
    return by_key or type(field).to_representation in AS_STORED
