from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from finances.audit.models import Entry, Seal
from finances.audit.seals import BrokenChain, verify_seals


class Command(BaseCommand):
    help = "Checks every seal of the audit trail; fails at the first that does not fit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--digest", help="One that seal_audit printed; fails if no seal has it (the chain was cut or made anew)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            seals = verify_seals()
        except BrokenChain as error:
            raise CommandError(str(error)) from error
        if options["digest"] and not Seal.objects.filter(digest=options["digest"]).exists():
            raise CommandError("No seal has this digest: the chain was cut or made anew.")
        self.stdout.write(f"{seals} seals fit; {Entry.objects.unsealed().count()} entries have no seal yet.")
