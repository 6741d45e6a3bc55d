"""What a backup says about itself: its format, the migrations behind its tables; columns, rows and hash of each."""

from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from django.core.management.base import CommandError

FORMAT = 1
NAME = "manifest.json"


@dataclass
class Table:
    model: str
    columns: list[str]
    rows: int = 0
    sha256: str = ""
    """Of the file's content, unpacked."""

    @property
    def file(self) -> str:
        return f"tables/{self.model}.ndjson"


@dataclass
class Manifest:
    created_at: str
    engine: str
    migrations: list[list[str]]
    """[app, name] of all that were applied, sorted."""
    tables: list[Table] = field(default_factory=list)
    """In the order in which they can be written: each after those that it points to."""
    format: int = FORMAT

    def dump(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)


def load(text: bytes) -> Manifest:
    """Raises CommandError for what is no manifest, or one of a newer format."""
    try:
        stated: dict[str, Any] = orjson.loads(text)
        if stated["format"] > FORMAT:
            raise CommandError(f"The backup has format {stated['format']}, of a newer release than this.")
        tables = [Table(**table) for table in stated.pop("tables")]
        return Manifest(**stated, tables=tables)
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError("This is no backup: its manifest cannot be read.") from error
