from typing import Any

from django.core.management.base import BaseCommand

from currencies.catalogue import load_currencies


class Command(BaseCommand):
    help = "Add the ISO 4217 currencies, and historic ones, that the database lacks. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Currencies added: {load_currencies()}.")
