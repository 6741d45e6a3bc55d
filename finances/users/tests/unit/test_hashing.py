"""However many ask, few hash: the rest is told to come again."""

import os
import sys
import threading
from threading import Event, Thread

import pytest
from django.contrib.auth.hashers import check_password, make_password

from finances.users import hashing
from finances.users.hashing import BoundedArgon2PasswordHasher, Busy, Places


class Guest:
    """Takes a place in a thread of its own, and keeps it until told."""

    def __init__(self, places: Places) -> None:
        self.places, self.inside, self.leaves = places, Event(), Event()
        self.outcome = ""
        self.thread = Thread(target=self._stay)
        self.thread.start()

    def _stay(self) -> None:
        try:
            with self.places.taken():
                self.inside.set()
                self.leaves.wait()
                self.outcome = "done"
        except Busy:
            self.outcome = "busy"

    def leave(self) -> None:
        self.leaves.set()
        self.thread.join()


def test_beyond_the_bound_nobody_waits() -> None:
    places = Places(running=1, waiting=0, patience=60)
    guest = Guest(places)
    guest.inside.wait()
    with pytest.raises(Busy), places.taken():
        pass
    guest.leave()
    with places.taken():
        pass
    assert guest.outcome == "done"


def test_who_waits_gets_the_next_place() -> None:
    places = Places(running=1, waiting=1, patience=60)
    first = Guest(places)
    first.inside.wait()
    second = Guest(places)
    first.leave()
    second.inside.wait()
    second.leave()
    assert (first.outcome, second.outcome) == ("done", "done")


def test_who_waits_too_long_is_refused() -> None:
    places = Places(running=1, waiting=1, patience=0)
    guest = Guest(places)
    guest.inside.wait()
    with pytest.raises(Busy), places.taken():
        pass
    guest.leave()


def test_a_failure_gives_the_place_back() -> None:
    places = Places(running=1, waiting=0, patience=0)
    with pytest.raises(ZeroDivisionError), places.taken():
        _ = 1 / 0
    with places.taken():
        pass


def test_every_hash_and_check_takes_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = make_password("secret", hasher="argon2")
    assert check_password("secret", encoded, preferred="argon2")
    monkeypatch.setattr(hashing, "PLACES", Places(running=1, waiting=0, patience=0))
    with hashing.PLACES.taken():
        with pytest.raises(Busy):
            make_password("secret", hasher="argon2")
        with pytest.raises(Busy):
            check_password("secret", encoded, preferred="argon2")


@pytest.mark.skipif(sys.platform != "linux", reason="Elsewhere threads have no priority of their own.")
def test_hashes_yield_to_readers() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert hashing.THREADS.submit(priority).result() >= hashing.LOW_PRIORITY > 0


def test_the_hashes_are_djangos() -> None:
    assert BoundedArgon2PasswordHasher.algorithm == "argon2"
    assert make_password("secret", hasher="argon2").startswith("argon2$argon2id$")
