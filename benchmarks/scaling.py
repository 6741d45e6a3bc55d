"""What more processes bring on one machine: python -m benchmarks.scaling [--seconds 10] [--symbols 200] [--of 1 2 4]

Reads per second at 1, 2 and 4 web processes, repeated where nothing has changed and made anew, and symbols synced per
second at 1, 2 and 4 Celery workers, each with the processors that it kept busy: where the machine has no more of them,
more processes bring nothing.
DATABASE_URL and REDIS_URL name the servers; a database of its own is made, and dropped at the end.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import cycle, takewhile
from multiprocessing import get_context
from pathlib import Path

import psycopg
import redis

from benchmarks import cpu, servers
from benchmarks.client import Client, Request, log_in
from benchmarks.dataset import PASSWORD, fill
from benchmarks.endpoints import ENDPOINTS, World
from benchmarks.environment import OURS_PYTHON, Environment
from benchmarks.full_sync import FrameYahoo
from benchmarks.report import table
from benchmarks.scratch import scratch_database
from benchmarks.size import Size
from finances.yahoo.types import History, Interval

DATABASE = "scaling"
SIZE = Size(users=100, securities=500, with_history=40)
MIX = ("one security", "prices, 1 year", "own accounts, 3 rows", "holdings, 20 rows")
CLIENTS = 2
"""Processes that ask, each over its own connections."""
LATENCY = 0.2
"""Seconds that the provider takes, where it takes any."""
HEADER = ("what", "processes", "a second", "times one", "processors: server", "PostgreSQL", "all of them")


class RemoteYahoo(FrameYahoo):
    """Answers with the last week, and as late as over a network."""

    def history(self, symbol: str, *, interval: Interval, start: date | None) -> History:
        time.sleep(LATENCY)
        return super().history(symbol, interval=interval, start=date.today() - timedelta(days=7))


@dataclass(frozen=True)
class Usage:
    """Seconds of the clock, and of processors."""

    wall: float
    server: float
    postgresql: float
    machine: float

    @classmethod
    def until_now(cls, pids: list[int], postmaster: int) -> "Usage":
        return cls(time.perf_counter(), sum(map(_of_tree, pids)), _of_tree(postmaster), _machine())

    def since(self, before: "Usage") -> "Usage":
        return Usage(*(asdict(self)[name] - figure for name, figure in asdict(before).items()))


@dataclass(frozen=True)
class Measured:
    what: str
    processes: int
    rate: float
    usage: Usage

    def row(self, one: float) -> tuple[str, ...]:
        kept = (self.usage.server, self.usage.postgresql, self.usage.machine)
        busy = [f"{figure / self.usage.wall:.2f}" for figure in kept]
        return self.what, str(self.processes), f"{self.rate:.1f}", f"{self.rate / one:.2f}", *busy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of reads")
    parser.add_argument("--symbols", type=int, default=200, help="of a sync")
    parser.add_argument("--of", type=int, nargs="+", default=[1, 2, 4], metavar="PROCESSES", help="the first is 1.00")
    wanted = parser.parse_args()
    environment = Environment()
    # What this process orders is for the workers that it starts.
    os.environ |= {"REDIS_URL": environment.redis, "CACHE_PREFIX": environment.cache_prefix}
    os.environ["DATABASE_URL"] = environment.postgres
    try:
        with scratch_database(DATABASE), psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
            _run(environment, database, wanted)
    finally:
        _forget(environment)


def _run(environment: Environment, database: psycopg.Connection, wanted: argparse.Namespace) -> None:
    from django.core.management import call_command

    call_command("load_currencies", verbosity=0)
    fill(database, SIZE)
    postmaster = _parent(database.info.backend_pid)
    world = World.read(database)
    kept = [_reads(environment, world, postmaster, number, wanted.seconds) for number in wanted.of]
    anew = [_reads(replace(environment, anew=True), world, postmaster, number, wanted.seconds) for number in wanted.of]
    whole = [_syncs(environment, FrameYahoo, postmaster, number, wanted.symbols) for number in wanted.of]
    short = [_syncs(environment, RemoteYahoo, postmaster, number, wanted.symbols) for number in wanted.of]
    rows = [each.row(series[0].rate) for series in (kept, anew, whole, short) for each in series]
    print(f"{os.cpu_count()} processors\n\n{table(HEADER, rows)}")  # noqa: T201


def _reads(environment: Environment, world: World, postmaster: int, processes: int, seconds: float) -> Measured:
    _say(f"{processes} web")
    with (
        servers.ours(environment, f"finances_bench_{DATABASE}", processes) as server,
        ProcessPoolExecutor(CLIENTS, get_context("spawn")) as clients,
    ):
        client = Client(server.port)
        tokens = {email: log_in(client, email, PASSWORD) for email in world.emails}
        for lasting in (2.0, seconds):  # the first warms up
            before = Usage.until_now([server.pid], postmaster)
            asked = [clients.submit(ask, server.port, world, tokens, lasting) for _ in range(CLIENTS)]
            answers = sum(each.result() for each in asked)
            usage = Usage.until_now([server.pid], postmaster).since(before)
    return Measured("reads made anew" if environment.anew else "reads", processes, answers / usage.wall, usage)


def ask(port: int, world: World, tokens: dict[str, str], seconds: float) -> int:
    """How many reads a client had answered."""
    until = time.monotonic() + seconds
    asked = takewhile(lambda _: time.monotonic() < until, _mix(world, tokens))
    return len(Client(port).run(asked, count=sys.maxsize))


def _mix(world: World, tokens: dict[str, str]) -> Iterator[Request]:
    for requests in cycle([each.requests(world, tokens) for each in ENDPOINTS if each.name in MIX]):
        yield next(requests)


def _syncs(environment: Environment, yahoo: type, postmaster: int, processes: int, symbols: int) -> Measured:
    """Each worker is at one symbol at a time."""
    _say(f"{processes} workers, {yahoo.__name__}")
    variables = environment.of_ours(f"finances_bench_{DATABASE}")
    variables["YAHOO_BACKEND"] = f"benchmarks.scaling.{yahoo.__name__}"
    with ExitStack() as stack:
        workers = [stack.enter_context(servers.running(_worker(n), variables)) for n in range(processes)]
        name = f"{yahoo.__name__[0]}{processes}"
        _sync([f"{name}W{n}" for n in range(processes * 4)])  # until all have begun
        before = Usage.until_now(workers, postmaster)
        _sync([f"{name}S{n}" for n in range(symbols)])
        usage = Usage.until_now(workers, postmaster).since(before)
    what = "whole histories" if yahoo is FrameYahoo else f"a week, after {LATENCY} s"
    return Measured(f"syncs: {what}", processes, symbols / usage.wall, usage)


def _worker(number: int) -> list[str]:
    options = ["--concurrency", "1", "--hostname", f"bench{number}@localhost", "--loglevel", "error"]
    return [OURS_PYTHON, "-m", "celery", "--app", "config", "worker", *options, "--without-gossip", "--without-mingle"]


def _sync(symbols: list[str]) -> None:
    """Raises SystemExit unless all succeed."""
    from finances.sync import queue
    from finances.sync.models import SyncBatch, SyncRun

    batch = queue.order(SyncBatch.Kind.PRICES, symbols, trigger=SyncRun.Trigger.COMMAND, intervals=["1d"])
    while batch.finished_at is None:
        time.sleep(0.05)
        batch.refresh_from_db()
    if batch.status != SyncRun.Status.SUCCEEDED:
        raise SystemExit(f"{batch.status}: {batch.error_code}")


def _of_tree(pid: int) -> float:
    """Asked again where one of its children ended meanwhile."""
    while True:
        try:
            return cpu.of_tree(pid)
        except FileNotFoundError:
            if not Path(f"/proc/{pid}").exists():
                raise


def _machine() -> float:
    """Seconds that all processors were busy, since it was started."""
    user, nice, system, _idle, _waiting, *interrupts = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + sum(interrupts)) / cpu.TICKS


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _forget(environment: Environment) -> None:
    cache = redis.Redis.from_url(environment.redis)
    for key in cache.scan_iter(f"*{environment.cache_prefix}*", count=1000):
        cache.unlink(key)


def _say(text: str) -> None:
    print(f"{text}...", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
