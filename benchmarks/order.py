"""How a writer's process is told what to do: a line to prepare, a line to go, each answered by a line.

What is written is made before the clock starts. Knows no library, so that both writers can import it.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple, Self


class Order(NamedTuple):
    what: str
    """bars or rates"""
    into: str
    """Symbol of a security, or code of the quote currency of EUR."""
    rows: int
    percent: int
    form: str = "executemany"
    """Of the baseline's statement: executemany, or values (all rows of a statement in its VALUES)."""

    def to_line(self) -> str:
        return json.dumps(self._asdict())

    @classmethod
    def from_line(cls, line: str) -> Self:
        return cls(**json.loads(line))


def serve(prepare: Callable[[Order], Callable[[], None]]) -> None:
    """Until the input ends: prepare an order, say so, do it when told, and tell the CPU seconds it took."""
    for order in _orders():
        work = prepare(order)
        _say("ready")
        sys.stdin.readline()
        began = time.process_time()
        work()
        _say(str(time.process_time() - began))


def _orders() -> Iterator[Order]:
    while line := sys.stdin.readline():
        yield Order.from_line(line)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
