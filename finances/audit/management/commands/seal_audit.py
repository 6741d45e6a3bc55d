from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from finances.audit.seals import seal_entries


class Command(BaseCommand):
    help = "Seals the entries of the audit trail that have no seal yet, and prints the digest. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            seal = seal_entries()
        except IntegrityError as error:
            raise CommandError("Another seal was set at the same moment; nothing was sealed here.") from error
        if seal is None:
            self.stdout.write("Nothing to seal.")
        else:
            self.stdout.write(f"Seal {seal.number} over {seal.count} entries: {seal.digest}")
