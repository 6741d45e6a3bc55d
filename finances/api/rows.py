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
Column = Sequence[Any]
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
    """Fields that no column holds: `function` makes their columns, in order, of `columns`, each with all its cells."""

    fields: tuple[str, ...]
    columns: tuple[str, ...]
    function: Callable[..., Iterable[Iterable[Any]]]


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
        """Of rows that begin with the cells of `columns`; what is `given` goes to the functions of derived fields.

        A column at a time, so that each of them, and not each cell, costs the work that all cells have in common.
        """
        columns = list(zip(*rows, strict=True))
        shown = self._plan.shown(columns, given) if columns else []
        return [dict(zip(self._fields, cells, strict=True)) for cells in zip(*shown, strict=True)]

    def body_of(self, instance: Any) -> Body:
        """Of an instance that was written, whose attributes are the columns."""
        return self.bodies_of([instance])[0]

    def bodies_of(self, instances: Iterable[Any]) -> list[Body]:
        paths = [column.split("__") for column in self.columns]
        return self.bodies([tuple([reduce(getattr, path, instance) for path in paths]) for instance in instances])

    @cached_property
    def _plan(self) -> "_Plan":
        place = {column: at for at, column in enumerate(self.columns)}
        field_at = {name: at for at, name in enumerate(self._fields)}
        return _Plan(
            places=[place.get(self._stored.get(name, ""), 0) for name in self._fields],
            derived=[
                ([field_at[name] for name in made.fields], [place[column] for column in made.columns], made.function)
                for made in self._derived
            ],
            money=[(field_at[name], place[column]) for name, column in self._codes.items()],
            rendered=[
                (field_at[name], getattr(field, "text", field.to_representation))
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
    """Columns as they are read, by place, to columns as they are shown, in the order of the fields."""

    places: list[int]
    """By field; any column for a derived field, which replaces it."""
    derived: list[tuple[list[int], list[int], Callable[..., Iterable[Iterable[Any]]]]]
    money: list[tuple[int, int]]
    rendered: list[tuple[int, Callable[[Any], Any]]]

    def shown(self, columns: Sequence[Column], given: dict[str, Any]) -> list[Column]:
        shown: list[Column] = [columns[place] for place in self.places]
        for fields, places, function in self.derived:
            made = function(*(columns[place] for place in places), **given)
            for at, cells in zip(fields, made, strict=True):
                shown[at] = list(cells)
        for at, place in self.money:
            amounts = zip(shown[at], columns[place], strict=True)
            shown[at] = [None if amount is None else money_text(amount, code) for amount, code in amounts]
        for at, render in self.rendered:
            shown[at] = [None if cell is None else render(cell) for cell in shown[at]]
        return shown


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
