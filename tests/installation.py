"""The product as its users have it: its commands and its server as processes, on a database of their own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).parent.parent
PASSWORD = "correct horse battery staple"


@dataclass
class Installation:
    folder: Path
    extra_env: Mapping[str, str]
    token: str = ""
    base: str = ""
    staff_password: str = ""
    port: int = 0
    """0: any that is free."""
    _server: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def env(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "REDIS_URL") if name in os.environ}
        own = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": f"sqlite:///{self.folder / 'installation.sqlite3'}",
            "SECRET_KEY": "installation-secret-key-long-enough-for-the-checks",
            "JWT_SIGNING_KEY": "installation-signing-key-long-enough-for-hs256",
            "CACHE_PREFIX": str(self.folder),
            "YAHOO_REQUESTS_PER_SECOND": "200",
            "TIMER": "false",
            "THROTTLE_LOGIN": "1000/min",
            "THROTTLE_SYNC": "1000/min",
        }
        return {**kept, **own, **self.extra_env}

    def start_manage(self, *arguments: str) -> subprocess.Popen[str]:
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return self.start("manage.py", *arguments, **pipes)

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[Any]:
        """Python with these arguments."""
        command = [sys.executable, *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=self.env, **options)  # noqa: S603 - our own command

    def manage(self, *arguments: str) -> tuple[int, str]:
        """(exit status, standard output)."""
        process = self.start_manage(*arguments)
        printed, _errors = process.communicate(timeout=120)
        return process.returncode, printed

    def ask(self, script: str) -> Any:
        """What the script, run in the product's shell, prints as JSON."""
        status, printed = self.manage("shell", "--verbosity", "0", "--command", script)
        assert status == 0, printed
        return json.loads(printed)

    def serve_prepared(self) -> None:
        """What `make run` does. Where there is no demo, people are made by hand."""
        status, printed = self.manage("prepare")
        assert status == 0, printed
        told = re.search(r"staff \(admin\): \S+ +password: (\S+)", printed)
        self.staff_password = told[1] if told else "a long password of staff"
        if told is None:
            shell = (
                "from finances.users.models import User as U; U.objects.create_user('demo@finances.example', None); "
            )
            shell += f"U.objects.create_superuser('staff@finances.example', {self.staff_password!r})"
            assert self.manage("shell", "-c", shell)[0] == 0
        self._start_server()

    def serve(self) -> None:
        """Start the server and log a new user in."""
        self._start_server()
        person = {"email": "someone@example.test", "password": PASSWORD}
        self.call("POST", "/api/v1/auth/register", person)
        self.token = self.call("POST", "/api/v1/auth/login", person)[1]["access_token"]

    def _start_server(self) -> None:
        self.port = self.port or free_port()
        options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)]
        options += ["--workers", "1", "--workers-kill-timeout", "10", "--blocking-threads"]
        command = [sys.executable, "-m", "granian", *options, "8", "--log-level", "error", "config.wsgi:application"]
        self._server = subprocess.Popen(  # noqa: S603 - our own server
            command,
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.base = f"http://127.0.0.1:{self.port}"
        self._wait_until_healthy()

    def restart(self) -> None:
        """Ended, if it has not been killed, as a machine's supervisor ends it, and begun anew on the same port."""
        self.stop()
        self._start_server()

    def stop(self) -> None:
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait(timeout=30)

    def kill(self) -> None:
        """By signal 9, with its worker processes."""
        assert self._server is not None
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait(timeout=30)

    def workers(self) -> list[int]:
        """The processes that answer."""
        assert self._server is not None
        children = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any, dict[str, str]]:
        """(status, JSON body, headers in lower case)."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.base + path, data=data, headers=headers, method=method)  # noqa: S310 - a local server
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=60) as answer:
                return answer.status, json.load(answer), _lower(answer.headers)
        except HTTPError as error:
            with error:
                return error.code, json.load(error), _lower(error.headers)

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if self.call("GET", "/health")[0] == 200:
                    return
            except (URLError, ConnectionError):
                time.sleep(0.1)
        raise AssertionError("the server did not start")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
