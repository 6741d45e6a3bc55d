"""Backups in tests: made, changed by hand, and put back into the database of the test."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from django.utils import timezone

from finances.archive.backup import write_backup
from finances.archive.tables import backed_up


def make_backup(file: Path) -> Path:
    with file.open("w+b") as target:
        write_backup(target, timezone.now())
    return file


def empty_database() -> None:
    for model in reversed(backed_up()):
        model._base_manager.all()._raw_delete("default")


def changed(
    file: Path, *, manifest: Callable[[Any], None] | None = None, tables: dict[str, bytes] | None = None
) -> Path:
    """A copy with another manifest, and other tables whose hashes are right."""
    copy = file.with_name(f"changed-{file.name}")
    with ZipFile(file) as old, ZipFile(copy, "w") as new:
        stated = json.loads(old.read("manifest.json"))
        for table in stated["tables"]:
            name = f"tables/{table['model']}.ndjson"
            lines = (tables or {}).get(table["model"], old.read(name))
            table |= {"sha256": sha256(lines).hexdigest(), "rows": lines.count(b"\n")}
            new.writestr(name, lines)
        if manifest:
            manifest(stated)
        new.writestr("manifest.json", json.dumps(stated))
    return copy
