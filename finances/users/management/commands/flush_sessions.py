from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from finances.users.models import Session


class Command(BaseCommand):
    help = "Deletes sessions whose refresh token has expired. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        deleted, _ = Session.objects.expired(timezone.now()).delete()
        self.stdout.write(f"Deleted {deleted} expired sessions.")
