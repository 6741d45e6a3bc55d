"""Writes: batches of bars and rates, new, unchanged and changed, by ours and by the baseline in turn."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

import psycopg

from benchmarks.bodies import DifferenceError
from benchmarks.cpu import of_backends, spent
from benchmarks.environment import BASELINE_PYTHON, OURS_PYTHON, ROOT, Environment
from benchmarks.order import Order

QUOTES = ("USD", "GBP", "CHF", "JPY", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "TRY")
OURS_CLEAN = """
delete from securities_pricerevision
where security_id in (select id from securities_security where symbol = any(%(symbols)s));
delete from securities_price
where security_id in (select id from securities_security where symbol = any(%(symbols)s));
delete from currencies_exchangeraterevision where base_id = 'EUR';
delete from currencies_exchangerate where base_id = 'EUR';
"""
BASELINE_CLEAN = """
delete from prices where security_id in (select id from securities where symbol = any(%(symbols)s));
delete from exchange_rates where base = 'EUR';
"""
OURS_SUM = """
select (select (count(*), round(sum(close)::numeric, 2))::text from securities_price p
        join securities_security s on s.id = p.security_id where symbol = any(%(symbols)s)),
       (select (count(*), round(sum(quote_per_base), 6))::text from currencies_exchangerate where base_id = 'EUR')
"""
BASELINE_SUM = """
select (select (count(*), round(sum(close)::numeric, 2))::text from prices p
        join securities s on s.id = p.security_id where symbol = any(%(symbols)s)),
       (select (count(*), round(sum(rate), 6))::text from exchange_rates where base = 'EUR')
"""


@dataclass(frozen=True)
class Job:
    name: str
    what: str
    percent: int
    wanted: float
    rows: int = 10_000


JOBS = (
    Job("bars, new", "bars", 0, 12),
    Job("bars, unchanged", "bars", 0, 20),
    Job("bars, changed", "bars", 1, 12),
    Job("rates, new", "rates", 0, 1),
    Job("rates, unchanged", "rates", 0, 1),
    Job("rates, changed", "rates", 1, 1),
)
OURS, EXECUTEMANY, VALUES = "ours", "executemany", "values"
Costs = dict[str, list[float]]
"""Who wrote, and in which form -> milliseconds of CPU, round by round."""


@dataclass(frozen=True)
class Writer:
    orders: IO[str]
    answers: IO[str]
    cluster: psycopg.Connection
    database: str

    def write(self, order: Order) -> float:
        """CPU milliseconds of the process and its backend."""
        self._tell(order.to_line())
        before = of_backends(self.cluster, self.database)
        seconds = float(self._tell("go"))
        return (seconds + spent(before, of_backends(self.cluster, self.database))) * 1000

    def _tell(self, line: str) -> str:
        self.orders.write(f"{line}\n")
        self.orders.flush()
        answer = self.answers.readline()
        if not answer:
            raise RuntimeError("A writer ended; its own message stands above.")
        return answer


def measure_writes(
    environment: Environment, names: tuple[str, str], cluster: psycopg.Connection, *, rounds: int
) -> dict[Job, Costs]:
    """Each round writes into securities and pairs of its own. Raises DifferenceError if both end with other figures."""
    with ExitStack() as stack:
        ours, theirs = (
            stack.enter_context(psycopg.connect(environment.database(name), autocommit=True)) for name in names
        )
        # Those that were made last have no history.
        found = ours.execute("select symbol from securities_security order by id desc limit %s", [2 * (rounds + 1)])
        symbols = [symbol for (symbol,) in found]
        _clean(ours, theirs, symbols)
        mine, baseline = stack.enter_context(_writers(environment, names, cluster))
        measured = _rounds(mine, baseline, symbols[::2], symbols[1::2])
        _check_same(ours, theirs, symbols[::2])
        _clean(ours, theirs, symbols)
    return measured


def _rounds(mine: Writer, baseline: Writer, symbols: list[str], others: list[str]) -> dict[Job, Costs]:
    """The first round warms up and does not count. `others` are what the second form of the baseline writes into."""
    measured: dict[Job, Costs] = {job: {} for job in JOBS}
    for place, quote in zip(range(len(symbols)), QUOTES, strict=False):
        for job in JOBS:
            is_bars = job.what == "bars"
            order = Order(job.what, symbols[place] if is_bars else quote, job.rows, job.percent)
            costs = {OURS: mine.write(order), EXECUTEMANY: baseline.write(order)}
            if is_bars:
                costs[VALUES] = baseline.write(order._replace(into=others[place], form=VALUES))
            for name, cost in costs.items() if place else ():
                measured[job].setdefault(name, []).append(cost)
    return measured


@contextmanager
def _writers(
    environment: Environment, names: tuple[str, str], cluster: psycopg.Connection
) -> Iterator[tuple[Writer, Writer]]:
    ours = {**environment.of_ours(names[0]), "DJANGO_SETTINGS_MODULE": "config.settings"}
    theirs = environment.of_baseline(names[1])
    with (
        _process([OURS_PYTHON, "-m", "benchmarks.writer"], ours) as (orders, answers),
        _process([BASELINE_PYTHON, "-m", "benchmarks.fastapi_baseline.writer"], theirs) as (
            their_orders,
            their_answers,
        ),
    ):
        yield (
            Writer(orders, answers, cluster, names[0]),
            Writer(their_orders, their_answers, cluster, names[1]),
        )


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[tuple[IO[str], IO[str]]]:
    """Its input and output; its errors go to ours. Closing the input ends it."""
    with subprocess.Popen(  # noqa: S603 - our own commands
        command, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        yield process.stdin, process.stdout
        process.stdin.close()


def _clean(ours: psycopg.Connection, theirs: psycopg.Connection, symbols: list[str]) -> None:
    psycopg.ClientCursor(ours).execute(OURS_CLEAN, {"symbols": symbols})
    psycopg.ClientCursor(theirs).execute(BASELINE_CLEAN, {"symbols": symbols})


def _check_same(ours: psycopg.Connection, theirs: psycopg.Connection, symbols: list[str]) -> None:
    facts = {"symbols": symbols}
    mine, others = ours.execute(OURS_SUM, facts).fetchone(), theirs.execute(BASELINE_SUM, facts).fetchone()
    if mine != others:
        raise DifferenceError(f"After the writes: ours {mine}, baseline {others}")
