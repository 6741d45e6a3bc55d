"""What a request costs the interpreter: calls of Python functions and built-ins, by the package that makes them.

Unlike times they do not stray: what they tell of two versions is true on any machine. It asks one process without a
server, of the databases that `make bench BENCH="--keep"` has left.

python -m benchmarks.calls [--anew]
"""

import argparse
import io
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import psycopg

from benchmarks.client import Request
from benchmarks.dataset import PASSWORD
from benchmarks.endpoints import API, ENDPOINTS, Endpoint, World
from benchmarks.environment import Environment
from benchmarks.size import Size

WARM_UP, COUNTED = 250, 50
"""Requests of each endpoint; the first go through all that the rotation of users and securities asks."""
PACKAGES = ("django", "rest_framework", "redis", "django_redis", "psycopg", "psycopg_pool", "structlog")


class Application:
    """The WSGI application as the server loads it."""

    def __init__(self, environment: dict[str, str]) -> None:
        os.environ.update({**environment, "TIMER": "false", "LOG_LEVEL": "INFO"})
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - requests log to it until the process ends
        from config.wsgi import application  # it reads the environment

        self._application = application

    def ask(self, request: Request) -> bytes:
        """Raises AssertionError unless it answers 200."""
        statuses: list[str] = []
        environ = _environ(request)
        body = b"".join(self._application(environ, lambda status, *_: statuses.append(status)))  # type: ignore[arg-type]
        if statuses != ["200 OK"]:
            raise AssertionError(f"{request.path}: {statuses} {body[:200]!r}")
        return body


def _environ(request: Request) -> dict[str, Any]:
    path, _, query = request.path.partition("?")
    body = b"" if request.body is None else json.dumps(request.body).encode()
    return {
        "REQUEST_METHOD": request.method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000", "HTTP_ACCEPT": "application/json", "HTTP_ACCEPT_ENCODING": "identity",
        "HTTP_AUTHORIZATION": f"Bearer {request.token}", "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }  # fmt: skip


def calls_of(application: Application, requests: Iterator[Request]) -> Counter[str]:
    """By package, of COUNTED requests after the first WARM_UP; built-ins count for the package that calls them."""
    for request in islice(requests, WARM_UP):
        application.ask(request)
    made: Counter[str] = Counter()

    def note(frame: Any, event: str, _argument: Any) -> None:
        if event in ("call", "c_call"):
            made[_package(frame.f_code.co_filename)] += 1

    for request in list(islice(requests, COUNTED)):
        sys.setprofile(note)
        try:
            application.ask(request)
        finally:
            sys.setprofile(None)
    return made


def _package(filename: str) -> str:
    _, _, inside = filename.rpartition("site-packages/")
    name = inside.partition("/")[0]
    if name in PACKAGES:
        return name.removeprefix("django_") if name == "django_redis" else name.removesuffix("_pool")
    return "ours" if filename.startswith(os.getcwd()) and "site-packages" not in filename else "others"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anew", action="store_true", help="no answer is repeated")
    environment = Environment(anew=parser.parse_args().anew)
    database = f"bench_ours_{Size.scaled(1).name}"
    with psycopg.connect(environment.database(database)) as connection:
        world = World.read(connection)
    application = Application(environment.of_ours(database))
    tokens = {email: _log_in(application, email) for email in world.emails}
    for endpoint in ENDPOINTS:
        if endpoint.signed_in:
            print(_row(endpoint, calls_of(application, endpoint.requests(world, tokens))), flush=True)  # noqa: T201


def _log_in(application: Application, email: str) -> str:
    body = application.ask(Request(f"{API}/auth/login", body={"email": email, "password": PASSWORD}))
    return str(json.loads(body)["access_token"])


def _row(endpoint: Endpoint, made: Counter[str]) -> str:
    parts = ", ".join(f"{name} {count / COUNTED:.0f}" for name, count in made.most_common())
    return f"{endpoint.name}: {made.total() / COUNTED:.0f} ({parts})"


if __name__ == "__main__":
    main()
