"""Work that is done after the answer: a few threads and a bounded queue, so that floods of requests pile nothing up.

How long an answer takes then says nothing about the work, and no failure of the work reaches the answer.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from threading import BoundedSemaphore
from typing import Any

import structlog
from django.conf import settings
from django.db import connections

log = structlog.get_logger("finances.mail")
WAITING_AT_MOST = 200
HEAD_START = 0.1
"""Seconds for the answer to get out: work beside it, on the same processor, would still slow it measurably."""
_places = BoundedSemaphore(WAITING_AT_MOST)


def later(job: Callable[..., None], *args: Any) -> None:
    """Do `job` after the answer, or within it when MAIL_THREADS is 0. A full queue drops it and says so in the log."""
    if not settings.MAIL_THREADS:
        _attempt(job, *args)
    elif _places.acquire(blocking=False):
        # The copied context holds the request's id, which the job's log lines carry then.
        _threads().submit(copy_context().run, _work, job, *args)
    else:
        log.error("job_dropped", job=job.__name__)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.MAIL_THREADS, thread_name_prefix="mail")


def _work(job: Callable[..., None], *args: Any) -> None:
    try:
        time.sleep(HEAD_START)
        _attempt(job, *args)
    finally:
        connections.close_all()
        _places.release()


def _attempt(job: Callable[..., None], *args: Any) -> None:
    try:
        job(*args)
    except Exception as error:  # noqa: BLE001 - nobody above could act on it
        # The type alone: messages of mail servers and databases quote addresses.
        log.error("job_failed", job=job.__name__, error=type(error).__name__)
