"""An empty database for one audit."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier


@contextmanager
def scratch_database(name: str) -> Iterator[str]:
    """Its DATABASE_URL."""
    server, database = os.environ.get("DATABASE_URL", ""), f"finances_audit_{name}_{os.getpid()}"
    if not server.startswith("postgres"):
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / database}.sqlite3"
        return
    drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(database))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(database)))
        try:
            yield urlsplit(server)._replace(path=f"/{database}").geturl()
        finally:
            connection.execute(drop)
