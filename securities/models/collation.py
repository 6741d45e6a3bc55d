"""The order of bytes, in which everything that begins with a text is one range of an index."""

from typing import Any

from django.db.models import Func


class Bytewise(Func):
    """A text compared and ordered by its bytes, whatever the database's language."""

    template = '(%(expressions)s) COLLATE "C"'
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s", **extra)
