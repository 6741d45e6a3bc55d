"""A database of its own for one benchmark: made, migrated, measured, dropped.

DATABASE_URL names the PostgreSQL server, and a role that may create databases; unset, an SQLite file is made.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg


class Timing(NamedTuple):
    """Milliseconds of wall time."""

    median: float
    p95: float


@contextmanager
def scratch_database(name: str) -> Iterator[None]:
    """Run the body against the empty, migrated database `finances_bench_<name>`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    server, database = os.environ.get("DATABASE_URL", ""), f"finances_bench_{name}"
    if server.startswith("postgres"):
        with _on_postgresql(server, database):
            _migrate()
            yield
    else:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / database}.sqlite3"
            _migrate()
            yield


@contextmanager
def _on_postgresql(server: str, database: str) -> Iterator[None]:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database if exists {database} with (force)")
        connection.execute(f"create database {database}")
        try:
            os.environ["DATABASE_URL"] = urlunsplit(urlsplit(server)._replace(path=f"/{database}"))
            yield
        finally:
            connection.execute(f"drop database {database} with (force)")


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def execute(*statements: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def timed(call: Callable[[], object], rounds: int) -> Timing:
    call()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(taken, n=100)
    return Timing(cuts[49], cuts[94])


def database_seconds() -> float:
    """CPU of this database's PostgreSQL processes so far, where they run on this machine; SQLite is in the process."""
    from django.db import connection

    if not is_postgresql():
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("select pid from pg_stat_activity where datname = current_database()")
        stats = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for (pid,) in cursor.fetchall()]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


def is_postgresql() -> bool:
    from django.db import connection

    return connection.vendor == "postgresql"
