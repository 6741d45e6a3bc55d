"""Keep prices fresh from the command line or a scheduler."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from finances.sync import queue
from finances.sync.batch import Line, as_json, as_table
from finances.sync.leases import SyncInProgress
from finances.sync.models import SyncBatch, SyncRun
from finances.sync.record import last_interrupted, unfinished_symbols
from finances.yahoo.types import Interval
from securities.bars import INTERVALS
from securities.batch import stale_symbols, sync_many


@dataclass(frozen=True)
class Order:
    symbols: list[str]
    intervals: tuple[Interval, ...]
    scope: SyncBatch.Scope
    resumes: SyncBatch | None = None


class Command(BaseCommand):
    help = "Sync prices, splits and dividends from Yahoo. Exits 1 if any symbol failed; the others are stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("symbols", nargs="*", metavar="SYMBOL", help="Ticker symbols, known or not yet known.")
        parser.add_argument("--all", action="store_true", help="Every active listed security.")
        parser.add_argument("--stale", type=float, metavar="HOURS", help="Those not synced for so many hours.")
        parser.add_argument(
            "--resume", action="store_true", help="What the last sync that was cut off had left, with its intervals."
        )
        parser.add_argument("--interval", action="append", choices=list(INTERVALS), help="Repeatable; default 1d.")
        parser.add_argument("--workers", type=int, default=4, metavar="N", help="Parallel fetches (default 4).")
        parser.add_argument("--queue", action="store_true", help="Leave it to the workers and print the run's id.")
        parser.add_argument("--json", action="store_true", help="Print one JSON document instead of a table.")

    def handle(self, *args: Any, **options: Any) -> None:
        order = self._order(options)
        if options["queue"]:
            self._queue(order)
            return
        lines = self._sync(order, options)
        lines.sort(key=lambda line: line.symbol)
        self.stdout.write(as_json(lines) if options["json"] else as_table(lines))
        if any(line.error for line in lines):
            sys.exit(1)

    def _order(self, options: dict[str, Any]) -> Order:
        if options["workers"] < 1:
            raise CommandError("--workers takes a number from 1.")
        chosen = [bool(options["symbols"]), options["all"], options["stale"] is not None, options["resume"]]
        if sum(chosen) != 1:
            raise CommandError("Give symbols, or --all, or --stale HOURS, or --resume.")
        if options["resume"]:
            return self._rest(options)
        intervals = tuple(options["interval"] or ["1d"])
        if options["symbols"]:
            symbols = list(dict.fromkeys(symbol.upper() for symbol in options["symbols"]))
            return Order(symbols, intervals, SyncBatch.Scope.SYMBOLS)
        if options["all"]:
            return Order(stale_symbols(synced_before=None), intervals, SyncBatch.Scope.ALL)
        before = timezone.now() - timedelta(hours=options["stale"])
        return Order(stale_symbols(synced_before=before), intervals, SyncBatch.Scope.STALE)

    def _rest(self, options: dict[str, Any]) -> Order:
        if options["interval"]:
            raise CommandError("--resume goes on with the intervals that were asked for.")
        batch = last_interrupted(SyncBatch.Kind.PRICES)
        if batch is None:
            self.stderr.write("No sync was cut off.")
            return Order([], (), SyncBatch.Scope.RESUMED)
        return Order(unfinished_symbols(batch), tuple(batch.intervals), SyncBatch.Scope.RESUMED, batch)

    def _queue(self, order: Order) -> None:
        if order.resumes:
            raise CommandError("--resume goes on here; what is queued goes on by itself.")
        if not order.symbols:
            return
        facts: Any = {"intervals": order.intervals, "scope": order.scope, "trigger": SyncRun.Trigger.COMMAND}
        batch = queue.order(SyncBatch.Kind.PRICES, order.symbols, **facts)
        self.stdout.write(str(batch.uuid))

    def _sync(self, order: Order, options: dict[str, Any]) -> list[Line]:
        if not order.symbols:
            return []
        running: Iterable[Line] = sync_many(
            order.symbols,
            intervals=order.intervals,
            workers=options["workers"],
            trigger=SyncRun.Trigger.COMMAND,
            scope=order.scope,
            resumes=order.resumes,
        )
        # None: a bar on a terminal, nothing in a log or a pipe.
        hidden = True if options["json"] else None
        try:
            return list(tqdm(running, total=len(order.symbols), unit="symbol", disable=hidden))
        except SyncInProgress as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped. What was synced is stored; --resume goes on.", returncode=130) from error
