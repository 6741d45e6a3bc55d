"""What `make run` and the container do before they serve."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from accounts.demo import is_wanted, load_demo
from currencies.catalogue import load_currencies
from finances.users.groups import ensure_support_group

PREPARE_LOCK = 0x46494E
"""Names the advisory lock; any number that nothing else in the database uses."""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Containers that start together prepare one after the other. SQLite serves one process, so needs nothing."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [PREPARE_LOCK])
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [PREPARE_LOCK])


class Command(BaseCommand):
    help = (
        "Migrate, load currencies and the Support group and, into an empty embedded database, the demo. Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", default="8000")

    def handle(self, *args: Any, **options: Any) -> None:
        with one_at_a_time():
            call_command("migrate", verbosity=0)
            load_currencies()
            ensure_support_group()
            if is_wanted():
                self._load_demo()
        if not settings.PRODUCTION:
            self._print_addresses(f"http://{options['host']}:{options['port']}")

    def _load_demo(self) -> None:
        self.stdout.write("Loading the demo (bundled data, no internet needed)...")
        for person in load_demo():
            self.stdout.write(f"  {person.role}: {person.email}  password: {person.password}")
        self.stdout.write("These passwords are shown this once. Figures marked synthetic are invented.\n")

    def _print_addresses(self, base: str) -> None:
        self.stdout.write(f"API docs  {base}/api/docs\nAdmin     {base}/admin/\nHealth    {base}/health")
