import numpy as np
import pytest
from django.db import DataError, connection

from finances.columns import DAYS, DOUBLES, FLAGS, INTEGERS, TIMES, Column, Kind, fetch_row

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="arrays are PostgreSQL's"),
]


@pytest.mark.parametrize(
    ("kind", "values", "text"),
    [
        (TIMES, [0, 86_400_000_001], '{"2000-01-01 00:00:00+00","2000-01-02 00:00:00.000001+00"}'),
        (DAYS, [-1, 0, 9_862], "{1999-12-31,2000-01-01,2027-01-01}"),
        (DOUBLES, [0.1, np.nan, -np.inf], "{0.1,NaN,-Infinity}"),
        (INTEGERS, [-1, 2**62], "{-1,4611686018427387904}"),
        (FLAGS, [True, False], "{t,f}"),
        (DOUBLES, [], "{}"),
    ],
)
def test_a_column_arrives_as_it_is(kind: Kind, values: list[float], text: str) -> None:
    sql = "select %(column)s::text, coalesce(array_length(%(column)s, 1), 0)"

    assert fetch_row(sql, {"column": Column(kind, np.array(values))}) == (text, len(values))


def test_columns_of_several_kinds_make_rows() -> None:
    sql = "select sum(price * volume) from unnest(%(prices)s, %(volumes)s) as bar (price, volume)"

    assert fetch_row(
        sql, {"prices": Column(DOUBLES, np.array([0.5, 1.5])), "volumes": Column(INTEGERS, np.array([2, 4]))}
    ) == (7.0,)


def test_errors_are_djangos() -> None:
    with pytest.raises(DataError):
        fetch_row("select %(column)s::int[]", {"column": Column(INTEGERS, np.array([2**40]))})
