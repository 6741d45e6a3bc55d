"""The product under audit: a server on a database of its own, with a person logged in, and calls that are timed."""

import http.client
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, NoReturn
from urllib.parse import urlsplit

from audit.databases import scratch_database
from tests.installation import Installation

ENVIRONMENT = {
    "ACCESS_TOKEN_MINUTES": "1440",
    "EMAIL_URL": "dummymail://",
    "LOG_LEVEL": "ERROR",
    "THROTTLE_ANON": "",
    "THROTTLE_LOGIN": "",
    "THROTTLE_USER": "",
    "YAHOO_BACKEND": "finances.yahoo.offline.OfflineYahoo",
}
API = "/api/v1"
REFUSED = 0
"""The status of a call that nobody answered."""


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    sent_at: float = 0
    seconds: float = 0


@contextmanager
def product(name: str, environment: Mapping[str, str] | None = None) -> Iterator[Installation]:
    """Serving, migrated, with currencies and someone logged in."""
    with tempfile.TemporaryDirectory() as folder, scratch_database(name) as database:
        installation = Installation(Path(folder), {**ENVIRONMENT, "DATABASE_URL": database, **(environment or {})})
        prepare(installation)
        installation.serve()
        try:
            yield installation
        finally:
            installation.stop()


def prepare(installation: Installation) -> None:
    for command in ("migrate", "load_currencies"):
        status, printed = installation.manage(command)
        if status:
            raise SystemExit(f"{command} failed: {printed}")


def ask(
    served: Installation, method: str, path: str, body: object = None, *, token: str | None = None, key: str = ""
) -> Answer:
    """A call over a connection of its own, which no failure raises from."""
    sent_at = time.monotonic()
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {served.token if token is None else token}",
    } | ({"Idempotency-Key": key} if key else {})
    connection = http.client.HTTPConnection(urlsplit(served.base).netloc, timeout=60)
    try:
        connection.request(method, API + path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
        told = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, json.loads(text) if text else None, told)
    except (OSError, http.client.HTTPException):
        answer = Answer(REFUSED)
    finally:
        connection.close()
    answer.sent_at, answer.seconds = sent_at, time.monotonic() - sent_at
    return answer


def make_account(served: Installation, **fields: Any) -> str:
    answer = ask(served, "POST", "/accounts", {"name": "Audited", "account_type": "CHECKING", **fields})
    return str(answer.body["id"])


def transactions_of(served: Installation, account: str) -> Iterator[Any]:
    for skip in count(0, 1000):
        page = ask(served, "GET", f"/accounts/{account}/transactions?limit=1000&skip={skip}").body
        yield from page
        if len(page) < 1000:
            return


@contextmanager
def load(served: Installation, requests: list[tuple[str, str, Any]], *, threads: int = 4) -> Iterator[list[Answer]]:
    """Threads that ask one after the other, over and over, until this ends; what they were answered."""
    answers: list[Answer] = []
    running = True

    def work(first: int) -> None:
        turn = first
        while running:
            answers.append(ask(served, *requests[turn % len(requests)]))
            turn += 1

    workers = [Thread(target=work, args=(at,)) for at in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield answers
    finally:
        running = False
        for worker in workers:
            worker.join()


def failures(answers: list[Answer]) -> list[Answer]:
    """5xx and calls that nobody answered, but for 503 with Retry-After."""
    return [
        answer
        for answer in answers
        if answer.status == REFUSED
        or (answer.status >= 500 and not (answer.status == 503 and answer.headers.get("retry-after", "").isdigit()))
    ]


def conclude(figure: str, *, good: bool) -> NoReturn:
    """One line, and how it ended."""
    print(f"{'ok' if good else 'FAILED'}: {figure}", flush=True)
    sys.exit(0 if good else 1)
