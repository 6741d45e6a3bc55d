"""Both servers as production starts them, each on a port of its own."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

from benchmarks.environment import BASELINE_PYTHON, OURS_PYTHON, ROOT, WORKERS, Environment

START_SECONDS = 60.0
STOP_SECONDS = 15.0


@dataclass(frozen=True)
class Server:
    pid: int
    port: int
    database: str


def ours_command(port: int, workers: int) -> list[str]:
    """The Dockerfile's options."""
    options = {
        "interface": "wsgi", "host": "127.0.0.1", "port": port, "workers": workers, "blocking-threads": 8,
        "workers-kill-timeout": 30, "log-level": "warning",
    }  # fmt: skip
    return [OURS_PYTHON, "-m", "granian", *_flags(options), "config.wsgi:application"]


def baseline_command(port: int) -> list[str]:
    options = {
        "host": "127.0.0.1", "port": port, "workers": WORKERS, "loop": "uvloop", "http": "httptools",
        "timeout-keep-alive": 600,
        "log-level": "warning",
    }  # fmt: skip
    access_log = ["--no-access-log"]
    return [BASELINE_PYTHON, "-m", "uvicorn", *_flags(options), *access_log, "benchmarks.fastapi_baseline.main:app"]


@contextmanager
def ours(environment: Environment, database: str, workers: int = WORKERS) -> Iterator[Server]:
    port = _free_port()
    with running(ours_command(port, workers), environment.of_ours(database)) as pid:
        _wait_until_healthy(port)
        yield Server(pid, port, database)


@contextmanager
def baseline(environment: Environment, database: str) -> Iterator[Server]:
    port = _free_port()
    with running(baseline_command(port), environment.of_baseline(database)) as pid:
        _wait_until_healthy(port)
        yield Server(pid, port, database)


def _flags(options: dict[str, object]) -> list[str]:
    return [part for name, value in options.items() for part in (f"--{name}", str(value))]


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[int]:
    # A session of its own, so that its workers can be stopped with it. Production's log goes to a collector.
    process = subprocess.Popen(  # noqa: S603 - our own commands
        command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_healthy(port: int) -> None:
    """Raises TimeoutError."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"The server on port {port} did not become healthy.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
