"""What the workers are asked for: the functions that requests and commands call too."""

from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from finances.sync import queue, schedule


@shared_task
def begin_batch(key: str) -> None:
    """A message for each symbol, so that all workers share in; without a broker, or while it takes none, the batch is
    done here."""
    if not settings.CELERY_BROKER_URL:
        queue.do_batch(key)
        return
    try:
        for symbol in queue.left_of(key):
            sync_symbol.delay(key, symbol)
    except OperationalError:
        queue.do_batch(key)


@shared_task
def sync_symbol(key: str, symbol: str) -> None:
    queue.do_symbol(key, symbol)


@shared_task
def tick(name: str) -> None:
    schedule.run(name)
