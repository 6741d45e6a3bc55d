import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from finances.archive.export import write_export
from finances.archive.files import new_file


class Command(BaseCommand):
    help = "Writes all that is stored about a user, as lines of JSON; gzip'ed where FILE ends in .gz."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--output", metavar="FILE", help="Default: standard output. An existing file is kept.")

    def handle(self, *args: Any, email: str, output: str | None, **options: Any) -> None:
        people: Any = get_user_model()
        try:
            user = people.objects.get_by_natural_key(email)
        except people.DoesNotExist:
            raise CommandError(f"Nobody has the address {email}.") from None
        if output is None:
            write_export(user, sys.stdout.buffer)
            return
        with new_file(Path(output)) as file:
            write_export(user, file, compressed=output.endswith(".gz"))
