"""Every kind of column, from lines of JSON into a table and back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from finances.archive.loading import load_rows
from finances.archive.rows import line_of_cells
from finances.archive.tables import columns, lines_of

pytestmark = pytest.mark.django_db(transaction=True)
NAME = 'tab\tnewline\nbackslash\\N quote" \u2028 ümläut'
ROW = (
    1, NAME, True, 0.1 + 0.2, 2**62, Decimal("-1234567.12345678"), date(2024, 2, 29),
    datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=UTC), UUID(int=7), {"b": [1, 0.5, None], "a": "\\N"}, b"\x00\xff\\N",
)  # fmt: skip
NOTHING: tuple[Any, ...] = (
    2,
    "",
    False,
    0.0,
    0,
    Decimal(0),
    date(1, 1, 1),
    datetime(2024, 1, 1, tzinfo=UTC),
    UUID(int=0),
    [],
    None,
)


@pytest.fixture
def table() -> Iterator[type[models.Model]]:
    with isolate_apps("finances.archive"):

        class Sample(models.Model):
            id = models.BigAutoField(primary_key=True)
            name = models.CharField(max_length=99)
            flag = models.BooleanField()
            number = models.FloatField()
            big = models.BigIntegerField()
            # SQLite keeps 15 digits of it; what needs more has a field of its own.
            amount = models.DecimalField(max_digits=16, decimal_places=8)
            day = models.DateField()
            at = models.DateTimeField()
            code = models.UUIDField()
            document = models.JSONField()
            data = models.BinaryField(null=True)

            class Meta:
                app_label = "archive"

            def __str__(self) -> str:
                return self.name

        with connection.schema_editor() as editor:
            editor.create_model(Sample)
        yield Sample
        with connection.schema_editor() as editor:
            editor.delete_model(Sample)


def test_every_kind_of_column_comes_back_as_it_was(table: Any) -> None:
    lines = b"".join(map(line_of_cells, (ROW, NOTHING[:5] + (Decimal("0.00000000"),) + NOTHING[6:])))

    count = load_rows(table, columns(table), [[orjson.loads(line) for line in lines.splitlines()]])

    assert count == 2
    assert b"".join(text for _, text in lines_of(table, columns(table))) == lines
    stored = table.objects.get(pk=1)
    assert tuple(getattr(stored, name) for name in columns(table))[:-1] == ROW[:-1]
    assert bytes(stored.data) == ROW[-1]


def test_a_zero_has_no_sign() -> None:
    assert line_of_cells((Decimal("-0.00"), Decimal("1E+3"))) == b'["0.00","1000"]\n'


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError):
        line_of_cells((object(),))
