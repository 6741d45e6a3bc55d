"""PostgreSQL and Redis of one's own, on ports of their own, to stop and start at will."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
BINARIES = str(INSTALLED[-1]) if INSTALLED else ""


def has_postgresql() -> bool:
    """Its programs, and a user to run them as: they refuse to be root."""
    programs = shutil.which("pg_ctl", path=f"{BINARIES}:{os.environ['PATH']}")
    return programs is not None and (os.getuid() != 0 or shutil.which("runuser") is not None)


def has_redis() -> bool:
    return shutil.which("redis-server") is not None


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class PostgreSQL:
    def __init__(self, folder: Path) -> None:
        self.data, self.port = folder / "data", free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        self._run("initdb", "--username", "postgres", "--auth", "trust", "--no-sync", str(self.data))
        self.start()

    def start(self) -> None:
        """Returns when it accepts connections."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.data}"
        self._run("pg_ctl", "start", "--wait", "-D", str(self.data), "-l", str(self.data / "log"), "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """fast: connections are closed; immediate: as in a crash."""
        self._run("pg_ctl", "stop", "--wait", "-D", str(self.data), "-m", mode)

    def _run(self, program: str, *arguments: str) -> None:
        command = [shutil.which(program, path=f"{BINARIES}:{os.environ['PATH']}") or program, *arguments]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/", check=False, timeout=60
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")


@contextmanager
def own_postgresql() -> Iterator[PostgreSQL]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        server = PostgreSQL(folder)
        server.create()
        try:
            yield server
        finally:
            if (server.data / "postmaster.pid").exists():
                server.stop("immediate")


def accepts(server: PostgreSQL) -> bool:
    try:
        psycopg.connect(server.url, connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


class Redis:
    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", "/tmp"]  # noqa: S108
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("redis-server did not start")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()


@contextmanager
def own_redis() -> Iterator[Redis]:
    server = Redis()
    server.start()
    try:
        yield server
    finally:
        server.kill()
