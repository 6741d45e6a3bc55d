"""The client of both servers: a few kept connections, each in a thread, every body read to its end."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import islice
from threading import Lock
from typing import Any

CONNECTIONS = 4


@dataclass(frozen=True)
class Request:
    path: str
    token: str | None = None
    body: Any = None

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers if self.body is None else {**headers, "Content-Type": "application/json"}


class RefusedError(Exception):
    """An answer other than 200: nothing is measured of a server that fails."""


class Client:
    def __init__(self, port: int) -> None:
        self._connections = [HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(CONNECTIONS)]

    def ask(self, request: Request, connection: int = 0) -> bytes:
        """Raises RefusedError."""
        kept = self._connections[connection]
        kept.request(request.method, request.path, _encoded(request.body), request.headers)
        response = kept.getresponse()
        body = response.read()
        if response.status != 200:
            raise RefusedError(f"{request.method} {request.path}: {response.status} {body[:300]!r}")
        return body

    def run(self, requests: Iterator[Request], *, count: int) -> list[float]:
        """Ask the next `count` requests over all connections; the seconds that each took."""
        lock = Lock()
        wanted: Iterator[Request] = islice(requests, count)

        def take() -> Request | None:
            with lock:
                return next(wanted, None)

        def work(connection: int) -> list[float]:
            seconds = []
            while request := take():
                began = time.perf_counter()
                self.ask(request, connection)
                seconds.append(time.perf_counter() - began)
            return seconds

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            try:
                return [second for part in pool.map(work, range(CONNECTIONS)) for second in part]
            finally:
                # Whoever stops the run, or a request that fails, stops the other threads too.
                wanted = iter(())


def log_in(client: Client, email: str, password: str) -> str:
    """An access token."""
    answer = client.ask(Request("/api/v1/auth/login", body={"email": email, "password": password}))
    return str(json.loads(answer)["access_token"])


def _encoded(body: Any) -> bytes | None:
    return None if body is None else json.dumps(body).encode()
