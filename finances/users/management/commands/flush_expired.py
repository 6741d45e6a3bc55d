from typing import Any

from django.core.management.base import BaseCommand

from finances.users.expiry import flush_expired


class Command(BaseCommand):
    help = (
        "Deletes what has expired: sessions of the API and of the back office, personal access tokens, tokens sent by "
        "e-mail, counters of login failures, and idempotency keys with their answers. The schedule does it daily."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        counts = [f"{count} {name}" for name, count in flush_expired().items()]
        self.stdout.write(f"Deleted what had expired: {', '.join(counts)}.")
