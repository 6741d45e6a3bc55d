"""The shared cache read and counted in at once: with Redis one question for all that a request needs of it."""

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.cache import cache
from redis import ConnectionPool, Redis
from redis.commands.core import Script
from redis.exceptions import ConnectionError, RedisError  # noqa: A004 - Redis's own

COUNT_AND_READ = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('MGET', unpack(KEYS, 2))}
"""


class _Kept(threading.local):
    """The script on a connection of one thread's own: to take one from the pool costs as much as the question."""

    pool: ConnectionPool | None = None
    script: Script

    def on(self, pool: ConnectionPool) -> Script:
        """Raises RedisError."""
        if self.pool is not pool:
            self.script = Script(Redis(connection_pool=pool, single_connection_client=True), COUNT_AND_READ)
            self.pool = pool
        return self.script


kept = _Kept()


class Counter(NamedTuple):
    name: str
    seconds: int
    """How long it is kept from its first count on."""


def count_and_read(counter: Counter, names: Sequence[str]) -> tuple[int | None, dict[str, Any]]:
    """The count with this one, None where it cannot be counted; and what `cache.get_many` finds of `names`."""
    redis = getattr(cache, "client", None)
    if redis is None:
        return count(counter), cache.get_many(names)
    keys = [redis.make_key(name) for name in (counter.name, *names)]
    try:
        counted, found = _ask(redis.get_client(write=True).connection_pool, keys, counter.seconds)
    except RedisError:
        return None, {}
    values = {name: redis.decode(value) for name, value in zip(names, found, strict=True) if value is not None}
    return counted, values


def _ask(pool: ConnectionPool, keys: list[str], seconds: int) -> Any:
    script = kept.on(pool)
    try:
        return script(keys, [seconds])
    except ConnectionError:
        # Redis was restarted, or closed it while nobody asked: once more, on a new one.
        return script(keys, [seconds])


def count(counter: Counter) -> int | None:
    """None from a Redis that is down, or a cache too full to count in."""
    for _ in ("found", "made"):
        try:
            return cache.incr(counter.name)
        except ValueError:
            cache.add(counter.name, 0, timeout=counter.seconds)
    return None
