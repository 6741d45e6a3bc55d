"""Keep prices fresh from the command line or a scheduler."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from finances.sync.batch import Line, as_json, as_table
from finances.sync.models import SyncRun
from securities.bars import INTERVALS
from securities.batch import stale_symbols, sync_many


class Command(BaseCommand):
    help = "Sync prices, splits and dividends from Yahoo. Exits 1 if any symbol failed; the others are stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("symbols", nargs="*", metavar="SYMBOL", help="Ticker symbols, known or not yet known.")
        parser.add_argument("--all", action="store_true", help="Every active listed security.")
        parser.add_argument("--stale", type=float, metavar="HOURS", help="Those not synced for so many hours.")
        parser.add_argument("--interval", action="append", choices=list(INTERVALS), help="Repeatable; default 1d.")
        parser.add_argument("--workers", type=int, default=4, metavar="N", help="Parallel fetches (default 4).")
        parser.add_argument("--json", action="store_true", help="Print one JSON document instead of a table.")

    def handle(self, *args: Any, **options: Any) -> None:
        symbols = self._symbols(options)
        lines = self._sync(symbols, options)
        lines.sort(key=lambda line: line.symbol)
        self.stdout.write(as_json(lines) if options["json"] else as_table(lines))
        if any(line.error for line in lines):
            sys.exit(1)

    def _symbols(self, options: dict[str, Any]) -> list[str]:
        if options["workers"] < 1:
            raise CommandError("--workers takes a number from 1.")
        if sum([bool(options["symbols"]), options["all"], options["stale"] is not None]) != 1:
            raise CommandError("Give symbols, or --all, or --stale HOURS.")
        if options["symbols"]:
            return list(dict.fromkeys(symbol.upper() for symbol in options["symbols"]))
        stale = options["stale"]
        return stale_symbols(synced_before=None if stale is None else timezone.now() - timedelta(hours=stale))

    def _sync(self, symbols: list[str], options: dict[str, Any]) -> list[Line]:
        intervals = tuple(options["interval"] or ["1d"])
        running: Iterable[Line] = sync_many(
            symbols, intervals=intervals, workers=options["workers"], trigger=SyncRun.Trigger.COMMAND
        )
        # disable=None: a bar on a terminal, nothing in a log or a pipe.
        return list(tqdm(running, total=len(symbols), unit="symbol", disable=True if options["json"] else None))
