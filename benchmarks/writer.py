"""Writes as a sync does, through the product's own storage: `python -m benchmarks.writer`, orders on the input."""

from collections.abc import Callable

import django
from django.db import transaction
from django.utils import timezone

from benchmarks import series
from benchmarks.order import Order, serve

django.setup()

from currencies.models import Currency  # noqa: E402 - models need the line above
from currencies.screening import DayClose  # noqa: E402
from currencies.storage import store_rates  # noqa: E402
from finances.sync.models import SyncRun  # noqa: E402
from finances.sync.runs import stamp  # noqa: E402
from securities.bars import BarColumns  # noqa: E402
from securities.models import Bar, Security  # noqa: E402
from securities.recovery import RawHistory  # noqa: E402
from securities.storage import store_bars  # noqa: E402

NEVER = 2**40
"""No bar is of a session still open."""


def prepare(order: Order) -> Callable[[], None]:
    return _bars(order) if order.what == "bars" else _rates(order)


def _bars(order: Order) -> Callable[[], None]:
    columns = BarColumns.from_rows([tuple(bar) for bar in series.bars(order.rows, order.percent)])
    security, run = Security.objects.listed().get(symbol=order.into), _run(order)
    history = RawHistory(Bar.Interval.DAY, security.currency_id, columns, NEVER, (), ())

    @transaction.atomic
    def work() -> None:
        locked = Security.objects.all().lock(security.pk)
        stamp(run)
        store_bars(locked, history, run)

    return work


def _rates(order: Order) -> Callable[[], None]:
    closes = [DayClose(*rate) for rate in series.rates(order.rows, order.percent)]
    base, quote, run = Currency.objects.get(pk="EUR"), Currency.objects.get(pk=order.into), _run(order)

    @transaction.atomic
    def work() -> None:
        stamp(run)
        store_rates(base, quote, closes, run)

    return work


def _run(order: Order) -> SyncRun:
    return SyncRun.objects.create(
        symbol=order.into, source="ecb", trigger=SyncRun.Trigger.COMMAND, started_at=timezone.now()
    )


serve(prepare)
