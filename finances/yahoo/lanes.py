"""At most so many calls to Yahoo at once, none of which outlives its budget for the caller."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from math import isinf
from threading import BoundedSemaphore
from typing import TypeVar

from finances.yahoo.budget import seconds_left
from finances.yahoo.faults import Busy, NoAnswer

T = TypeVar("T")

MAX_WAIT = 0.05
"""Seconds a caller waits for a lane before it is told that all are busy: callers that wait hold the server's threads,
and those must stay free for requests that need no Yahoo."""
GRACE = 0.5
"""Seconds past the deadline for a worker to bring its own, better worded failure."""


class Lanes:
    """Calls run in worker threads, so that a caller is free at its deadline whatever the library waits for.

    An abandoned call keeps its lane until it really ends: hung calls never occupy more threads than there are lanes.
    """

    def __init__(self, count: int) -> None:
        self._free = BoundedSemaphore(count)
        self._workers = ThreadPoolExecutor(max_workers=count, thread_name_prefix="yahoo")

    def run(self, call: Callable[[], T]) -> T:
        """`call()`, or Busy when no lane gets free, or NoAnswer at the deadline."""
        if not self._free.acquire(timeout=min(MAX_WAIT, seconds_left())):
            raise Busy("all lanes are in use")
        try:
            future = self._workers.submit(copy_context().run, call)
        except BaseException:
            self._free.release()
            raise
        future.add_done_callback(lambda _: self._free.release())
        left = seconds_left()
        try:
            return future.result(timeout=None if isinf(left) else left + GRACE)
        except TimeoutError as error:
            if future.done():
                raise
            raise NoAnswer("no answer within the budget") from error
