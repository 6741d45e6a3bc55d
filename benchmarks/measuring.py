"""One block of requests to one target, and what it cost."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import redis

from benchmarks import cpu
from benchmarks.client import CONNECTIONS, Client, Request
from benchmarks.servers import Server


@dataclass(frozen=True)
class Block:
    """Costs are CPU seconds of all its requests, `walls` the seconds that each took."""

    server: float
    database: float
    cache: float
    walls: list[float] = field(repr=False)

    @property
    def requests(self) -> int:
        return len(self.walls)

    @property
    def milliseconds(self) -> float:
        """CPU per request."""
        return (self.server + self.database + self.cache) / self.requests * 1000


@dataclass(frozen=True)
class Meter:
    cluster: psycopg.Connection
    """To another database than those measured."""
    cache: redis.Redis

    def block(self, server: Server, client: Client, requests: Iterator[Request], count: int) -> Block:
        """Measured anew if a pool let go of a connection meanwhile."""
        while True:
            try:
                return self._block(server, client, requests, count)
            except cpu.ClosedError:
                continue

    def _block(self, server: Server, client: Client, requests: Iterator[Request], count: int) -> Block:
        backends, cache, used = self._read(server)
        walls = client.run(requests, count=count)
        backends_then, cache_then, used_then = self._read(server)
        return Block(used_then - used, cpu.spent(backends, backends_then), cache_then - cache, walls)

    def _read(self, server: Server) -> tuple[dict[int, float], float, float]:
        backends = cpu.of_backends(self.cluster, server.database)
        return backends, cpu.of_process(int(self.cache.info("server")["process_id"])), cpu.of_tree(server.pid)


def count_for(seconds: float, client: Client, requests: Iterator[Request], warm_up: int) -> int:
    """How many requests take about `seconds`, after a first `warm_up` of them or ten times `seconds`."""
    asked, until = 0, time.perf_counter() + 10 * seconds
    while asked < warm_up and time.perf_counter() < until:
        asked += len(client.run(requests, count=CONNECTIONS))
    began = time.perf_counter()
    client.run(requests, count=asked)
    return max(CONNECTIONS, round(seconds * asked / (time.perf_counter() - began)))
