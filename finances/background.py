"""Work that is done after the answer: by Celery's workers where there is a broker, else by a few threads of this
process with a bounded queue, so that floods of requests pile nothing up.

How long an answer takes then says nothing about the work, and no failure of the work reaches the answer.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cached_property
from threading import BoundedSemaphore
from typing import Any

import structlog
from celery import Task
from django.conf import settings
from django.db import connections
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)
WAITING_AT_MOST = 200
UNTOLD = "(...)"
"""What workers log instead of arguments."""
HEAD_START = 0.1
"""Seconds for the answer to get out: work beside it, on the same processor, would still slow it measurably."""


class Threads:
    """As many as the setting `count` says; with none, work is done within the answer."""

    def __init__(self, name: str, count: str) -> None:
        self._name, self._count = name, count
        self._places = BoundedSemaphore(WAITING_AT_MOST)

    def later(self, job: Callable[..., None], *args: Any) -> None:
        """A full queue drops the job and says so in the log."""
        if not getattr(settings, self._count):
            _attempt(job, *args)
        elif self._places.acquire(blocking=False):
            # The copied context holds the request's id, which the job's log lines carry then.
            self._threads.submit(copy_context().run, self._work, job, *args)
        else:
            log.error("job_dropped", job=_name(job))

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(getattr(settings, self._count), thread_name_prefix=self._name)

    def _work(self, job: Callable[..., None], *args: Any) -> None:
        try:
            time.sleep(HEAD_START)
            _attempt(job, *args)
        finally:
            connections.close_all()
            self._places.release()


mail = Threads("mail", "MAIL_THREADS")
sync = Threads("sync", "SYNC_THREADS")


def hand_over(task: "Task[Any, None]", *args: Any, threads: Threads | None = None) -> None:
    """`args`: what JSON holds; workers do not log it. To a worker; where there is no broker, or it takes nothing now,
    to `threads`, or else done here."""
    if settings.CELERY_BROKER_URL:
        try:
            task.apply_async(args, argsrepr=UNTOLD)  # type: ignore[call-arg]
            return
        except OperationalError as error:
            log.error("broker_unreachable", job=_name(task), error=type(error.__cause__ or error).__name__)
    if threads:
        threads.later(task, *args)
    else:
        task(*args)


def _attempt(job: Callable[..., None], *args: Any) -> None:
    try:
        job(*args)
    except Exception as error:  # noqa: BLE001 - nobody above could act on it
        # The type alone: messages of mail servers and databases quote addresses.
        log.error("job_failed", job=_name(job), error=type(error).__name__)


def _name(job: Any) -> str:
    return str(getattr(job, "name", None) or job.__name__)
