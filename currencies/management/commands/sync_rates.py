"""Keep exchange rates fresh from the command line or a scheduler."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from currencies.ecb import BadRateFile
from currencies.models import Currency
from currencies.reference import import_reference_rates
from currencies.sync import BASE, default_quotes, pairs_left, sync_base
from finances.sync.batch import Line, as_json, as_table
from finances.sync.leases import SyncInProgress
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.record import last_interrupted


@dataclass(frozen=True)
class Order:
    base: str
    quotes: list[str]
    scope: SyncBatch.Scope = SyncBatch.Scope.SYMBOLS
    resumes: SyncBatch | None = None


class Command(BaseCommand):
    help = (
        "Sync daily exchange rates from Yahoo: the base against the ECB's reference currencies and those that have "
        "rates already. Exits 1 if any pair failed; the others are stored. "
        "With --ecb, import a file of the ECB instead."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base", metavar="CODE", help=f"One of it is quoted (default {BASE}).")
        parser.add_argument(
            "--resume", action="store_true", help="What the last sync that was cut off had left, with its base."
        )
        parser.add_argument("--since", type=date.fromisoformat, metavar="DATE", help="Fetch from this day on.")
        parser.add_argument("--workers", type=int, default=4, metavar="N", help="Parallel fetches (default 4).")
        parser.add_argument(
            "--ecb", type=Path, metavar="FILE", help="The ECB's eurofxref file: CSV, the zip of one, or XML."
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON document instead of a table.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["ecb"]:
            if options["resume"]:
                raise CommandError("--resume is of syncs; import the file again, which is safe.")
            self._import(options["ecb"])
            return
        order = self._order(options)
        lines = self._sync(order, options)
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

    def _order(self, options: dict[str, Any]) -> Order:
        if options["workers"] < 1:
            raise CommandError("--workers takes a number from 1.")
        if options["resume"]:
            return self._rest(options)
        base: str = (options["base"] or BASE).upper()
        if not Currency.objects.filter(pk=base).exists():
            raise CommandError(f"{base} is not a known currency; see load_currencies.")
        return Order(base, default_quotes(base, today=timezone.now().date()))

    def _rest(self, options: dict[str, Any]) -> Order:
        if options["base"]:
            raise CommandError("--resume goes on with the base that was asked for.")
        batch = last_interrupted(SyncBatch.Kind.RATES)
        if batch is None:
            self.stderr.write("No sync was cut off.")
            return Order(BASE, [])
        return Order(*pairs_left(batch), SyncBatch.Scope.RESUMED, batch)

    def _sync(self, order: Order, options: dict[str, Any]) -> list[Line]:
        if not order.quotes:
            return []
        running: Iterable[Line] = sync_base(
            order.base,
            order.quotes,
            workers=options["workers"],
            since=options["since"],
            trigger=SyncRun.Trigger.COMMAND,
            scope=order.scope,
            resumes=order.resumes,
        )
        # None: a bar on a terminal, nothing in a log or a pipe.
        hidden = True if options["json"] else None
        try:
            return list(tqdm(running, total=len(order.quotes), unit="pair", disable=hidden))
        except SyncInProgress as error:
            raise CommandError(f"Rates of {order.base}: {error}") from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped. What was synced is stored; --resume goes on.", returncode=130) from error
