"""Reads: ours, the FastAPI baseline, ours once more as the control, and PostgreSQL alone, in turn."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg

from benchmarks import servers
from benchmarks.bodies import check_same
from benchmarks.client import Client, Request, log_in
from benchmarks.dataset import PASSWORD
from benchmarks.endpoints import Endpoint, Login, World
from benchmarks.environment import Environment
from benchmarks.limit import QUERIES, Limit
from benchmarks.measuring import Block, Meter, count_for
from benchmarks.servers import Server

OURS, BASELINE, CONTROL, LIMIT = "ours", "fastapi", "ours again", "limit"
SAMPLE = 5
"""Bodies of each endpoint that are compared."""
Rounds = dict[str, list[Block]]
"""Target -> its block of each round."""


@dataclass(frozen=True)
class Target:
    server: Server
    client: Client
    tokens: dict[str, str]


class Reads:
    def __init__(self, world: World, meter: Meter, limit: Limit, ours: Target, baseline: Target) -> None:
        self._world, self._meter, self._limit, self._ours, self._baseline = world, meter, limit, ours, baseline

    def measure(self, endpoint: Endpoint, *, rounds: int, seconds: float) -> Rounds:
        """Raises DifferenceError, RefusedError or ElsewhereError rather than measure what cannot be compared."""
        self._compare(endpoint)
        asked = {
            OURS: (self._ours, self._requests(endpoint, self._ours)),
            BASELINE: (self._baseline, self._requests(endpoint, self._baseline)),
            CONTROL: (self._ours, self._requests(endpoint, self._ours, place=1)),
        }
        counts = {
            name: count_for(seconds, target.client, requests, endpoint.warm_up)
            for name, (target, requests) in asked.items()
        }
        # The control does exactly what it controls.
        counts[CONTROL] = counts[OURS]
        measured: Rounds = {name: [] for name in asked}
        for _ in range(rounds):
            for name, (target, requests) in asked.items():
                measured[name].append(self._meter.block(target.server, target.client, requests, counts[name]))
            if endpoint.name in QUERIES:
                measured.setdefault(LIMIT, []).append(self._limit.block(endpoint.name, seconds))
        return measured

    def _requests(self, endpoint: Endpoint, target: Target, place: int = 0) -> Iterator[Request]:
        return endpoint.requests(self._world, target.tokens, place)

    def _compare(self, endpoint: Endpoint) -> None:
        if isinstance(endpoint, Login):
            return  # tokens differ, as they should
        both = zip(self._requests(endpoint, self._ours), self._requests(endpoint, self._baseline), strict=True)
        for (mine, theirs), _ in zip(both, range(SAMPLE), strict=False):
            check_same(mine.path, self._ours.client.ask(mine), self._baseline.client.ask(theirs))


@contextmanager
def running(environment: Environment, names: tuple[str, str], meter: Meter) -> Iterator[Reads]:
    """Both servers up, some users logged in at each."""
    with ExitStack() as stack:
        database = stack.enter_context(psycopg.connect(environment.database(names[0]), autocommit=True))
        world = World.read(database)
        ours = stack.enter_context(servers.ours(environment, names[0]))
        baseline = stack.enter_context(servers.baseline(environment, names[1]))
        limit = Limit(meter.cluster, database, names[0], world)
        yield Reads(world, meter, limit, _target(ours, world), _target(baseline, world))


def _target(server: Server, world: World) -> Target:
    client = Client(server.port)
    return Target(server, client, {email: log_in(client, email, PASSWORD) for email in world.emails})
