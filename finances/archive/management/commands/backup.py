from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from finances.archive.backup import write_backup
from finances.archive.files import new_file
from finances.archive.manifest import Manifest
from finances.archive.reading import opened


class Command(BaseCommand):
    help = (
        "Writes the whole installation into FILE, as of one moment, while it serves. The file holds password hashes "
        "and everybody's figures: keep it as safe as the database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="An existing file is kept.")
        parser.add_argument(
            "--verify", action="store_true", help="Write nothing; check that FILE is as it was written."
        )

    def handle(self, *args: Any, file: Path, verify: bool, **options: Any) -> None:
        if verify:
            with opened(file) as backup:
                self._tell(file, backup.manifest)
            return
        with new_file(file) as target:
            manifest = write_backup(target, timezone.now())
        self._tell(file, manifest)

    def _tell(self, file: Path, manifest: Manifest) -> None:
        rows = sum(table.rows for table in manifest.tables)
        self.stdout.write(f"{file}: {rows} rows of {len(manifest.tables)} tables, as of {manifest.created_at}.")
