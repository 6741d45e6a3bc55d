"""The table of docs/scaling.md is of the tables that there are."""

import re
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, UniqueConstraint

from tests.installation import ROOT

ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (?:`(\w+)`( \*\*\+\*\*)?)? ?\| (.*?) ?\|$", re.MULTILINE)
DOCUMENT = (ROOT / "docs/scaling.md").read_text()
ROWS = {table: (kind, column, added, change) for table, kind, column, added, change in ROW.findall(DOCUMENT)}
TABLES: dict[str, Any] = {
    str(model._meta.db_table): model._meta
    for model in apps.get_models(include_auto_created=True)
    if not model._meta.proxy
}


def columns(table: str) -> set[str]:
    return {field.column for field in TABLES[table].concrete_fields}


def test_every_table_is_told_once() -> None:
    assert sorted(table for table, *_ in ROW.findall(DOCUMENT)) == sorted(TABLES)


def test_distribution_columns_are_there_or_marked_as_added() -> None:
    distributed = {table: row for table, row in ROWS.items() if row[0] == "distributed"}
    there = {table: (column in columns(table)) for table, (_, column, _, _) in distributed.items()}

    assert there == {table: not added for table, (_, _, added, _) in distributed.items()}
    assert {row[1] for row in ROWS.values() if row[0] != "distributed"} == {""}


def test_unique_constraints_without_the_column_are_named() -> None:
    for table, (kind, column, _, change) in ROWS.items():
        if kind == "distributed":
            for constraint in TABLES[table].constraints:
                if isinstance(constraint, UniqueConstraint):
                    names = [TABLES[table].get_field(name).column for name in constraint.fields]
                    assert column in names or f"`{constraint.name}" in change, constraint.name


def test_foreign_keys_that_cannot_be_are_named() -> None:
    """From reference and local tables to distributed ones; and between those where they may be of two users."""
    for table, (kind, column, _, change) in ROWS.items():
        for field in TABLES[table].concrete_fields:
            if isinstance(field, ForeignKey) and ROWS[field.related_model._meta.db_table][0] == "distributed":
                told = f"`{field.name}`" in change or f"{field.column})`" in change
                assert told or (kind == "distributed" and field.column == column), (table, field.name)
