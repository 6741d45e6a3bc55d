"""Keep exchange rates fresh from the command line or a scheduler."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from currencies.ecb import BadRateFile
from currencies.models import Currency
from currencies.reference import import_reference_rates
from currencies.sync import default_quotes, sync_base
from finances.sync.batch import Line, as_json, as_table
from finances.sync.leases import SyncInProgress
from finances.sync.models import SyncRun


class Command(BaseCommand):
    help = (
        "Sync daily exchange rates from Yahoo: the base against the ECB's reference currencies and those that have "
        "rates already. Exits 1 if any pair failed; the others are stored. "
        "With --ecb, import a file of the ECB instead."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base", default="EUR", metavar="CODE", help="One of it is quoted (default EUR).")
        parser.add_argument("--since", type=date.fromisoformat, metavar="DATE", help="Fetch from this day on.")
        parser.add_argument("--workers", type=int, default=4, metavar="N", help="Parallel fetches (default 4).")
        parser.add_argument(
            "--ecb", type=Path, metavar="FILE", help="The ECB's eurofxref file: CSV, the zip of one, or XML."
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON document instead of a table.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["ecb"]:
            self._import(options["ecb"])
            return
        base = self._base(options)
        lines = self._sync(base, options)
        lines.sort(key=lambda line: line.symbol)
        self.stdout.write((as_json if options["json"] else as_table)(lines, name="pair"))
        if any(line.error for line in lines):
            sys.exit(1)

    def _import(self, path: Path) -> None:
        try:
            done = import_reference_rates(path, today=timezone.now().date())
        except (BadRateFile, SyncInProgress, OSError) as error:
            raise CommandError(f"{path}: {error}") from error
        self.stdout.write(
            f"{done.days} days of {done.currencies} currencies: {done.added} rates added, {done.changed} changed, "
            f"{done.held} held back."
        )

    def _base(self, options: dict[str, Any]) -> str:
        base: str = options["base"].upper()
        if options["workers"] < 1:
            raise CommandError("--workers takes a number from 1.")
        if not Currency.objects.filter(pk=base).exists():
            raise CommandError(f"{base} is not a known currency; see load_currencies.")
        return base

    def _sync(self, base: str, options: dict[str, Any]) -> list[Line]:
        quotes = default_quotes(base, today=timezone.now().date())
        running: Iterable[Line] = sync_base(
            base, quotes, workers=options["workers"], since=options["since"], trigger=SyncRun.Trigger.COMMAND
        )
        try:
            # disable=None: a bar on a terminal, nothing in a log or a pipe.
            return list(tqdm(running, total=len(quotes), unit="pair", disable=True if options["json"] else None))
        except SyncInProgress as error:
            raise CommandError(f"Rates of {base}: {error}") from error
