from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finances.users import totp
from finances.users.models import User, normalize_login


class Command(BaseCommand):
    help = (
        "Sets up one-time codes for a user, and prints the secret for an authenticator app and the recovery codes. For "
        "the first member of staff, and for whoever has lost the device."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--replace", action="store_true", help="end the codes that the user has now")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=normalize_login(options["email"])).first()
        if user is None:
            raise CommandError("No account has this e-mail address.")
        if totp.is_enrolled(user) and not options["replace"]:
            raise CommandError("This user has one-time codes already; --replace ends them.")
        device, codes = totp.enrol(user)
        self.stdout.write(f"{device.config_url}\nRecovery codes, each good once:")
        self.stdout.write("\n".join(f"  {code}" for code in codes))
