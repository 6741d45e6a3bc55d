"""Argon2 within bounds: a hash takes a third of a processor's second and 100 MiB, and any stranger can ask for it."""

import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from finances import errors


class Busy(errors.Unavailable):
    code = "busy"
    retry_after = 2
    message = "Too many passwords are being checked at the moment. Try again in a moment."


class Places:
    """So many run at once, so many wait for at most `patience` seconds, and the rest are refused without waiting: who
    waits holds a thread of the server, which readers need."""

    def __init__(self, *, running: int, waiting: int, patience: float) -> None:
        self._inside = BoundedSemaphore(running + waiting)
        self._running = BoundedSemaphore(running)
        self._patience = patience

    def refuse_if_full(self) -> None:
        """Before anything is done that costs more than this. Raises Busy."""
        if not self._inside.acquire(blocking=False):
            raise Busy
        self._inside.release()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises Busy."""
        if not self._inside.acquire(blocking=False):
            raise Busy
        try:
            if not self._running.acquire(timeout=self._patience):
                raise Busy
            try:
                yield
            finally:
                self._running.release()
        finally:
            self._inside.release()


LOW_PRIORITY = 10
"""Of 19 at most: beside readers a hash gets a tenth of a processor, and all of an idle one."""
HELD_AT_MOST = 3
"""Of the server's eight threads, by those that hash and those that wait to."""
PLACES = Places(
    running=settings.PASSWORD_HASHES_AT_ONCE,
    waiting=max(0, HELD_AT_MOST - settings.PASSWORD_HASHES_AT_ONCE),
    patience=2.0,
)


def _yield_to_readers() -> None:
    """Lowers the priority of the calling thread, and of those that Argon2 starts from it."""
    if sys.platform == "linux":
        with suppress(OSError):  # lower already, or forbidden: hashes are right all the same
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOW_PRIORITY)


THREADS = ThreadPoolExecutor(settings.PASSWORD_HASHES_AT_ONCE, "argon2", initializer=_yield_to_readers)


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Django's, wherever a password is hashed or checked: in the API, the back office and the commands."""

    def encode(self, password: str, salt: str) -> str:
        with PLACES.taken():
            return THREADS.submit(super().encode, password, salt).result()

    def verify(self, password: str, encoded: str) -> bool:
        with PLACES.taken():
            return THREADS.submit(super().verify, password, encoded).result()
