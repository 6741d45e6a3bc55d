"""The shared cache read and counted in at once: with Redis one question for all that a request needs of it."""

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

from django.core.cache import cache
from redis import ConnectionPool, Redis
from redis.commands.core import Script
from redis.exceptions import ConnectionError, RedisError  # noqa: A004 - Redis's own

COUNT_AND_READ = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('MGET', unpack(KEYS, 2))}
"""


class Connects:
    """How often this process has connected to Redis in order to ask. Since it last did so, Redis has neither been
    restarted nor replaced by another, which could have forgotten what was written last."""

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self.total = 0

    def note(self, _connection: Any = None) -> None:
        self.total = next(self._count)


connects = Connects()


class _Kept(threading.local):
    """The script on a connection of one thread's own: to take one from the pool costs as much as the question."""

    pool: ConnectionPool | None = None
    script: Script

    def on(self, pool: ConnectionPool) -> Script:
        """Raises RedisError."""
        if self.pool is not pool:
            client = Redis(connection_pool=pool, single_connection_client=True)
            connects.note()
            cast("Any", client.connection).register_connect_callback(connects.note)
            self.script, self.pool = Script(client, COUNT_AND_READ), pool
        return self.script


kept = _Kept()


class Counter(NamedTuple):
    name: str
    seconds: int
    """How long it is kept from its first count on."""


class Found(NamedTuple):
    values: dict[str, Any]
    """What `cache.get_many` finds."""
    stored: dict[str, bytes]
    """The same as Redis has it, of all that were asked for; empty without Redis."""


def count_and_read(
    counter: Counter | None, names: Sequence[str], unread: Sequence[str] = ()
) -> tuple[int | None, Found]:
    """The count with this one, None where nothing counts; and what there is of `names`, and of `unread` as Redis has
    it."""
    redis: Any = getattr(cache, "client", None)
    if redis is None:
        return counter and count(counter), Found(cache.get_many(names), {})
    every = (*names, *unread)
    try:
        counted, found = ask(counter, every)
    except RedisError:
        return None, Found({}, {})
    stored = {name: value for name, value in zip(every, found, strict=True) if value is not None}
    return counted, Found({name: redis.decode(stored[name]) for name in names if name in stored}, stored)


def ask(counter: Counter | None, names: Sequence[str]) -> tuple[int | None, list[bytes | None]]:
    """Only where there is Redis: the count with this one, and what it has under each of `names`. Raises RedisError."""
    backend: Any = cache
    redis = backend.client
    pool, keys = redis.get_client(write=True).connection_pool, [redis.make_key(name) for name in names]
    if counter is None:
        return None, _asked(pool, lambda script: script.registered_client.mget(keys))
    counted = [redis.make_key(counter.name), *keys]
    total, found = _asked(pool, lambda script: script(counted, [counter.seconds]))
    return total, found


def _asked(pool: ConnectionPool, question: Callable[[Script], Any]) -> Any:
    script = kept.on(pool)
    try:
        return question(script)
    except ConnectionError:
        # Redis was restarted, or closed it while nobody asked: once more, on a new one.
        return question(script)


def count(counter: Counter) -> int | None:
    """None from a Redis that is down, or a cache too full to count in."""
    for _ in ("found", "made"):
        try:
            return cache.incr(counter.name)
        except ValueError:
            cache.add(counter.name, 0, timeout=counter.seconds)
    return None
