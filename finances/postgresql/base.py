"""Django's PostgreSQL backend with less work for each request: connections are not asked each time whether they live,
times are parsed in C, statements need not be planned each time, and every write gives the data another version."""

from datetime import datetime
from functools import lru_cache
from select import POLLIN, poll
from time import monotonic
from typing import Any, Self

import psycopg
from django.conf import settings
from django.db import DatabaseError
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import BaseTzLoader, get_adapters_template
from django.db.backends.utils import CursorWrapper
from psycopg.abc import AdaptContext
from psycopg.adapt import AdaptersMap, Buffer
from psycopg.postgres import types
from psycopg.pq import Format
from psycopg.types.datetime import TimestamptzLoader
from psycopg_pool import ConnectionPool

from finances.data_versions import Replacing, note_writes
from finances.postgresql.schema import DatabaseSchemaEditor

TIMESTAMPTZ_OID = types["timestamptz"].oid
TRUSTED_SECONDS = 1.0
"""How long a connection that answered is taken to live unless its server says otherwise."""


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor
    # Django's own, of which its stubs do not know.
    _connection_pools: dict[str, ConnectionPool["PooledConnection"]]
    _configure_connection: Any
    _prepare_cursor: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.ANSWERS_KEPT_SECONDS:
            self.execute_wrappers.append(note_writes)

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]  # Django's own
        except DatabaseError:
            # A connection that is lost does not say whether it was done; Django forgets the hooks.
            for hook in self.run_on_commit:
                if isinstance(hook[1], Replacing):
                    hook[1]()
            raise

    def run_and_clear_commit_hooks(self) -> None:
        # Others may take long, or fail and end what comes after them.
        self.run_on_commit.sort(key=lambda hook: not isinstance(hook[1], Replacing))
        super().run_and_clear_commit_hooks()

    @property
    def pool(self) -> ConnectionPool["PooledConnection"] | None:
        """As Django's, which asks PostgreSQL about each connection that is taken."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if options and self.alias not in self._connection_pools:
            made = ConnectionPool(
                connection_class=PooledConnection,
                kwargs={**self.get_connection_params(), "autocommit": True},
                open=False,
                configure=self._configure_connection,
                check=check_connection,
                **options,
            )
            # Of several threads' pools the first stays; none is open yet.
            self._connection_pools.setdefault(self.alias, made)
        return self._connection_pools.get(self.alias)

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "context": _adapters(self.timezone)}

    def binding_cursor(self, *, planned: bool) -> CursorWrapper:
        """A cursor that sends values apart from the text, which has $1, $2... for them. Where `planned`, PostgreSQL
        keeps the plan of a text that comes often: more than prepare_threshold times over one connection; else it plans
        for the values of each run."""
        self.ensure_connection()
        kind = psycopg.RawCursor if planned else UnplannedCursor
        with self.wrap_database_errors:
            cursor: CursorWrapper = self._prepare_cursor(kind(self.connection))
        return cursor


class UnplannedCursor(psycopg.RawCursor[Any]):
    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(query, params, **{**options, "prepare": False})


class PooledConnection(psycopg.Connection[Any]):
    asked_at = float("-inf")
    """When it was last seen to live, by the monotonic clock."""


def check_connection(connection: PooledConnection) -> None:
    """Raises psycopg.OperationalError if it is broken. A server that ends says so at once: then there is something to
    read from a connection at rest, and there never is otherwise."""
    now = monotonic()
    if now - connection.asked_at < TRUSTED_SECONDS and not _has_something_to_read(connection):
        return
    ConnectionPool.check_connection(connection)
    connection.asked_at = now


def _has_something_to_read(connection: PooledConnection) -> bool:
    waiting = poll()
    waiting.register(connection.fileno(), POLLIN)
    return bool(waiting.poll(0))


@lru_cache
def _adapters(timezone: Any) -> AdaptersMap:
    own_name = str(timezone).encode()
    in_c = psycopg.adapters.get_loader(TIMESTAMPTZ_OID, Format.TEXT)

    class Loader(BaseTzLoader):  # type: ignore[misc]  # not typed
        """Django's takes text apart in Python, and takes it to be in `timezone`."""

        def __new__(cls, oid: int, context: AdaptContext) -> Any:
            # psycopg's loader in C gives times of the session's time zone; nothing sets another than Django's.
            session: Any = context.connection
            is_own = session.pgconn.parameter_status(b"TimeZone") == own_name
            return in_c(oid, context) if is_own and in_c else super().__new__(cls)

        def load(self, data: Buffer) -> datetime:
            return TimestamptzLoader.load(self, data).astimezone(self.timezone)

    Loader.timezone = timezone
    adapters = AdaptersMap(get_adapters_template(True, timezone))
    adapters.register_loader("timestamptz", Loader)
    return adapters
