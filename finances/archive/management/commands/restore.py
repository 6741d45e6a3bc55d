from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from finances.archive.reading import opened
from finances.archive.restore import restore


class Command(BaseCommand):
    help = (
        "Fills an empty database, SQLite or PostgreSQL, from a file of `backup`: all of it or nothing. Everybody logs "
        "in anew afterwards. Stop the app first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        with opened(file) as backup:
            restore(backup)
            rows = sum(table.rows for table in backup.manifest.tables)
        self.stdout.write(f"Restored {rows} rows as of {backup.manifest.created_at}; each table reads back as it was.")
