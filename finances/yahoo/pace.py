"""How fast Yahoo is asked: a request rate over all processes, and a pause after Yahoo's 429.

Both are counted in the cache. Without a cache there is neither, and Yahoo's own answers remain the limit.
"""

from time import sleep, time

from django.conf import settings

from finances import tallies
from finances.yahoo import store
from finances.yahoo.budget import seconds_left
from finances.yahoo.faults import Busy, TooManyRequests

MAX_NAMED_PAUSE = 600
"""Seconds that a Retry-After of Yahoo is followed at most."""
MAX_GROWN_PAUSE = 300
"""Seconds that a pause without Retry-After grows to, from 2, doubled with each 429 in a row."""
STRIKES_LAST = 3600

SENT, NO_SLOT, TOO_MANY, WAITED_MS = "yahoo:sent", "yahoo:no_slot", "yahoo:too_many", "yahoo:waited_ms"
"""Tallies: requests that got a slot, that got none in time, that Yahoo answered by 429; and the waiting for slots."""
_PAUSE = "yahoo:1:pause"
_STRIKES = "yahoo:1:strikes"


def take_slot() -> None:
    """Wait for a free slot among YAHOO_REQUESTS_PER_SECOND. Raises Busy if none comes before the deadline."""
    while True:
        now = time()
        if store.count(f"yahoo:1:rate:{int(now)}", 5) <= settings.YAHOO_REQUESTS_PER_SECOND:
            tallies.add(SENT)
            return
        until_next_second = 1.0 - now % 1.0
        if seconds_left() <= until_next_second:
            tallies.add(NO_SLOT)
            raise Busy("no request slot before the deadline")
        tallies.add(WAITED_MS, round(until_next_second * 1000))
        sleep(until_next_second)


def pause_left() -> float:
    """Seconds that Yahoo is still to be left alone."""
    until = store.recall(_PAUSE)
    return max(0.0, until - time()) if isinstance(until, float) else 0.0


def refuse_during_pause() -> None:
    left = pause_left()
    if left > 0:
        raise TooManyRequests("the pause after a 429 still lasts", left)


def strike(named: float | None) -> float:
    """Note a 429 that named `named` seconds of Retry-After, or none. Returns the seconds that the pause lasts."""
    tallies.add(TOO_MANY)
    left = pause_left()
    if named is not None:
        seconds = min(MAX_NAMED_PAUSE, named)
    elif left > 0:
        # Calls that were in flight together are refused together: one strike, not several.
        return left
    else:
        strikes = max(1, store.count(_STRIKES, STRIKES_LAST))
        seconds = min(MAX_GROWN_PAUSE, 2.0 ** min(strikes, 20))
    seconds = max(seconds, left)
    store.remember(_PAUSE, time() + seconds, seconds + 1)
    return seconds


def clear_strikes() -> None:
    """A call succeeded. One that was in flight when another was refused proves nothing about the pause."""
    if pause_left() <= 0:
        store.forget(_STRIKES, _PAUSE)
