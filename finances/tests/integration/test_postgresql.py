"""The PostgreSQL backend: connections that have died are replaced, times are read as psycopg reads them."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg.adapt import Transformer
from psycopg.pq import Format

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's backend")


@pytest.fixture
def pooled() -> Iterator[Any]:
    """A connection from a pool of one, beside that of the test."""
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 1, "timeout": 5}}
    wrapper = type(connection._connections["default"])({**connection.settings_dict, "OPTIONS": options}, "pooled")  # type: ignore[attr-defined]
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def process_of(wrapper: Any) -> int:
    """Of the connection that one request is given, which goes back to the pool."""
    with wrapper.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        [process] = cursor.fetchone()
    wrapper.close()
    return int(process)


def test_requests_share_a_connection(pooled: Any) -> None:
    assert process_of(pooled) == process_of(pooled)


def test_a_connection_that_its_server_closed_is_replaced(pooled: Any) -> None:
    first = process_of(pooled)
    with connection.cursor() as cursor:
        # With a timeout it waits until the process has ended.
        cursor.execute("select pg_terminate_backend(%s, 5000)", [first])

    assert process_of(pooled) != first


TIMESTAMPTZ = 1184
TIMES = [
    "2026-02-28 12:00:00+00", "2026-02-28 12:00:00.5-03:30", "2026-02-28 12:00:00.123456+05:45",
    "0001-01-02 00:00:00+00",
    "9999-12-30 23:59:59.999999+00", "1900-01-01 00:00:00+00", "2026-03-29 01:00:00+00", "2026-10-25 00:30:00+00",
]  # fmt: skip
BEYOND = ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "12026-01-01 00:00:00+00"]


def read(text: str, time_zone: str, context: Any) -> Any:
    parameters = {**connection.get_connection_params(), "context": context}
    with psycopg.connect(**parameters) as fresh:
        fresh.execute(f"set time zone '{time_zone}'")
        return fresh.execute("select %s::timestamptz", [text]).fetchone()


@pytest.mark.parametrize("time_zone", ["UTC", "Asia/Kathmandu", "America/Sao_Paulo"])
def test_times_are_read_as_psycopg_reads_them(time_zone: str) -> None:
    ours = connection.get_connection_params()["context"]

    assert ours.get_loader(TIMESTAMPTZ, Format.TEXT) is not psycopg.adapters.get_loader(TIMESTAMPTZ, Format.TEXT)
    for text in TIMES:
        [found], [expected] = read(text, time_zone, ours), read(text, time_zone, psycopg.adapters)
        assert (found, found.utcoffset()) == (expected, timedelta(0))


def test_times_of_a_session_in_utc_are_read_in_c() -> None:
    in_c = psycopg.adapters.get_loader(TIMESTAMPTZ, Format.TEXT)

    loader = Transformer(connection.cursor().connection).get_loader(TIMESTAMPTZ, Format.TEXT)

    assert type(loader) is in_c
    assert read("2026-02-28 12:00:00-03:30", "UTC", connection.get_connection_params()["context"])[0].tzinfo is UTC


@pytest.mark.parametrize("text", BEYOND)
def test_a_time_beyond_python_is_the_same_error(text: str) -> None:
    for context in (connection.get_connection_params()["context"], psycopg.adapters):
        with pytest.raises(psycopg.DataError):
            read(text, "UTC", context)
