"""CPU seconds from /proc: of a process with all its children, of a database's backends, of Redis."""

import os
from pathlib import Path

import psycopg

TICKS = os.sysconf("SC_CLK_TCK")


class ElsewhereError(Exception):
    """A process that is to be charged does not run on this machine, or not in this container."""


class ClosedError(Exception):
    """A database connection was closed while it was measured: nobody can know what it used."""


def of_process(pid: int) -> float:
    """All its threads, and children that it has waited for."""
    # The name, in parentheses, may hold blanks; utime, stime, cutime and cstime are fields 14 to 17.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


def of_tree(pid: int) -> float:
    return of_process(pid) + sum(of_tree(child) for child in children(pid))


def children(pid: int) -> list[int]:
    lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for text in lists for child in text.split()]


def of_backends(cluster: psycopg.Connection, database: str) -> dict[int, float]:
    """CPU so far of each process that serves a client of `database`."""
    rows = cluster.execute(
        "select pid from pg_stat_activity where datname = %s and backend_type = 'client backend'", [database]
    ).fetchall()
    return {pid: _of_backend(pid) for (pid,) in rows}


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    """What the backends used between the two; one that came meanwhile has used all it has since then.

    Raises ClosedError for one that ended meanwhile.
    """
    if before.keys() - after.keys():
        raise ClosedError
    return sum(used - before.get(pid, 0.0) for pid, used in after.items())


def _of_backend(pid: int) -> float:
    try:
        name = Path(f"/proc/{pid}/comm").read_text()
        # In nanoseconds, of the one thread that a backend is.
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9 if "postgres" in name else _nowhere(pid)
    except FileNotFoundError:
        return _nowhere(pid)


def _nowhere(pid: int) -> float:
    raise ElsewhereError(f"PostgreSQL's process {pid} is not on this machine: its CPU cannot be charged.")
