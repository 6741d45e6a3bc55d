from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from finances.users.models import LoginFailures, normalize_login


class Command(BaseCommand):
    help = "Forgets the failed logins of an e-mail address, so that it may try again at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        forgotten, _ = LoginFailures.objects.filter(account=normalize_login(options["email"])).delete()
        self.stdout.write(f"Forgot {forgotten} counters.")
