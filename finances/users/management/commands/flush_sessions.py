from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from finances.users.models import EmailToken, Session


class Command(BaseCommand):
    help = "Deletes sessions whose refresh token has expired, and expired tokens sent by e-mail. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        sessions, _ = Session.objects.expired(now).delete()
        tokens, _ = EmailToken.objects.expired(now).delete()
        self.stdout.write(f"Deleted {sessions} expired sessions and {tokens} expired e-mail tokens.")
