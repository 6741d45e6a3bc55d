"""PostgreSQL servers of a test's own, on ports of their own: a primary, and a replica that streams from it."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.installation import free_port

ACCOUNT = "postgres"
"""Servers refuse to run as root; then they run as this account."""


@cache
def binaries() -> Path | None:
    """Where this machine has them; None if it has none."""
    found = shutil.which("pg_ctl")
    folders = (
        [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    )
    return folders[0] if folders else None


@dataclass
class Server:
    data: Path
    port: int

    @classmethod
    def made(cls, folder: Path) -> "Server":
        server = cls(_own_folder(folder / "primary"), free_port())
        _run("initdb", "--pgdata", server.data, "--username", ACCOUNT, "--auth", "trust", "--no-sync")
        return server

    def replica(self, folder: Path) -> "Server":
        """A copy of this one, which runs, that follows it once it is started."""
        copy = Server(_own_folder(folder / "replica"), free_port())
        source = f"host=127.0.0.1 port={self.port} user={ACCOUNT}"
        _run("pg_basebackup", "--pgdata", copy.data, "--write-recovery-conf", "--checkpoint", "fast", "--no-sync",
             "--dbname", source)  # fmt: skip
        return copy

    def url(self, database: str = ACCOUNT) -> str:
        return f"postgres://{ACCOUNT}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        _run("pg_ctl", "start", "--wait", "--pgdata", self.data, "--log", self.data / "log", "--options", options)

    def stop(self, mode: str = "immediate") -> None:
        """immediate: as if its processes were killed."""
        _run("pg_ctl", "stop", "--wait", "--pgdata", self.data, "--mode", mode, check=False)


def _own_folder(folder: Path) -> Path:
    """Empty, of the account that runs servers, who may pass through the folders above it."""
    folder.mkdir(mode=0o700, parents=True)
    if os.geteuid() == 0:
        account = pwd.getpwnam(ACCOUNT)
        os.chown(folder, account.pw_uid, account.pw_gid)
        for above in folder.parents:
            if above.stat().st_uid == 0 and above != Path("/") and not above.stat().st_mode & 0o001:
                above.chmod(above.stat().st_mode | 0o011)
    return folder


def _run(program: str, *arguments: Any, check: bool = True) -> None:
    folder = binaries()
    assert folder is not None
    user = ACCOUNT if os.geteuid() == 0 else None
    command = [str(folder / program), *map(str, arguments)]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run(command, check=check, user=user, **quiet)  # noqa: S603 - our own servers
