"""Changes of tables that would rather fail than keep everybody waiting."""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql.schema import DatabaseSchemaEditor as PostgreSQLSchemaEditor


class DatabaseSchemaEditor(PostgreSQLSchemaEditor):
    """A migration's statements wait no longer than MIGRATION_LOCK_TIMEOUT for a lock: whoever waits for a whole table
    holds up all that come after. What fails so has changed nothing and can be run again."""

    def __enter__(self) -> Any:
        editor = super().__enter__()
        if not self.collect_sql:
            # Of the session: some migrations are several transactions.
            with self.connection.cursor() as cursor:
                cursor.execute("set lock_timeout = %s", [settings.MIGRATION_LOCK_TIMEOUT])
        return editor

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        super().__exit__(exc_type, exc_value, traceback)
        if not self.collect_sql and exc_type is None:
            with self.connection.cursor() as cursor:
                cursor.execute("reset lock_timeout")
