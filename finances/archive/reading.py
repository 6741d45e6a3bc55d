"""Backups as they are read: never a row before the whole file is known to be as it was written."""

import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import orjson
from django.core.management.base import CommandError

from finances.archive import manifest
from finances.archive.manifest import Manifest, Table
from finances.archive.rows import in_batches
from finances.archive.tables import digest

CHUNK = 1 << 20


class Backup:
    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self.manifest: Manifest = manifest.load(archive.read(manifest.NAME))

    def verify(self) -> None:
        """Raises CommandError if a table is not as it was written."""
        for table in self.manifest.tables:
            if digest(self._chunks(table)) != table.sha256:
                raise CommandError(f"The backup is damaged: {table.file} is not as it was written.")

    def rows(self, table: Table) -> Generator[list[list[Any]], None, None]:
        """In batches, each row a list of JSON values in the order of `table.columns`."""
        with self._archive.open(table.file) as lines:
            yield from ([orjson.loads(line) for line in batch] for batch in in_batches(lines))

    def _chunks(self, table: Table) -> Iterator[bytes]:
        with self._archive.open(table.file) as file:
            while chunk := file.read(CHUNK):
                yield chunk


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """The backup in `path`, verified. Raises CommandError if it is none, damaged, or of a newer format."""
    try:
        with ZipFile(path) as archive:
            backup = Backup(archive)
            backup.verify()
            yield backup
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except (BadZipFile, zlib.error, KeyError) as error:
        raise CommandError(f"{path} is no backup, or damaged: {error}.") from error
